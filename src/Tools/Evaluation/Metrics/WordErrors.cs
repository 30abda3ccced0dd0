using System.Text;

namespace EdgeRuntime.Tools.Evaluation.Metrics;

/// <summary>How many words are wrong: the least number of words to replace, leave out and put in that turns what was written down into what was said, for each word that was said.</summary>
internal sealed class WordErrors
{
    public int Words { get; private set; }

    public int Replaced { get; private set; }

    public int Missing { get; private set; }

    public int Added { get; private set; }

    /// <summary>Sentences so far, and how many of them are right in all words.</summary>
    public (int All, int Right) Sentences { get; private set; }

    /// <summary>The rate; above 1 when more is written down than was said.</summary>
    public double Rate => Words > 0 ? (double)(Replaced + Missing + Added) / Words : 0;

    /// <summary>Takes in a sentence.</summary>
    public void Add(string said, string written)
    {
        string[] truth = Split(said), found = Split(written);
        (int replaced, int missing, int added) = Compare(truth, found);
        (Words, Replaced, Missing, Added) = (Words + truth.Length, Replaced + replaced, Missing + missing, Added + added);
        Sentences = (Sentences.All + 1, Sentences.Right + (replaced + missing + added == 0 ? 1 : 0));
    }

    /// <summary>Words without case and punctuation; an apostrophe within a word stays.</summary>
    public static string[] Split(string text)
    {
        var words = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i] == '’' ? '\'' : text[i];
            bool within = c == '\'' && i > 0 && i + 1 < text.Length && char.IsLetter(text[i - 1]) && char.IsLetter(text[i + 1]);
            words.Append(char.IsLetterOrDigit(c) || within ? char.ToLowerInvariant(c) : ' ');
        }
        return words.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }

    private static (int Replaced, int Missing, int Added) Compare(string[] truth, string[] found)
    {
        // Each row of the table needs only the one before; each place keeps what its cheapest way is made of.
        var row = new (int Replaced, int Missing, int Added)[found.Length + 1];
        for (int j = 0; j <= found.Length; j++) row[j] = (0, 0, j);
        for (int i = 1; i <= truth.Length; i++)
        {
            (int Replaced, int Missing, int Added) diagonal = row[0];
            row[0] = (0, i, 0);
            for (int j = 1; j <= found.Length; j++)
            {
                (int Replaced, int Missing, int Added) above = row[j], left = row[j - 1];
                (int Replaced, int Missing, int Added) way = diagonal with { Replaced = diagonal.Replaced + (truth[i - 1] == found[j - 1] ? 0 : 1) };
                if (Cost(above) + 1 < Cost(way)) way = above with { Missing = above.Missing + 1 };
                if (Cost(left) + 1 < Cost(way)) way = left with { Added = left.Added + 1 };
                (diagonal, row[j]) = (above, way);
            }
        }
        return row[^1];
    }

    private static int Cost((int Replaced, int Missing, int Added) way) => way.Replaced + way.Missing + way.Added;
}
