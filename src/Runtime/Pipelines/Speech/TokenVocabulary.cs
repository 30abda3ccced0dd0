using System.Globalization;
using System.Text;

namespace EdgeRuntime.Pipelines.Speech;

/// <summary>
/// Texts of the tokens that a model writes, by number, as SentencePiece has them: spaces are written as ▁, bytes that are no text by themselves as &lt;0xHH&gt;, and the first three tokens are
/// control signs (unknown, begin and end of a text).
/// </summary>
/// <param name="texts">A text for each token.</param>
public sealed class TokenVocabulary(IReadOnlyList<string> texts)
{
    private const int FirstText = 3;

    private readonly byte[][] bytes = [.. texts.Select(Bytes)];

    /// <summary>How many tokens there are.</summary>
    public int Count => bytes.Length;

    /// <summary>The text of tokens; control signs and what is beyond the list are left out.</summary>
    public string Decode(ReadOnlySpan<long> tokens)
    {
        var text = new List<byte>();
        foreach (long token in tokens)
            if (token >= FirstText && token < bytes.Length) text.AddRange(bytes[token]);
        return Encoding.UTF8.GetString([.. text]).Trim();
    }

    private static byte[] Bytes(string text) =>
        text.Length == 6 && text.StartsWith("<0x", StringComparison.Ordinal) && byte.TryParse(text.AsSpan(3, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out byte value)
            ? [value] : Encoding.UTF8.GetBytes(text.Replace('▁', ' '));
}
