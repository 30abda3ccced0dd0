using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Verification;

/// <summary>Collects how far outputs are from the reference's, over all runs of a model.</summary>
internal sealed class OutputComparison
{
    /// <summary>Largest relative difference of floats in a whole model.</summary>
    public const double Tolerance = 1e-3;

    /// <summary>Elements of the reference that are nearer than this to each other, relative to the largest of all, are a tie: either may be the largest.</summary>
    private const double Tie = 1e-5;

    /// <summary>The largest relative difference of floats.</summary>
    public double MaxRelative { get; private set; }

    /// <summary>Whether all other elements were equal; null when there were none.</summary>
    public bool? IntegersEqual { get; private set; }

    /// <summary>Whether the largest elements of rows were in the same places; null when there were no rows.</summary>
    public bool? ArgMaxEqual { get; private set; }

    /// <summary>The first thing that is wrong beyond numbers, such as a shape; null when nothing is.</summary>
    public string? Problem { get; private set; }

    /// <summary>True while all is as it must be.</summary>
    public bool Passed => Problem is null && MaxRelative <= Tolerance && IntegersEqual != false && ArgMaxEqual != false;

    /// <summary>Something went wrong beyond numbers.</summary>
    public void Fail(string problem) => Problem ??= problem;

    /// <summary>Adds one output; true when it is as the reference's.</summary>
    public bool Add(string name, TensorView actual, TensorView expected)
    {
        if (actual.DataType != expected.DataType || actual.Shape != expected.Shape)
        {
            Problem ??= $"output '{name}' is {actual.Type}, the reference's is {expected.Type}";
            return false;
        }
        if (!actual.DataType.IsFloat())
        {
            bool equal = actual.Bytes.SequenceEqual(expected.Bytes);
            IntegersEqual = IntegersEqual != false && equal;
            return equal;
        }
        double difference = TensorDifference.Of(actual, expected).MaxRelative;
        MaxRelative = Math.Max(MaxRelative, difference);
        bool same = true;
        if (expected.Shape is { Rank: > 0, Count: > 0 } shape && RowOf(shape) is > 1 and int width)
        {
            same = SameLargest(actual, expected, width);
            ArgMaxEqual = ArgMaxEqual != false && same;
        }
        return difference <= Tolerance && same;
    }

    /// <summary>Classes are along the last axis; in a map the largest element of all says where something is, and rows mean nothing.</summary>
    private static int RowOf(in Shape shape) => shape.Rank < 4 ? shape[-1] : (int)(shape.Count / Math.Max(1, shape[0]));

    /// <summary>Whether the largest element of each row is in the same place in both.</summary>
    private static bool SameLargest(TensorView actual, TensorView expected, int width)
    {
        using Tensor a = Widen(actual), b = Widen(expected);
        Span<double> x = a.Span<double>(), y = b.Span<double>();
        double scale = 0;
        foreach (double v in y)
            if (double.IsFinite(v)) scale = Math.Max(scale, Math.Abs(v));
        for (int row = 0; row < y.Length; row += width)
        {
            int ours = Largest(x.Slice(row, width)), theirs = Largest(y.Slice(row, width));
            if (ours != theirs && !(Math.Abs(y[row + ours] - y[row + theirs]) <= Tie * scale)) return false;
        }
        return true;
    }

    private static int Largest(ReadOnlySpan<double> row)
    {
        int at = 0;
        for (int i = 1; i < row.Length; i++)
            if (row[i] > row[at]) at = i;
        return at;
    }

    private static Tensor Widen(TensorView view)
    {
        var wide = new Tensor(new TensorType(DataType.F64, view.Shape));
        new Cast { To = DataType.F64 }.Evaluate([view], [wide.View]);
        return wide;
    }
}
