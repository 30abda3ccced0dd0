using System.Text.RegularExpressions;
using EdgeRuntime.Format;

namespace EdgeRuntime.Tools.Evaluation.Sources;

/// <summary>A file with what is said in sounds beside it, a line for each: words, and the sound's name without extension in parentheses.</summary>
internal static partial class TranscriptionSource
{
    private const int MostBytes = 1 << 26;

    private static readonly string[] Sounds = [".wav", ".flac", ".mp3", ".ogg", ".opus", ".m4a"];

    /// <summary>True for files that are called so.</summary>
    public static bool Knows(string path) => File.Exists(path) && (Path.GetFileName(path).StartsWith("transcription", StringComparison.OrdinalIgnoreCase) || Path.GetExtension(path) is ".transcription" or ".trans");

    /// <summary>Reads such a file. Lines whose sound is not there are left out, as long as there are others.</summary>
    /// <exception cref="Diagnostics.EdgeException">A line is wrong, or no sound is there.</exception>
    public static DataSource Read(string path)
    {
        var problems = new SourceProblems($"'{path}'");
        var samples = new List<Sample>();
        int number = 0, absent = 0;
        foreach (string line in Lines(path, problems))
        {
            number++;
            if (line.Trim().Length == 0) continue;
            Match match = Form().Match(line);
            string name = match.Groups[2].Value;
            if (!match.Success || name.AsSpan().ContainsAny(Path.GetInvalidFileNameChars())) problems.Add($"line {number} is no words with a name in parentheses");
            else if (Sounds.Select(e => Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, name + e)).FirstOrDefault(File.Exists) is { } sound)
                samples.Add(new Sample(Path.GetFileName(sound), new SoundContent(sound), new WordsTruth(match.Groups[1].Value)));
            else absent++;
        }
        if (samples.Count == 0 && problems.Count == 0) problems.Add($"none of the sounds of its {number} lines is beside it");
        problems.ThrowIfAny("A line is <s> the words </s> (name), for name.wav beside it.");
        return new DataSource($"{samples.Count} sounds of {path}{(absent > 0 ? $" ({absent} without sound left out)" : "")}", samples, []);
    }

    private static IEnumerable<string> Lines(string path, SourceProblems problems)
    {
        using FileStream file = RegularFile.OpenRead(path);
        if (file.Length > MostBytes)
        {
            problems.Add($"it has {file.Length:N0} bytes");
            yield break;
        }
        using var reader = new StreamReader(file);
        while (reader.ReadLine() is { } line) yield return line;
    }

    [GeneratedRegex(@"^\s*(?:<s>)?\s*(.*?)\s*(?:</s>)?\s*\(([^()]+)\)\s*$", RegexOptions.NonBacktracking)]
    private static partial Regex Form();
}
