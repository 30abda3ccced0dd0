using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Gpu.Lowering;

/// <summary>Padding, and the other operators whose results lie partly outside of what they read.</summary>
internal static class PadLowering
{
    /// <summary>Elements of a matrix that a table may name one by one.</summary>
    private const int LargestMatrix = 1 << 22;

    public static GpuLowering Pad(GpuStep step)
    {
        var op = (Pad)step.Operator;
        if (step.FirstComputed(1) is { } computed) return GpuLowering.Reject($"input {computed} is computed");
        Shape x = step.InputType(0).Shape, y = step.OutputType().Shape;
        if (op.Resolve(step.Operands()) is not { } pads) return GpuLowering.Reject("the pads are not known");
        Span<long> strides = stackalloc long[Shape.MaxRank];
        Broadcast.Strides(x, strides);
        var axes = new LookedUpAxis[x.Rank];
        for (int i = 0; i < axes.Length; i++)
        {
            axes[i] = new(y[i], strides[i]);
            if (pads[i] == 0 && pads[i + x.Rank] == 0) continue;
            int[] table = new int[y[i]];
            for (int at = 0; at < table.Length; at++) table[at] = op.Inside(at - pads[i], x[i]) is >= 0 and var inside ? (int)(inside * strides[i]) : -1;
            axes[i] = new(y[i], 0, table);
        }
        return LookupLowering.Lower(step, axes, Outside(step, op));
    }

    public static GpuLowering Trilu(GpuStep step)
    {
        var op = (Trilu)step.Operator;
        if (step.FirstComputed(1) is not null) return GpuLowering.Reject("the diagonal is computed");
        Shape x = step.InputType(0).Shape;
        int rows = x[-2], columns = x[-1];
        if ((long)rows * columns > LargestMatrix) return GpuLowering.Reject($"a table for {rows} x {columns} elements is too large");
        long diagonal = step.Has(1) ? step.Operands()[1].Integers()![0] : op.Diagonal;
        int[] matrix = new int[rows * columns];
        for (int i = 0; i < matrix.Length; i++)
        {
            long distance = i % columns - i / columns;
            matrix[i] = (op.Upper ? distance >= diagonal : distance <= diagonal) ? i : -1;
        }
        return LookupLowering.Lower(step, [new(x.Product(0, x.Rank - 2), matrix.Length), new(matrix.Length, 0, matrix)]);
    }

    /// <summary>The bits of the constant, as the operator's definition has them.</summary>
    private static ulong Outside(GpuStep step, Pad op)
    {
        if (op.Mode != PadMode.Constant) return 0;
        using var value = new Tensor(new TensorType(step.OutputType().DataType));
        if (step.Has(2)) step.Constant(2)!.Value.Bytes.CopyTo(value.View.Bytes);
        else new Cast { To = value.Type.DataType }.Evaluate([Tensor.Scalar(op.Value).View], [value.View]);
        ulong bits = 0;
        for (int i = value.View.Bytes.Length - 1; i >= 0; i--) bits = (bits << 8) | value.View.Bytes[i];
        return bits;
    }
}
