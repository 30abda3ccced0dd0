using System.Text;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;

namespace EdgeRuntime.Tools.Evaluation.Sources;

/// <summary>A text in UTF-8, in parts: for models that write letter by letter.</summary>
internal static class LetterSource
{
    private const int MostBytes = 1 << 26, Part = 2000;

    /// <summary>True for files that are called as texts are.</summary>
    public static bool Knows(string path) => File.Exists(path) && Path.GetExtension(path).Equals(".txt", StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads a text.</summary>
    /// <exception cref="EdgeException">It is too long, or there is none.</exception>
    public static DataSource Read(string path)
    {
        using FileStream file = RegularFile.OpenRead(path);
        if (file.Length > MostBytes) throw new EdgeException(ErrorCode.CannotRead, $"'{path}' has {file.Length:N0} bytes; at most {MostBytes:N0} are read.", "Divide it.");
        using var reader = new StreamReader(file, Encoding.UTF8);
        string text = reader.ReadToEnd().ReplaceLineEndings("\n");
        var samples = new List<Sample>();
        for (int from = 0; from < text.Length; from += Part)
        {
            string part = text.Substring(from, Math.Min(Part, text.Length - from));
            if (part.Length > 1) samples.Add(new Sample($"letters from {from:N0} on", new TextContent(part), new LettersTruth(part)));
        }
        return samples.Count > 0 ? new DataSource($"{text.Length:N0} letters of {path}", samples, []) : throw new EdgeException(ErrorCode.CannotRead, $"'{path}' holds no text.", "Give a text of two letters at least.");
    }
}
