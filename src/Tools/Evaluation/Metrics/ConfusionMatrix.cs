namespace EdgeRuntime.Tools.Evaluation.Metrics;

/// <summary>How often samples of each class were taken for which, and what follows from that.</summary>
/// <param name="classes">Number of classes.</param>
internal sealed class ConfusionMatrix(int classes)
{
    private const int Several = 5;

    private int best, several;

    /// <summary>Counts: a row for each true class, a column for each that was found.</summary>
    public int[,] Counts { get; } = new int[classes, classes];

    /// <summary>Samples of each class for which no class was found, since their scores are no numbers.</summary>
    public int[] Nothing { get; } = new int[classes];

    /// <summary>Samples so far.</summary>
    public int Samples { get; private set; }

    /// <summary>The share of samples whose best class is the right one.</summary>
    public double Top1 => Share(best, Samples);

    /// <summary>The share of samples whose right class is among the five best.</summary>
    public double Top5 => Share(several, Samples);

    /// <summary>Takes in the scores of a sample. Of equal scores the first counts as best; what is no number is worse than all.</summary>
    public void Add(int truth, ReadOnlySpan<float> scores)
    {
        Samples++;
        int found = -1, better = 0;
        for (int i = 0; i < scores.Length; i++)
        {
            if (float.IsNaN(scores[i])) continue;
            if (found < 0 || scores[i] > scores[found]) found = i;
            if (i != truth && !(scores[i] < scores[truth] || (scores[i] == scores[truth] && i > truth))) better++;
        }
        if (found == truth) best++;
        if (better < Several && !float.IsNaN(scores[truth])) several++;
        if (found < 0) Nothing[truth]++;
        else Counts[truth, found]++;
    }

    /// <summary>What is said of one class. A ratio without a denominator is 0: of a class that was never found nothing is precise.</summary>
    public (int Samples, double Precision, double Recall, double F1) Of(int label)
    {
        int right = Counts[label, label], total = Nothing[label], found = 0;
        for (int i = 0; i < classes; i++) (total, found) = (total + Counts[label, i], found + Counts[i, label]);
        double precision = Share(right, found), recall = Share(right, total);
        return (total, precision, recall, Harmonic(precision, recall));
    }

    /// <summary>The means over all classes that samples are of.</summary>
    public (double Precision, double Recall, double F1) Macro()
    {
        double precision = 0, recall = 0, f1 = 0;
        int seen = 0;
        for (int i = 0; i < classes; i++)
        {
            (int samples, double p, double r, double f) = Of(i);
            if (samples == 0) continue;
            (precision, recall, f1, seen) = (precision + p, recall + r, f1 + f, seen + 1);
        }
        return seen == 0 ? default : (precision / seen, recall / seen, f1 / seen);
    }

    /// <summary>The harmonic mean of two shares.</summary>
    public static double Harmonic(double a, double b) => a + b > 0 ? 2 * a * b / (a + b) : 0;

    private static double Share(int part, int whole) => whole > 0 ? (double)part / whole : 0;
}
