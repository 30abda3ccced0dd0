using EdgeRuntime.Diagnostics;
using EdgeRuntime.Tools.Evaluation.Sources;

namespace EdgeRuntime.Tools.Evaluation.Transcription;

/// <summary>What some other program wrote down, by the sound's name without extension: a table with the columns file and text.</summary>
internal static class Hypotheses
{
    /// <summary>Reads such a table.</summary>
    /// <exception cref="EdgeException">It is none.</exception>
    public static IReadOnlyDictionary<string, string> Read(string path)
    {
        if (!File.Exists(path)) throw new EdgeException(ErrorCode.CannotRead, $"There is no file '{path}'.", "Give a table with the columns file,text.");
        var problems = new SourceProblems($"'{path}'");
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        int file = -1, text = -1;
        foreach ((int line, string[] values) in CsvReader.Rows(path))
        {
            if (file < 0)
            {
                (file, text) = (Array.FindIndex(values, v => v.Equals("file", StringComparison.OrdinalIgnoreCase)), Array.FindIndex(values, v => v.Equals("text", StringComparison.OrdinalIgnoreCase)));
                if (file < 0 || text < 0) throw new EdgeException(ErrorCode.CannotRead, $"'{path}' does not name the columns file and text in its first line.", "Write them there.");
            }
            else if (texts.Count == FolderSource.MostSamples) throw new EdgeException(ErrorCode.CannotRead, $"'{path}' has more than {FolderSource.MostSamples:N0} lines.", "Divide it.");
            else if (values.Length <= Math.Max(file, text)) problems.Add($"line {line} has {values.Length} values");
            else if (!texts.TryAdd(Path.GetFileNameWithoutExtension(values[file]), values[text])) problems.Add($"line {line} names '{values[file]}' again");
        }
        problems.ThrowIfAny("Each line is a sound's name and what is said in it.");
        return texts;
    }
}
