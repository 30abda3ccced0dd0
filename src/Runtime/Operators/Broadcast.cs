using EdgeRuntime.Diagnostics;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>
/// Multidirectional broadcasting as NumPy and ONNX define it: shapes are aligned at the right, and a dimension of 1 (or an
/// absent one) repeats.
/// </summary>
internal static class Broadcast
{
    /// <summary>The common shape; dimensions that cannot be told stay unknown.</summary>
    public static Shape Shapes(in Shape a, in Shape b)
    {
        if (a.IsUnranked || b.IsUnranked) return Shape.Unranked;
        int rank = Math.Max(a.Rank, b.Rank);
        Span<int> result = stackalloc int[Shape.MaxRank];
        for (int i = 1; i <= rank; i++)
        {
            int x = i <= a.Rank ? a[-i] : 1, y = i <= b.Rank ? b[-i] : 1;
            result[rank - i] = x == y || y == 1 ? x
                : x == 1 ? y
                : x >= 0 && y >= 0 ? throw new EdgeException(ErrorCode.InvalidOperands, $"The shapes {a} and {b} cannot be broadcast together.")
                : x > 1 ? x : y > 1 ? y : Shape.Unknown;
        }
        return new Shape(result[..rank]);
    }

    /// <summary>
    /// For each dimension of <paramref name="target"/>, how many elements of a tensor of shape <paramref name="source"/> to step; 0 where it repeats.
    /// </summary>
    public static void Strides(in Shape source, in Shape target, Span<long> strides)
    {
        long stride = 1;
        for (int i = 1; i <= target.Rank; i++)
        {
            int size = i <= source.Rank ? source[-i] : 1;
            strides[target.Rank - i] = size == 1 ? 0 : stride;
            stride *= size;
        }
    }

    /// <summary>Row-major strides of a shape, in elements.</summary>
    public static void Strides(in Shape shape, Span<long> strides)
    {
        long stride = 1;
        for (int i = shape.Rank - 1; i >= 0; i--)
        {
            strides[i] = stride;
            stride *= shape[i];
        }
    }
}
