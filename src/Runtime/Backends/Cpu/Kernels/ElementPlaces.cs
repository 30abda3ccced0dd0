using EdgeRuntime.Diagnostics;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>
/// Where in a tensor each element of a tensor of indices points: at its own position, but for one axis, where the index stands. Positions are
/// counted in rows of the indices' last axis.
/// </summary>
internal sealed unsafe class ElementPlaces
{
    private readonly Operator op;
    private readonly long* wide;
    private readonly int* narrow;
    private readonly int[] sizes;
    private readonly long[] strides;
    private readonly int size;
    private readonly long stride;

    private ElementPlaces(Operator op, in TensorView indices, in Shape pointed, int axis)
    {
        this.op = op;
        wide = indices.DataType == DataType.I64 ? (long*)indices.Data : null;
        narrow = (int*)indices.Data;
        sizes = indices.Shape.Span.ToArray();
        strides = new long[sizes.Length];
        Broadcast.Strides(pointed, strides);
        (size, stride) = (pointed[axis], strides[axis]);
        strides[axis] = 0;
        Count = indices.Shape.Count;
        Columns = sizes[^1];
        ColumnStep = strides[^1];
    }

    /// <summary>Number of indices.</summary>
    public long Count { get; }

    /// <summary>Length of a row.</summary>
    public long Columns { get; }

    /// <summary>Elements from one column to the next, the index left out.</summary>
    public long ColumnStep { get; }

    /// <summary>The places that input 1 of a step names in input 0; null when there are none, or for indices of another type.</summary>
    public static ElementPlaces? Of(CpuBinding binding, int axis)
    {
        TensorView indices = binding.Input(1);
        Shape pointed = binding.Input(0).Shape;
        if (indices.Shape.Count == 0 || pointed.Rank == 0 || indices.DataType is not (DataType.I64 or DataType.I32)) return null;
        return new ElementPlaces(binding.Operator, indices, pointed, axis < 0 ? axis + pointed.Rank : axis);
    }

    /// <summary>Where the first column of a row is, the index left out.</summary>
    public long Row(long row)
    {
        long place = 0;
        for (int axis = sizes.Length - 2; axis >= 0; axis--)
        {
            (row, long at) = Math.DivRem(row, sizes[axis]);
            place += at * strides[axis];
        }
        return place;
    }

    /// <summary>What the index with a number adds to the place.</summary>
    public long Index(long at)
    {
        long index = wide != null ? wide[at] : narrow[at];
        if (index < -size || index >= size) throw new EdgeException(ErrorCode.InvalidOperands, $"{op.Name}: index {index} is outside of {size}.");
        return (index < 0 ? index + size : index) * stride;
    }
}
