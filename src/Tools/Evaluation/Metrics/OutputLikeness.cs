using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Evaluation.Metrics;

/// <summary>How far an output of one model is from that of another, over all samples: angle, largest difference, and noise.</summary>
internal sealed class OutputLikeness
{
    private double dot, ours, theirs, noise;

    /// <summary>The cosine of the angle between the two; 1 where they point the same way.</summary>
    public double Cosine => ours > 0 && theirs > 0 ? dot / Math.Sqrt(ours * theirs) : ours == theirs ? 1 : 0;

    /// <summary>The largest difference of two elements.</summary>
    public double MaxAbsolute { get; private set; }

    /// <summary>The reference's power over that of the difference, in decibels; infinite where there is none.</summary>
    public double SignalToNoise => noise == 0 ? double.PositiveInfinity : 10 * Math.Log10(theirs / noise);

    /// <summary>Takes in one sample. Elements that are no numbers in both count as equal, in one of them as infinitely far.</summary>
    public void Add(in TensorView reference, in TensorView candidate)
    {
        using Tensor a = Wide(reference), b = Wide(candidate);
        ReadOnlySpan<double> x = a.Span<double>(), y = b.Span<double>();
        for (int i = 0; i < x.Length; i++)
        {
            if (x[i].Equals(y[i]) && !double.IsFinite(x[i])) continue;
            double difference = Math.Abs(x[i] - y[i]);
            if (double.IsNaN(difference)) difference = double.PositiveInfinity;
            MaxAbsolute = Math.Max(MaxAbsolute, difference);
            noise += difference * difference;
            if (double.IsFinite(difference)) (dot, theirs, ours) = (dot + x[i] * y[i], theirs + x[i] * x[i], ours + y[i] * y[i]);
        }
    }

    private static Tensor Wide(in TensorView view)
    {
        var wide = new Tensor(new TensorType(DataType.F64, view.Shape));
        new Cast { To = DataType.F64 }.Evaluate([view], [wide.View]);
        return wide;
    }
}
