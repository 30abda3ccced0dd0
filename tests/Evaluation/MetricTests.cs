using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Evaluation.Metrics;
using Xunit;

namespace EdgeRuntime.Tests.Evaluation;

/// <summary>Metrics against numbers computed by hand.</summary>
public class MetricTests
{
    [Fact]
    public void Precision_recall_and_f1_of_three_classes()
    {
        var matrix = new ConfusionMatrix(3);
        // True class and found class: of class 0 two are right and one is taken for 1; class 1 is right once; of class 2 one is right and one taken for 0.
        foreach ((int truth, int found) in new[] { (0, 0), (0, 0), (0, 1), (1, 1), (2, 2), (2, 0) })
            matrix.Add(truth, [found == 0 ? 1 : 0, found == 1 ? 1 : 0, found == 2 ? 1 : 0]);
        Assert.Equal(4.0 / 6, matrix.Top1, 12);
        Assert.Equal(1, matrix.Top5);
        Assert.Equal((3, 2.0 / 3, 2.0 / 3, 2.0 / 3), matrix.Of(0));
        Assert.Equal((1, 0.5, 1, 2.0 / 3), matrix.Of(1));
        Assert.Equal((2, 1, 0.5, 2.0 / 3), matrix.Of(2));
        (double precision, double recall, double f1) = matrix.Macro();
        Assert.Equal((2.0 / 3 + 0.5 + 1) / 3, precision, 12);
        Assert.Equal((2.0 / 3 + 1 + 0.5) / 3, recall, 12);
        Assert.Equal(2.0 / 3, f1, 12);
        Assert.Equal(new[,] { { 2, 1, 0 }, { 0, 1, 0 }, { 1, 0, 1 } }, matrix.Counts);
    }

    [Fact]
    public void Equal_scores_and_what_is_no_number()
    {
        var matrix = new ConfusionMatrix(7);
        matrix.Add(1, [0.5f, 0.5f, 0, 0, 0, 0, 0]);
        Assert.Equal(0, matrix.Top1);
        Assert.Equal(1, matrix.Top5);
        // All are equal: the sixth is behind five others.
        matrix.Add(5, [1, 1, 1, 1, 1, 1, 1]);
        Assert.Equal(0.5, matrix.Top5);
        matrix.Add(0, [float.NaN, float.NaN, float.NaN, float.NaN, float.NaN, float.NaN, float.NaN]);
        matrix.Add(2, [float.NaN, float.NaN, float.NegativeInfinity, float.NaN, float.NaN, float.NaN, float.NaN]);
        Assert.Equal(0.25, matrix.Top1);
        Assert.Equal(0.5, matrix.Top5);
        Assert.Equal(1, matrix.Nothing[0]);
        Assert.Equal(4, matrix.Samples);
        Assert.Equal((1, 0, 0, 0), matrix.Of(0) with { Precision = 0 });
    }

    [Fact]
    public void Area_and_shares_at_a_threshold()
    {
        var scores = new RankedScores();
        foreach ((float score, bool truth) in new[] { (0.9f, true), (0.8f, false), (0.7f, true), (0.7f, false), (0.1f, false) }) scores.Add(score, truth);
        // Of six pairs: 0.9 is above all three; 0.7 is below 0.8, level with 0.7 and above 0.1.
        Assert.Equal((3 + 0 + 0.5 + 1) / 6, scores.Area(), 12);
        Assert.Equal((0.5, 1, 0.6), scores.At(0.7));
        Assert.Equal((1, 0.5, 0.8), scores.At(0.85));
        Assert.Equal((0, 0, 0.6), scores.At(2));
        Assert.Equal([(0, 0), (0, 0.5), (1.0 / 3, 0.5), (2.0 / 3, 1), (1, 1)], scores.Curve());
        var one = new RankedScores();
        one.Add(1, true);
        Assert.True(double.IsNaN(one.Area()));
    }

    [Theory]
    [InlineData("And so, my fellow Americans!", "and so my fellow americans", 0, 0, 0)]
    [InlineData("don't stop", "dont stop", 1, 0, 0)]
    [InlineData("the cat sat on the mat", "the cat on a mat", 1, 1, 0)]
    [InlineData("one two", "one or two or three", 0, 0, 3)]
    [InlineData("a b c", "", 0, 3, 0)]
    [InlineData("", "a", 0, 0, 1)]
    [InlineData("it’s 'quoted' here", "it's quoted here", 0, 0, 0)]
    public void Words_that_are_wrong(string said, string written, int replaced, int missing, int added)
    {
        var errors = new WordErrors();
        errors.Add(said, written);
        Assert.Equal((replaced, missing, added), (errors.Replaced, errors.Missing, errors.Added));
        Assert.Equal(errors.Words == 0 ? 0 : (double)(replaced + missing + added) / WordErrors.Split(said).Length, errors.Rate, 12);
        Assert.Equal((1, replaced + missing + added == 0 ? 1 : 0), errors.Sentences);
    }

    [Fact]
    public void Likeness_of_outputs()
    {
        using Tensor reference = Tensor.Vector<float>(3, 4, float.PositiveInfinity), candidate = Tensor.Vector<float>(3, 3, float.PositiveInfinity);
        var likeness = new OutputLikeness();
        likeness.Add(reference.View, candidate.View);
        Assert.Equal(21 / Math.Sqrt(25 * 18), likeness.Cosine, 12);
        Assert.Equal(1, likeness.MaxAbsolute);
        Assert.Equal(10 * Math.Log10(25), likeness.SignalToNoise, 12);
        using Tensor whole = Tensor.Vector<int>(1, 2), same = Tensor.Vector<int>(1, 2);
        var integers = new OutputLikeness();
        integers.Add(whole.View, same.View);
        Assert.Equal((1, 0, double.PositiveInfinity), (integers.Cosine, integers.MaxAbsolute, integers.SignalToNoise));
        using Tensor broken = Tensor.Vector<float>(3, float.NaN, 1);
        likeness.Add(reference.View, broken.View);
        Assert.Equal(double.PositiveInfinity, likeness.MaxAbsolute);
        Assert.Equal(double.NegativeInfinity, likeness.SignalToNoise);
    }
}
