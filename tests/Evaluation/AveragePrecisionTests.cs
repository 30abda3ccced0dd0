using EdgeRuntime.Tools.Evaluation;
using Xunit;

namespace EdgeRuntime.Tests.Evaluation;

/// <summary>Average precision in cases worked out by hand, and against a slow definition that shares no code with it.</summary>
public class AveragePrecisionTests
{
    private static readonly TrueBox Here = new(0, 0, 10, 10, 0), There = new(100, 0, 10, 10, 0);

    [Fact]
    public void What_is_found_as_it_is_has_a_precision_of_one()
    {
        AveragePrecision precision = Of(([Here, There], [Found(Here, 0.9f), Found(There, 0.8f)]));
        Assert.Equal(1, precision.At50);
        Assert.Equal(1, precision.At50To95);
    }

    [Fact]
    public void A_box_that_is_not_found_ends_the_curve()
    {
        // One of two found: precision is 1 up to a recall of 0.5, which is 51 of the 101 recalls, and 0 beyond.
        Assert.Equal(51 / 101.0, Of(([Here, There], [Found(Here, 0.9f)])).At50, 12);
    }

    [Fact]
    public void A_wrong_box_between_two_right_ones_lowers_what_comes_after()
    {
        // Right, wrong, right: precisions 1, 1/2, 2/3 at recalls 0.5, 0.5, 1; the envelope is 1 up to 0.5 and 2/3 beyond.
        AveragePrecision precision = Of(([Here, There], [Found(Here, 0.9f), new FoundBox(50, 50, 5, 5, 0, 0.8f), Found(There, 0.7f)]));
        Assert.Equal((51 + 50 * 2 / 3.0) / 101, precision.At50, 12);
        // The same from another picture, and given in another order.
        precision = Of(([There], [Found(There, 0.7f)]), ([Here], [new FoundBox(50, 50, 5, 5, 0, 0.8f), Found(Here, 0.9f)]));
        Assert.Equal((51 + 50 * 2 / 3.0) / 101, precision.At50, 12);
    }

    [Fact]
    public void A_wrong_box_that_comes_last_costs_nothing() =>
        Assert.Equal(1, Of(([Here, There], [Found(Here, 0.9f), Found(There, 0.8f), new FoundBox(50, 50, 5, 5, 0, 0.7f)])).At50);

    [Fact]
    public void A_second_box_on_the_same_thing_is_wrong()
    {
        AveragePrecision precision = Of(([Here, There], [Found(Here, 0.9f), Found(Here, 0.8f), Found(There, 0.7f)]));
        Assert.Equal((51 + 50 * 2 / 3.0) / 101, precision.At50, 12);
    }

    [Fact]
    public void A_box_that_is_off_is_right_up_to_its_overlap()
    {
        // 10x10 against 10x8 within: an overlap of 0.8, so seven of the ten thresholds, 0.50 to 0.80.
        AveragePrecision precision = Of(([Here], [new FoundBox(0, 0, 10, 8, 0, 0.9f)]));
        Assert.Equal(1, precision.At50);
        Assert.Equal(0.7, precision.At50To95, 12);
        Assert.Equal(0, Of(([Here], [new FoundBox(0, 0, 10, 4.9, 0, 0.9f)])).At50);
        Assert.Equal(1, Of(([Here], [new FoundBox(0, 0, 10, 5, 0, 0.9f)])).At50);
    }

    [Fact]
    public void Classes_count_alike_however_many_boxes_they_have()
    {
        TrueBox other = There with { Label = 7 };
        AveragePrecision precision = Of(([Here, There, other], [Found(Here, 0.9f), Found(There, 0.8f), Found(Here, 0.7f) with { Label = 7 }]));
        Assert.Equal(0.5, precision.At50, 12);
        Assert.Equal([new ClassPrecision(0, 2, 1, 1), new ClassPrecision(7, 1, 0, 0)], precision.Classes);
        // What is found of a class that is nowhere does not count.
        Assert.Equal(1, Of(([Here], [Found(Here, 0.5f), Found(There, 0.9f) with { Label = 3 }])).At50);
    }

    [Fact]
    public void Without_true_boxes_there_is_no_number()
    {
        Assert.Equal(double.NaN, new AveragePrecision().At50);
        AveragePrecision precision = Of(([], [Found(Here, 0.9f)]));
        Assert.Equal(double.NaN, precision.At50To95);
        Assert.Empty(precision.Classes);
        Assert.Equal(0, Of(([Here], [])).At50);
    }

    [Fact]
    public void Ignored_boxes_and_crowds_are_neither_right_nor_wrong()
    {
        var crowd = new TrueBox(200, 0, 100, 100, 0, TrueBoxKind.Crowd);
        // Two small boxes within the crowd: over the union their overlap is nothing.
        AveragePrecision precision = Of(([crowd, Here], [new FoundBox(210, 10, 10, 10, 0, 0.9f), new FoundBox(240, 10, 10, 10, 0, 0.8f), Found(Here, 0.5f)]));
        Assert.Equal(1, precision.At50);
        // An ignored box takes one detection; the second one is wrong.
        TrueBox ignored = There with { Kind = TrueBoxKind.Ignored };
        Assert.Equal(1, Of(([ignored, Here], [Found(There, 0.9f), Found(Here, 0.5f)])).At50);
        Assert.Equal(0.5, Of(([ignored, Here], [Found(There, 0.9f), Found(There, 0.8f), Found(Here, 0.5f)])).At50, 12);
        // One that counts is preferred, though the crowd overlaps more.
        var around = new TrueBox(0, 0, 12, 12, 0, TrueBoxKind.Crowd);
        Assert.Equal(1, Of(([around, Here], [new FoundBox(0, 0, 10, 9, 0, 0.9f)])).At50);
    }

