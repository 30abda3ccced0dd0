using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Gpu.Lowering;

/// <summary>Operators that only move elements: each is strides to read with, and the kernels of <see cref="CopyLowering"/> do the rest.</summary>
internal static class MovementLowering
{
    /// <summary>Operands of concat_parts.kernel.</summary>
    private const int MostPieces = 4;

    public static GpuLowering Transpose(GpuStep step)
    {
        Shape x = step.InputType(0).Shape;
        int[] permutation = ((Transpose)step.Operator).For(x.Rank);
        Span<long> own = stackalloc long[Shape.MaxRank], strides = stackalloc long[Shape.MaxRank];
        Broadcast.Strides(x, own);
        for (int i = 0; i < permutation.Length; i++) strides[i] = own[permutation[i]];
        return CopyLowering.Lower(step, MovedAxes.Filling(step.OutputType().Shape, strides));
    }

    public static GpuLowering Expand(GpuStep step)
    {
        Span<long> strides = stackalloc long[Shape.MaxRank];
        Broadcast.Strides(step.InputType(0).Shape, step.OutputType().Shape, strides);
        return CopyLowering.Lower(step, MovedAxes.Filling(step.OutputType().Shape, strides));
    }

    public static GpuLowering Slice(GpuStep step)
    {
        if (step.FirstComputed(1) is { } computed) return GpuLowering.Reject($"input {computed} (positions) is computed");
        Span<long> first = stackalloc long[Shape.MaxRank], by = stackalloc long[Shape.MaxRank], strides = stackalloc long[Shape.MaxRank];
        Shape y = ((Slice)step.Operator).Resolve(step.Operands(), first, by);
        Broadcast.Strides(step.InputType(0).Shape, strides);
        long offset = 0;
        for (int axis = 0; axis < y.Rank; axis++)
        {
            offset += first[axis] * strides[axis];
            strides[axis] *= by[axis];
        }
        return CopyLowering.Lower(step, MovedAxes.Filling(y, strides, offset));
    }

    public static GpuLowering Tile(GpuStep step)
    {
        Shape x = step.InputType(0).Shape, y = step.OutputType().Shape;
        Span<long> strides = stackalloc long[Shape.MaxRank], target = stackalloc long[Shape.MaxRank];
        Broadcast.Strides(x, strides);
        Broadcast.Strides(y, target);
        var axes = new List<MovedAxis>();
        for (int i = 0; i < x.Rank; i++)
        {
            axes.Add(new(x[i] == 0 ? 0 : y[i] / x[i], 0, x[i] * target[i]));
            axes.Add(new(x[i], strides[i], target[i]));
        }
        return CopyLowering.Lower(step, MovedAxes.Of(axes));
    }

    public static GpuLowering DepthSpace(GpuStep step)
    {
        var op = (DepthSpace)step.Operator;
        Shape x = step.InputType(0).Shape, y = step.OutputType().Shape;
        long w = x[2], c = x[3], b = op.Block, pixel = x[1] * w * c;
        if (op.Function == DepthSpaceFunction.SpaceToDepth)
            return CopyLowering.Lower(step, MovedAxes.Filling(new Shape(x[0], y[1], y[2], op.Block, op.Block, x[3]), [pixel, b * w * c, b * c, w * c, c, 1]));
        bool columnFirst = op.Function == DepthSpaceFunction.DepthToSpaceColumnFirst;
        long row = columnFirst ? b : b * y[3], column = columnFirst ? 1 : y[3], channel = columnFirst ? b * b : 1;
        return CopyLowering.Lower(step, MovedAxes.Filling(new Shape(x[0], x[1], op.Block, x[2], op.Block, y[3]), [pixel, w * c, row, c, column, channel]));
    }

    public static GpuLowering Concat(GpuStep step)
    {
        TensorType y = step.OutputType();
        int axis = Axis(((Concat)step.Operator).Axis, y.Shape.Rank);
        long rows = y.Shape.Product(0, axis), row = y.Shape.Product(axis, y.Shape.Rank), column = 0;
        var pieces = new (BufferRef, BufferRef, MovedAxes)[step.Inputs];
        for (int i = 0; i < pieces.Length; i++)
        {
            long width = step.InputType(i).Shape.Product(axis, y.Shape.Rank);
            pieces[i] = (step.Input(i), step.Output(), MovedAxes.Of([new(rows, width, row), new(width, 1, 1)], 0, column));
            column += width;
        }
        return y.DataType.Size() == 1 && !Array.TrueForAll(pieces, p => p.Item3.Count == 0 || p.Item3.InWords(1) is not null) ? Bytes(step, axis) : CopyLowering.Lower(step, y, pieces);
    }

    /// <summary>Pieces of bytes whose rows are no whole words: each word of the result is made of what belongs to it.</summary>
    private static GpuLowering Bytes(GpuStep step, int axis)
    {
        Shape y = step.OutputType().Shape;
        int[] pieces = [.. Enumerable.Range(0, step.Inputs).Where(i => step.InputType(i).Shape.Count > 0)];
        if (pieces.Length > MostPieces) return GpuLowering.Reject($"{pieces.Length} pieces of bytes that are no whole words have no shader");
        int row = (int)y.Product(axis, y.Rank), column = 0;
        int[] from = new int[MostPieces];
        for (int i = 0; i < MostPieces; i++)
        {
            from[i] = column;
            if (i < pieces.Length) column += (int)step.InputType(pieces[i]).Shape.Product(axis, y.Rank);
        }
        BufferRef[] inputs = [.. Enumerable.Range(0, MostPieces).Select(i => step.Input(pieces[Math.Min(i, pieces.Length - 1)]))];
        return GpuLowering.To(new GpuCandidate("concat_parts", new Dispatch("concat_parts", [.. inputs, step.Output()], Grid.Linear((y.Count + 3) / 4, QuantizedNumbers.GroupSize, step.Traits.MaxGroups),
            new Grid(QuantizedNumbers.GroupSize), ("COUNT", (int)y.Count), ("ROW", row), ("FROM1", from[1]), ("FROM2", from[2]), ("FROM3", from[3]))));
    }

    public static GpuLowering Split(GpuStep step)
    {
        TensorType x = step.InputType(0);
        int axis = Axis(((Split)step.Operator).Axis, x.Shape.Rank);
        long rows = x.Shape.Product(0, axis), row = x.Shape.Product(axis, x.Shape.Rank), column = 0;
        var pieces = new (BufferRef, BufferRef, MovedAxes)[step.Outputs];
        for (int i = 0; i < pieces.Length; i++)
        {
            long width = step.OutputType(i).Shape.Product(axis, x.Shape.Rank);
            pieces[i] = (step.Input(0), step.Output(i), MovedAxes.Of([new(rows, row, width), new(width, 1, 1)], column));
            column += width;
        }
        return CopyLowering.Lower(step, x, pieces);
    }

    /// <summary>A non-negative axis.</summary>
    public static int Axis(int axis, int rank) => axis < 0 ? axis + rank : axis;
}
