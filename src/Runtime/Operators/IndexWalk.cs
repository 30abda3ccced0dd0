using System.Runtime.CompilerServices;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>
/// Counts through all indices of a shape in row-major order, keeping the offsets of up to three tensors that step by
/// strides of their own. For definitions, not for speed.
/// </summary>
internal ref struct IndexWalk
{
    private readonly Shape shape;
    private readonly ReadOnlySpan<long> strides0, strides1, strides2;
    private Counter counter;
    private long remaining;
    private bool started;

    /// <summary>Starts before the first index. Strides beyond the first may be empty.</summary>
    public IndexWalk(Shape shape, ReadOnlySpan<long> strides0, ReadOnlySpan<long> strides1 = default, ReadOnlySpan<long> strides2 = default)
    {
        this.shape = shape;
        this.strides0 = strides0;
        this.strides1 = strides1;
        this.strides2 = strides2;
        remaining = shape.Count;
    }

    /// <summary>Offsets into the tensors at the current index.</summary>
    public long Offset0, Offset1, Offset2;

    /// <summary>The current index along an axis.</summary>
    public readonly int this[int axis] => counter[axis];

    /// <summary>Goes to the next index; false after the last.</summary>
    public bool Next()
    {
        if (remaining-- <= 0) return false;
        if (!started)
        {
            started = true;
            return true;
        }
        for (int axis = shape.Rank - 1; axis >= 0; axis--)
        {
            int size = shape[axis];
            bool wraps = ++counter[axis] == size;
            int steps = wraps ? 1 - size : 1;
            if (!strides0.IsEmpty) Offset0 += steps * strides0[axis];
            if (!strides1.IsEmpty) Offset1 += steps * strides1[axis];
            if (!strides2.IsEmpty) Offset2 += steps * strides2[axis];
            if (!wraps) return true;
            counter[axis] = 0;
        }
        return true;
    }

    [InlineArray(Shape.MaxRank)]
    private struct Counter
    {
        private int first;
    }
}
