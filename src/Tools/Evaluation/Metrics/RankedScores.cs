namespace EdgeRuntime.Tools.Evaluation.Metrics;

/// <summary>Scores of what is true and of what is not: how well they part the two, at one threshold and at all.</summary>
internal sealed class RankedScores
{
    private readonly List<(float Score, bool Truth)> scores = [];

    /// <summary>How many there are.</summary>
    public int Count => scores.Count;

    /// <summary>How many of them are of what is true.</summary>
    public int Positives => scores.Count(s => s.Truth);

    /// <summary>Takes in a score; what is no number counts as the lowest.</summary>
    public void Add(float score, bool truth) => scores.Add((float.IsNaN(score) ? float.NegativeInfinity : score, truth));

    /// <summary>Precision, recall and accuracy when scores from the threshold on are taken for true; 0 where there is nothing to divide by.</summary>
    public (double Precision, double Recall, double Accuracy) At(double threshold)
    {
        // As a float: 0.7 of one is less than 0.7 of a double.
        float least = (float)threshold;
        int found = scores.Count(s => s.Score >= least), right = scores.Count(s => s.Score >= least && s.Truth), missed = Positives - right;
        return (found > 0 ? (double)right / found : 0, Positives > 0 ? (double)right / Positives : 0, Count > 0 ? (double)(Count - missed - (found - right)) / Count : 0);
    }

    /// <summary>The chance that what is true scores higher than what is not, equal scores counting half: the area under the curve. NaN where one of the two is missing.</summary>
    public double Area()
    {
        double below = 0, area = 0;
        foreach (IGrouping<float, (float Score, bool Truth)> group in scores.GroupBy(s => s.Score).OrderBy(g => g.Key))
        {
            int positives = group.Count(s => s.Truth), negatives = group.Count() - positives;
            area += positives * (below + negatives / 2.0);
            below += negatives;
        }
        return Positives > 0 && below > 0 ? area / (Positives * below) : double.NaN;
    }

    /// <summary>The share of false ones that is taken for true against the share of true ones that is, at each threshold from the highest on.</summary>
    public IReadOnlyList<(double X, double Y)> Curve()
    {
        int positives = Positives, negatives = Count - positives, right = 0, wrong = 0;
        var points = new List<(double X, double Y)> { (0, 0) };
        if (positives == 0 || negatives == 0) return points;
        foreach (IGrouping<float, (float Score, bool Truth)> group in scores.GroupBy(s => s.Score).OrderByDescending(g => g.Key))
        {
            (right, wrong) = (right + group.Count(s => s.Truth), wrong + group.Count(s => !s.Truth));
            points.Add(((double)wrong / negatives, (double)right / positives));
        }
        return points;
    }
}
