using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;

namespace EdgeRuntime.Tools.Quantizing;

/// <summary>
/// Means and variances of what the weights of a product are multiplied by, as seen in calibration. Rounding a weight shifts the sums by its error times the mean, which the bias can take away; what is left goes with
/// the variance, and says how much the error of each weight matters.
/// </summary>
internal readonly struct InputMoments
{
    private readonly double[] means, variances;
    private readonly int inner, outputsPerGroup;

    private InputMoments(double[] means, double[] variances, int inner, int outputsPerGroup) =>
        (this.means, this.variances, this.inner, this.outputsPerGroup) = (means, variances, inner, outputsPerGroup);

    /// <summary>True when the input was seen.</summary>
    public bool IsKnown => means is not null;

    /// <summary>The moments of a product's input; none where it was not seen, or where outputs take different parts of it.</summary>
    public static InputMoments Of(Node product, ValueStatistics? seen)
    {
        if (seen is null || seen.NotFinite > 0 || product.Operator is not (Conv or MatMul)) return default;
        double[] means = seen.ChannelMeans();
        int width = product.Inputs[0]!.Type.Shape is { IsUnranked: false, Rank: > 0 } shape ? shape[-1] : -1;
        if (means.Length == 0 || means.Length != width) return default;
        return product.Operator is Conv conv
            ? new InputMoments(means, seen.ChannelVariances(), product.Inputs[1]!.Type.Shape[-1], product.Inputs[1]!.Type.Shape[0] / conv.Groups)
            : new InputMoments(means, seen.ChannelVariances(), width, int.MaxValue);
    }

    /// <summary>How much the error of each weight of an output matters; empty where that is unknown.</summary>
    public float[] Importance(int output, int count)
    {
        if (!IsKnown) return [];
        float[] importance = new float[count];
        double sum = 0;
        for (int i = 0; i < count; i++) sum += importance[i] = (float)variances[Channel(output, i)];
        // What never changed may do so in other pictures.
        for (int i = 0; i < count; i++) importance[i] = sum > 0 ? (float)(importance[i] / sum * count) + 0.05f : 1;
        return importance;
    }

    /// <summary>The mean square of what a weight of an output is multiplied by; 1 where that is unknown.</summary>
    public double Energy(int output, int index) => IsKnown && Channel(output, index) is var at ? variances[at] + means[at] * means[at] : 1;

    /// <summary>What the rounded weights of an output add to its sums on average.</summary>
    public double MeanError(int output, ReadOnlySpan<float> weights, ReadOnlySpan<sbyte> integers, float scale)
    {
        double sum = 0;
        for (int i = 0; IsKnown && i < weights.Length; i++) sum += (integers[i] * (double)scale - weights[i]) * means[Channel(output, i)];
        return sum;
    }

    private int Channel(int output, int index) => output / outputsPerGroup * inner + index % inner;
}
