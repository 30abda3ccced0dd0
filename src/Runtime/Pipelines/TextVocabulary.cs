using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;

namespace EdgeRuntime.Pipelines;

/// <summary>
/// Turns text into numbers of words: a word is a run of letters, digits, apostrophes and hyphens, in lower case. 0 stands for no word, 1 for one that is not in the vocabulary,
/// 2 and on for those that are, in the order of the model file's property "vocabulary", which has blanks between them.
/// </summary>
internal sealed class TextVocabulary
{
    private const string Property = "vocabulary";

    private const int FirstWord = 2, LongestWord = 64;

    private readonly Dictionary<string, int> numbers = new(StringComparer.Ordinal);

    /// <summary>The vocabulary of a model.</summary>
    /// <exception cref="EdgeException">The model file has none, or a word twice.</exception>
    public TextVocabulary(ModelMetadata metadata)
    {
        string[] words = metadata.SourceProperties.GetValueOrDefault(Property, "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        foreach (string word in words)
        {
            if (!numbers.TryAdd(word, FirstWord + numbers.Count))
                throw new EdgeException(ErrorCode.WrongTask, $"The vocabulary of '{metadata.Name}' has the word '{word}' twice.", "Convert the model again.");
        }
        if (words.Length == 0) throw new EdgeException(ErrorCode.WrongTask, $"'{metadata.Name}' has no vocabulary that turns words into its numbers.", "Convert a model that has the property 'vocabulary'.");
    }

    /// <summary>The number of words, with the two that are none.</summary>
    public int Count => FirstWord + numbers.Count;

    /// <summary>Writes the numbers of the first words of a text, and 0 where there is none.</summary>
    /// <returns>How many words were read, and how many of them are not known.</returns>
    public (int Words, int Unknown) Write(ReadOnlySpan<char> text, Span<long> target)
    {
        target.Clear();
        Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> known = numbers.GetAlternateLookup<ReadOnlySpan<char>>();
        Span<char> word = stackalloc char[LongestWord];
        int words = 0, unknown = 0;
        for (int at = 0; at < text.Length && words < target.Length;)
        {
            int length = 0;
            while (at + length < text.Length && IsPart(text[at + length])) length++;
            if (length > 0)
            {
                bool fits = text.Slice(at, length).ToLowerInvariant(word) == length && known.TryGetValue(word[..length], out _);
                target[words++] = fits ? known[word[..length]] : 1;
                if (!fits) unknown++;
            }
            at += length + 1;
        }
        return (words, unknown);
    }

    private static bool IsPart(char letter) => char.IsAsciiLetterOrDigit(letter) || letter is '\'' or '-';
}
