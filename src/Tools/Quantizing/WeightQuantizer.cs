using EdgeRuntime.Operators;

namespace EdgeRuntime.Tools.Quantizing;

/// <summary>
/// Weights as signed 8-bit integers with a scale for each output channel. Weights of products are pair-bounded: neighbours along the inner dimension, as kernels walk it, satisfy
/// |w0| + |w1| ≤ 128, so that the processor's instruction that adds two products of bytes in 16 bits cannot overflow (255 · 128 = 32640).
/// </summary>
internal static class WeightQuantizer
{
    /// <summary>How many scales are tried, down to the share of the widest at which nearly all pairs would be cut off.</summary>
    private const int Steps = 20;

    private const float Narrowest = 0.5f;

    /// <summary>The integers of one output channel.</summary>
    /// <param name="weights">The channel's weights in the order in which kernels walk them.</param>
    /// <param name="scale">The scale; see <see cref="Scale"/>.</param>
    /// <param name="paired">True to bound pairs.</param>
    /// <param name="integers">Gets the integers.</param>
    public static void Round(ReadOnlySpan<float> weights, float scale, bool paired, Span<sbyte> integers)
    {
        for (int i = 0; i < weights.Length; i++) integers[i] = (sbyte)Math.Clamp(Math.Round(weights[i] / (double)scale), -127, 127);
        for (int i = 0; paired && i + 1 < weights.Length; i += 2)
        {
            // Of two numbers that are too large together, the one shrinks that is farther above its real, or else the larger one.
            while (Math.Abs((int)integers[i]) + Math.Abs((int)integers[i + 1]) > PairBound.Limit)
            {
                int at = Excess(i, weights, integers) >= Excess(i + 1, weights, integers) ? i : i + 1;
                integers[at] -= (sbyte)Math.Sign(integers[at]);
            }
        }

        double Excess(int i, ReadOnlySpan<float> reals, Span<sbyte> numbers) => numbers[i] == 0 ? double.NegativeInfinity : Math.Abs((double)numbers[i]) - Math.Abs(reals[i] / (double)scale);
    }

    /// <summary>The smallest scale with which no weight of a channel is cut off; 0 where all are zero.</summary>
    public static float Scale(ReadOnlySpan<float> weights, bool paired)
    {
        double largest = 0, pair = 0;
        for (int i = 0; i < weights.Length; i++) largest = Math.Max(largest, Math.Abs((double)weights[i]));
        for (int i = 0; paired && i + 1 < weights.Length; i += 2) pair = Math.Max(pair, Math.Abs((double)weights[i]) + Math.Abs((double)weights[i + 1]));
        return (float)Math.Max(largest / 127, pair / PairBound.Limit);
    }

    /// <summary>
    /// The scale with which the weights of a channel lose least: the sum of squares of what rounding and cutting off take, each counted by how much it matters. At most that of <see cref="Scale"/>; 0 where all are zero.
    /// </summary>
    /// <param name="weights">The channel's weights in the order in which kernels walk them.</param>
    /// <param name="importance">How much the error of each weight matters, such as the mean square of what it is multiplied by; empty where all matter alike.</param>
    /// <param name="paired">True to bound pairs.</param>
    public static float BestScale(ReadOnlySpan<float> weights, ReadOnlySpan<float> importance, bool paired)
    {
        float widest = Scale(weights, paired), best = widest;
        if (!(widest > 0)) return 0;
        sbyte[] integers = new sbyte[weights.Length];
        double least = Error(weights, importance, widest, paired, integers);
        for (int step = 1; step <= Steps; step++)
        {
            float scale = widest * (1 - step * (1 - Narrowest) / Steps);
            double error = Error(weights, importance, scale, paired, integers);
            if (error < least) (best, least) = (scale, error);
        }
        return best;
    }

    private static double Error(ReadOnlySpan<float> weights, ReadOnlySpan<float> importance, float scale, bool paired, Span<sbyte> integers)
    {
        Round(weights, scale, paired, integers);
        double sum = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            double d = weights[i] - integers[i] * (double)scale;
            sum += d * d * (importance.IsEmpty ? 1 : importance[i]);
        }
        return sum;
    }
}
