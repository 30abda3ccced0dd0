using System.Globalization;
using EdgeRuntime.Diagnostics;

namespace EdgeRuntime.Tools.Evaluation.Sources;

/// <summary>
/// A table whose first line names its columns: a file and its label, a file and the text that is said in it, a text and its label, or a label and the numbers that the model takes. Files are beside the table or below.
/// </summary>
internal static class TableSource
{
    private static readonly string[] Files = ["file", "path", "filename", "file_name", "image", "sound", "audio"], Labels = ["label", "class", "category", "target"], Texts = ["text", "transcript", "transcription", "sentence"];

    private const string Remedy = "The first line names the columns: file,label; file,text; text,label; or label and one column for each number.";

    /// <summary>Reads a table.</summary>
    /// <exception cref="EdgeException">It is no such table; all lines that are wrong are named.</exception>
    public static DataSource Read(string path)
    {
        var problems = new SourceProblems($"'{path}'");
        var samples = new List<Sample>();
        var classes = new Dictionary<string, int>(StringComparer.Ordinal);
        string[]? header = null;
        int file = -1, label = -1, text = -1;
        foreach ((int line, string[] values) in CsvReader.Rows(path))
        {
            if (header is null)
            {
                header = values;
                (file, label, text) = (Column(Files), Column(Labels), Column(Texts));
                // Lists of sentences come without names: a label, a tab, and the text.
                bool plain = file < 0 && label < 0 && values.Length == 2 && CsvReader.IsTabbed(path);
                if (plain) (header, label, text) = (["label", "text"], 0, 1);
                else if (file < 0 && label < 0) throw new EdgeException(ErrorCode.CannotRead, $"'{path}' names no column '{Files[0]}' or '{Labels[0]}' in its first line.", Remedy);
                if (!plain) continue;
            }
            if (samples.Count == FolderSource.MostSamples) throw new EdgeException(ErrorCode.CannotRead, $"'{path}' has more than {FolderSource.MostSamples:N0} lines.", "Divide it.");
            if (values.Length != header.Length) problems.Add($"line {line} has {values.Length} values where the first has {header.Length}");
            else if (SampleOf(line, values) is { } sample) samples.Add(sample);
        }
        if (header is null || (samples.Count == 0 && problems.Count == 0)) throw new EdgeException(ErrorCode.CannotRead, $"'{path}' has no samples.", Remedy);
        problems.ThrowIfAny(Remedy);
        return new DataSource($"{samples.Count} lines of {path}", samples, [.. classes.Keys]);

        int Column(string[] names) => Array.FindIndex(header, h => names.Contains(h, StringComparer.OrdinalIgnoreCase));

        Sample? SampleOf(int line, string[] values)
        {
            Truth? truth = null;
            if (label >= 0)
            {
                if (values[label].Length == 0)
                {
                    problems.Add($"line {line} has no label");
                    return null;
                }
                if (!classes.TryGetValue(values[label], out int number)) classes[values[label]] = number = classes.Count;
                truth = new ClassTruth(number);
            }
            else if (text >= 0) truth = new WordsTruth(values[text]);
            if (file < 0 && text >= 0) return new Sample($"line {line}", new TextContent(values[text]), truth);
            if (file < 0) return NumbersOf(line, values, label, problems) is { } numbers ? new Sample($"line {line}", new NumbersContent(numbers), truth) : null;
            return FileIn(path, values[file], $"line {line}", problems) is { } content ? new Sample(values[file], content, truth) : null;
        }
    }

    /// <summary>What a file holds that a set names; null, and a problem, where it is missing, elsewhere, or no sample.</summary>
    public static SampleContent? FileIn(string set, string name, string where, SourceProblems problems)
    {
        // A table from elsewhere must not make us read what is not its own.
        string folder = Path.GetFullPath(Path.GetDirectoryName(Path.GetFullPath(set))!), full = name.Contains('\0') ? folder : Path.GetFullPath(Path.Combine(folder, name));
        if (name.Length == 0 || !full.StartsWith(folder.EndsWith(Path.DirectorySeparatorChar) ? folder : folder + Path.DirectorySeparatorChar, StringComparison.Ordinal)) problems.Add($"{where} names '{name}', which is no file beside it or below");
        else if (!File.Exists(full)) problems.Add($"{where} names '{name}', which is not there");
        else if (SourceReaders.ContentOf(full) is { } content) return content;
        else problems.Add($"{where} names '{name}', which is neither picture nor sound nor .npz");
        return null;
    }

    private static float[]? NumbersOf(int line, string[] values, int label, SourceProblems problems)
    {
        var numbers = new float[values.Length - 1];
        for (int i = 0, at = 0; i < values.Length; i++)
        {
            if (i == label) continue;
            if (!float.TryParse(values[i], NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[at]) || !float.IsFinite(numbers[at]))
            {
                problems.Add($"line {line} has '{values[i]}' for a number");
                return null;
            }
            at++;
        }
        return numbers;
    }
}
