using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>Fills a tensor in order from elements of another that lie apart by strides: the definition of most movements.</summary>
internal ref struct StridedCopy : IBitsAction
{
    private TensorView x, y;
    private Shape walked;
    private ReadOnlySpan<long> strides;
    private long first;

    /// <summary>Copies.</summary>
    /// <param name="x">What is read.</param>
    /// <param name="y">What is filled.</param>
    /// <param name="walked">A shape with as many elements as <paramref name="y"/>, perhaps with its axes split.</param>
    /// <param name="strides">Elements to step in <paramref name="x"/> along each axis of <paramref name="walked"/>.</param>
    /// <param name="first">The element of <paramref name="x"/> to begin with.</param>
    public static void Run(in TensorView x, in TensorView y, in Shape walked, ReadOnlySpan<long> strides, long first = 0)
    {
        var action = new StridedCopy { x = x, y = y, walked = walked, strides = strides, first = first };
        TypeDispatch.Bits(x.DataType, ref action);
    }

    public readonly void Invoke<T>() where T : unmanaged, IEquatable<T>
    {
        Span<T> source = TypeDispatch.View<T>(x), target = TypeDispatch.View<T>(y);
        var walk = new IndexWalk(walked, strides);
        for (int i = 0; walk.Next(); i++) target[i] = source[(int)(first + walk.Offset0)];
    }
}
