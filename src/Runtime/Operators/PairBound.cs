using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>
/// The bound on weights under which processors multiply bytes fastest and still exactly. The instruction adds two products of a U8 and an I8 number in 16 bits, and saturates; with |w0| + |w1| ≤ 128 for
/// the two weights of a pair, no sum leaves 16 bits, whatever the activations are: 255 · 128 = 32,640.
/// </summary>
/// <remarks>
/// Pairs do not overlap: for each output channel they are the weights 0 and 1, 2 and 3, and so on, of the inner dimension in the order in which kernels walk it, and an odd one at the end is alone. Of a
/// convolution's weight [O, kernel…, C/groups] the inner dimension is all but the first axis, flattened; of a matrix [… K, N] it is K. Whoever makes weights may use the bound or not: kernels look
/// at the weights when they are bound, and results are the same either way.
/// </remarks>
internal static class PairBound
{
    /// <summary>The largest |w0| + |w1|.</summary>
    public const int Limit = 128;

    /// <summary>True when the bound holds for a convolution's I8 weight [O, kernel…, C/groups].</summary>
    public static bool OfConv(in TensorView weight)
    {
        ReadOnlySpan<sbyte> weights = Numbers(weight);
        if (weights.IsEmpty) return weight.DataType == DataType.I8;
        int inner = weights.Length / weight.Shape[0];
        for (int channel = 0; channel < weight.Shape[0]; channel++)
            if (!Holds(weights.Slice(channel * inner, inner), 1)) return false;
        return true;
    }

    /// <summary>True when the bound holds for an I8 matrix [… K, N], as a product's second operand.</summary>
    public static bool OfMatrix(in TensorView weight)
    {
        ReadOnlySpan<sbyte> weights = Numbers(weight);
        if (weights.IsEmpty) return weight.DataType == DataType.I8;
        int columns = weight.Shape[-1], rows = weight.Shape[-2];
        for (int i = 0; i < weights.Length / columns; i += rows)
            for (int row = 0; row + 1 < rows; row += 2)
            {
                // As they lie in memory: a row of first weights, and one of second ones.
                ReadOnlySpan<sbyte> first = weights.Slice((i + row) * columns, columns), second = weights.Slice((i + row + 1) * columns, columns);
                for (int column = 0; column < columns; column++)
                    if (Math.Abs((int)first[column]) + Math.Abs((int)second[column]) > Limit) return false;
            }
        return true;
    }

    /// <summary>True when the bound holds for the weights of one output channel.</summary>
    /// <param name="weights">Weights, of which every <paramref name="step"/>-th is the channel's.</param>
    /// <param name="step">From one to the next.</param>
    public static bool Holds(ReadOnlySpan<sbyte> weights, int step)
    {
        for (long i = 0; i < weights.Length; i += 2L * step)
            if (Math.Abs((int)weights[(int)i]) + (i + step < weights.Length ? Math.Abs((int)weights[(int)(i + step)]) : 0) > Limit) return false;
        return true;
    }

    private static ReadOnlySpan<sbyte> Numbers(in TensorView weight) => weight.DataType == DataType.I8 && weight.Shape.Count > 0 ? weight.Span<sbyte>() : [];
}
