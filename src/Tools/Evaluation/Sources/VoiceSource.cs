using System.Globalization;
using EdgeRuntime.Format;

namespace EdgeRuntime.Tools.Evaluation.Sources;

/// <summary>Sounds with the times at which somebody speaks, in a file .scv beside each: its name, then start and end in seconds and 1 for speech or 0, again and again.</summary>
internal static class VoiceSource
{
    private const string Labels = "*.scv";

    private const int MostBytes = 1 << 24;

    private static readonly string[] Sounds = [".wav", ".flac", ".mp3", ".ogg", ".opus", ".m4a"];

    /// <summary>True for a folder with such files, and for one of them.</summary>
    public static bool Knows(string path) => Directory.Exists(path) ? Directory.EnumerateFiles(path, Labels).Any() : File.Exists(path) && Path.GetExtension(path) == ".scv";

    /// <summary>Reads a folder, or one file.</summary>
    /// <exception cref="Diagnostics.EdgeException">A file of labels is wrong or has no sound.</exception>
    public static DataSource Read(string path)
    {
        var problems = new SourceProblems($"'{path}'");
        var samples = new List<Sample>();
        string[] files = File.Exists(path) ? [path] : [.. Directory.GetFiles(path, Labels).Order(StringComparer.Ordinal)];
        foreach (string file in files)
        {
            string name = Path.GetFileNameWithoutExtension(file);
            string? sound = Sounds.Select(e => Path.ChangeExtension(file, e)).FirstOrDefault(File.Exists);
            if (sound is null) problems.Add($"'{name}.scv' has no sound beside it");
            else if (SpansOf(file, name, problems) is { } spans) samples.Add(new Sample(Path.GetFileName(sound), new SoundContent(sound), new SpeechTruth(spans)));
        }
        problems.ThrowIfAny("Each file of labels holds one line: name,start,end,0 or 1,start,end,0 or 1,... in seconds.");
        return new DataSource($"{samples.Count} sounds of {path}", samples, []);
    }

    private static List<SpeechSpan>? SpansOf(string file, string name, SourceProblems problems)
    {
        using FileStream stream = RegularFile.OpenRead(file);
        if (stream.Length > MostBytes)
        {
            problems.Add($"'{name}.scv' has {stream.Length:N0} bytes");
            return null;
        }
        using var reader = new StreamReader(stream);
        string[] values = reader.ReadToEnd().Split([',', '\n'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var spans = new List<SpeechSpan>();
        bool whole = values.Length > 1 && values.Length % 3 == 1;
        double before = 0;
        for (int i = 1; whole && i + 2 < values.Length; i += 3)
        {
            whole = Seconds(values[i], out double from) && Seconds(values[i + 1], out double to) && from >= before && to >= from && values[i + 2] is "0" or "1";
            if (whole) spans.Add(new SpeechSpan(from, before = double.Parse(values[i + 1], CultureInfo.InvariantCulture), values[i + 2] == "1"));
            else problems.Add($"'{name}.scv' has {values[i]}, {values[i + 1]}, {values[i + 2]} where start, end and 0 or 1 are expected, in order of time");
        }
        if (values.Length < 2 || values.Length % 3 != 1) problems.Add($"'{name}.scv' has {values.Length} values, which is no name with threes");
        return whole ? spans : null;
    }

    private static bool Seconds(string text, out double value) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && value is >= 0 and < 1e6;
}
