namespace EdgeRuntime.Tools.Quantizing;

/// <summary>
/// Weights as signed 8-bit integers with a scale for each output channel. Weights of products are pair-bounded: neighbours along the inner dimension, as kernels walk it, satisfy
/// |w0| + |w1| ≤ 128, so that the processor's instruction that adds two products of bytes in 16 bits cannot overflow (255 · 128 = 32640).
/// </summary>
internal static class WeightQuantizer
{
    /// <summary>The largest sum of a pair.</summary>
    public const int PairBound = 128;

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
            while (Math.Abs((int)integers[i]) + Math.Abs((int)integers[i + 1]) > PairBound)
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
        return (float)Math.Max(largest / 127, pair / PairBound);
    }
}
