namespace EdgeRuntime.Pipelines;

/// <summary>The best of a row of scores.</summary>
internal static class BestScore
{
    /// <summary>Position of the best score, the first of equal ones; NaN is best only where it is the first.</summary>
    public static int Of(ReadOnlySpan<float> scores)
    {
        int best = 0;
        for (int i = 1; i < scores.Length; i++)
            if (scores[i] > scores[best]) best = i;
        return best;
    }
}
