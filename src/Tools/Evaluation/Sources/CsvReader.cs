using System.Text;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;

namespace EdgeRuntime.Tools.Evaluation.Sources;

/// <summary>Rows of a file of values separated by commas, as RFC 4180 says: values with commas, quotes or line ends stand in quotes. Between tabs quotes mean nothing.</summary>
internal static class CsvReader
{
    private const long MostBytes = 1L << 30;

    private const int MostColumns = 1 << 20, LongestValue = 1 << 16;

    /// <summary>True for files that are called as those with tabs are.</summary>
    public static bool IsTabbed(string path) => Path.GetExtension(path).Equals(".tsv", StringComparison.OrdinalIgnoreCase);

    /// <summary>The rows, one after the other; lines without anything are left out.</summary>
    /// <exception cref="EdgeException">The file is too large, or a quote has no end.</exception>
    public static IEnumerable<(int Line, string[] Values)> Rows(string path)
    {
        char separator = IsTabbed(path) ? '\t' : ',';
        using FileStream file = RegularFile.OpenRead(path);
        if (file.Length > MostBytes) throw Wrong(path, 0, $"the file has {file.Length:N0} bytes; at most {MostBytes:N0} are read");
        using var reader = new StreamReader(file, Encoding.UTF8);
        var values = new List<string>();
        var value = new StringBuilder();
        int line = 1, first = 1;
        bool quoted = false, wasQuoted = false;
        while (true)
        {
            int read = reader.Read();
            if (read < 0 && quoted) throw Wrong(path, first, "a quote has no end");
            if (quoted)
            {
                if (read == '\n') line++;
                if (read != '"') value.Append((char)read);
                else if (reader.Peek() == '"') value.Append((char)reader.Read());
                else quoted = false;
            }
            else if (read == '"' && separator == ',' && value.Length == 0 && !wasQuoted) quoted = wasQuoted = true;
            else if (read == separator || read is '\n' or < 0)
            {
                values.Add(value.ToString().Trim());
                value.Clear();
                if (values.Count > MostColumns) throw Wrong(path, first, $"it has more than {MostColumns:N0} values");
                if (read != separator)
                {
                    if (values.Count > 1 || values[0].Length > 0 || wasQuoted) yield return (first, [.. values]);
                    values.Clear();
                    first = ++line;
                }
                wasQuoted = false;
                if (read < 0) yield break;
            }
            else if (read != '\r') value.Append((char)read);
            if (value.Length > LongestValue) throw Wrong(path, first, $"a value has more than {LongestValue:N0} characters");
        }
    }

    private static EdgeException Wrong(string path, int line, string problem) => new(ErrorCode.CannotRead, $"'{path}'{(line > 0 ? $", line {line}" : "")}: {problem}.", "Save it as comma-separated values in UTF-8.");
}