    [Fact]
    public void Only_the_best_hundred_of_a_picture_count()
    {
        FoundBox[] wrong = [.. Enumerable.Range(0, 100).Select(i => new FoundBox(1000 + 20 * i, 0, 10, 10, 0, 0.9f))];
        Assert.Equal(0, Of(([Here], [.. wrong, Found(Here, 0.5f)])).At50);
        Assert.Equal(0.01, Of(([Here], [.. wrong[1..], Found(Here, 0.5f)])).At50, 12);
    }

    [Fact]
    public void Random_boxes_have_what_the_slow_definition_says()
    {
        var random = new Random(7);
        for (int round = 0; round < 30; round++)
        {
            var pictures = new (TrueBox[] Truth, FoundBox[] Found)[random.Next(1, 9)];
            for (int i = 0; i < pictures.Length; i++) pictures[i] = Picture(random);
            AveragePrecision precision = Of(pictures);
            Assert.Equal(SlowDefinition.Mean(pictures, [0.5]), precision.At50, 9);
            Assert.Equal(SlowDefinition.Mean(pictures, [.. Enumerable.Range(0, 10).Select(AveragePrecision.Threshold)]), precision.At50To95, 9);
        }
    }

    private static (TrueBox[] Truth, FoundBox[] Found) Picture(Random random)
    {
        var truth = new TrueBox[random.Next(12)];
        for (int i = 0; i < truth.Length; i++)
            truth[i] = new TrueBox(random.Next(60), random.Next(60), random.Next(5, 40), random.Next(5, 40), random.Next(3), (TrueBoxKind)Math.Max(0, random.Next(8) - 5));
        var found = new List<FoundBox>();
        for (int i = 0; i < truth.Length; i++)
            for (int copies = random.Next(3); copies > 0; copies--)
            {
                double Shift() => random.NextDouble() * 6 - 3;
                // Few different scores, so that some are equal.
                found.Add(new FoundBox(truth[i].X + Shift(), truth[i].Y + Shift(), truth[i].Width + Shift(), truth[i].Height + Shift(), random.Next(10) > 0 ? truth[i].Label : random.Next(3), random.Next(20) / 20f));
            }
        for (int i = random.Next(4); i > 0; i--) found.Add(new FoundBox(random.Next(60), random.Next(60), 10, 10, random.Next(3), random.NextSingle()));
        return (truth, [.. found]);
    }

    private static AveragePrecision Of(params (TrueBox[] Truth, FoundBox[] Found)[] pictures)
    {
        var precision = new AveragePrecision();
        foreach ((TrueBox[] truth, FoundBox[] found) in pictures) precision.Add(truth, found);
        return precision;
    }

    private static FoundBox Found(TrueBox box, float score) => new(box.X, box.Y, box.Width, box.Height, box.Label, score);

    /// <summary>The definition step by step, without sorting out what is needed twice.</summary>
    private static class SlowDefinition
    {
        public static double Mean((TrueBox[] Truth, FoundBox[] Found)[] pictures, double[] thresholds)
        {
            int[] labels = [.. pictures.SelectMany(p => p.Truth).Where(t => t.Kind == TrueBoxKind.Counted).Select(t => t.Label).Distinct()];
            return labels.Length == 0 ? double.NaN : labels.Average(label => thresholds.Average(threshold => Precision(pictures, label, threshold)));
        }

        private static double Precision((TrueBox[] Truth, FoundBox[] Found)[] pictures, int label, double threshold)
        {
            var judged = new List<(float Score, bool Right)>();
            foreach ((TrueBox[] truth, FoundBox[] found) in pictures)
            {
                var free = truth.Where(t => t.Label == label).Select((Box, Index) => (Box, Index)).ToList();
                foreach (FoundBox box in found.Where(f => f.Label == label).OrderByDescending(f => f.Score).Take(100))
                {
                    var near = free.Where(t => box.Overlap(t.Box) >= threshold - 1e-10).ToList();
                    // Among those that count the one that overlaps most, else among the others; of equal ones the last.
                    var counted = near.Where(t => t.Box.Kind == TrueBoxKind.Counted).ToList();
                    if (counted.Count > 0)
                    {
                        free.Remove(counted.OrderBy(t => box.Overlap(t.Box)).ThenBy(t => t.Index).Last());
                        judged.Add((box.Score, true));
                    }
                    else if (near.Count > 0)
                    {
                        var taken = near.OrderBy(t => box.Overlap(t.Box)).ThenBy(t => t.Index).Last();
                        if (taken.Box.Kind == TrueBoxKind.Ignored) free.Remove(taken);
                    }
                    else
                    {
                        judged.Add((box.Score, false));
                    }
                }
            }
            int all = pictures.Sum(p => p.Truth.Count(t => t.Label == label && t.Kind == TrueBoxKind.Counted));
            (float Score, bool Right)[] sorted = [.. judged.OrderByDescending(j => j.Score)];
            double sum = 0;
            for (int i = 0; i <= 100; i++)
            {
                double best = 0;
                for (int n = 1; n <= sorted.Length; n++)
                {
                    int right = sorted[..n].Count(j => j.Right);
                    if ((double)right / all >= Math.Min(i * 0.01, 1)) best = Math.Max(best, (double)right / n);
                }
                sum += best;
            }
            return sum / 101;
        }
    }
}
