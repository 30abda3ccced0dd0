using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Verification;

/// <summary>
/// How far one tensor is from another. The relative difference of an element is |a - b| / max(|b|, rms(b), 1e-3), where b is the reference
/// and rms(b) the root mean square of its finite elements: a sum that cancels to nearly nothing is measured against the tensor's scale,
/// since its own size says nothing about its accuracy; and a tensor that is nothing but tiny (probabilities near 0) against 1e-3, so that
/// a tolerance of 1e-4 allows the 1e-7 that ONNX's own tests allow. Equal infinities, and NaN and NaN, differ by nothing; else what is not
/// finite differs infinitely.
/// </summary>
/// <param name="MaxAbsolute">The largest |a - b|.</param>
/// <param name="MaxRelative">The largest relative difference.</param>
internal readonly record struct TensorDifference(double MaxAbsolute, double MaxRelative)
{
    /// <summary>The largest relative difference that float kernels are held to.</summary>
    public const double FloatTolerance = 1e-4;

    private const double Smallest = 1e-3;

    /// <summary>True when floats are within a relative tolerance, and other elements equal.</summary>
    public bool IsWithin(double tolerance, DataType type) => type.IsFloat() ? MaxRelative <= tolerance : MaxAbsolute == 0;

    /// <summary>The difference of a tensor from its reference; both have as many elements.</summary>
    /// <param name="actual">What was computed.</param>
    /// <param name="expected">The reference.</param>
    /// <param name="permutation">How the axes of <paramref name="expected"/> are ordered in <paramref name="actual"/>; null when they are not moved.</param>
    public static TensorDifference Of(TensorView actual, TensorView expected, int[]? permutation = null)
    {
        using Tensor a = Widen(actual), b = Widen(expected);
        Tensor? moved = null;
        if (permutation is not null)
        {
            moved = new Tensor(a.Type);
            new Transpose { Permutation = permutation }.Evaluate([b.View], [moved.View]);
        }
        Span<double> x = a.Span<double>(), y = (moved ?? b).Span<double>();
        double squares = 0;
        int finite = 0;
        foreach (double v in y)
        {
            if (!double.IsFinite(v)) continue;
            squares += v * v;
            finite++;
        }
        double typical = Math.Max(Smallest, finite == 0 ? 0 : Math.Sqrt(squares / finite)), absolute = 0, relative = 0;
        for (int i = 0; i < x.Length; i++)
        {
            if (x[i].Equals(y[i])) continue;
            double difference = Math.Abs(x[i] - y[i]);
            if (!double.IsFinite(difference)) return new TensorDifference(double.PositiveInfinity, double.PositiveInfinity);
            absolute = Math.Max(absolute, difference);
            if (difference > 0) relative = Math.Max(relative, difference / Math.Max(Math.Abs(y[i]), typical));
        }
        moved?.Dispose();
        return new TensorDifference(absolute, relative);
    }

    private static Tensor Widen(TensorView view)
    {
        var wide = new Tensor(new TensorType(DataType.F64, view.Shape));
        new Cast { To = DataType.F64 }.Evaluate([view], [wide.View]);
        return wide;
    }
}
