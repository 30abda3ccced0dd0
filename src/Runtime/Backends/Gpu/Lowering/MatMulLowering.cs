using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Gpu.Lowering;

/// <summary>Products of matrices: strides of the operands, constants packed where their columns do not come in fours.</summary>
internal static class MatMulLowering
{
    public static GpuLowering Lower(GpuStep step)
    {
        var op = (MatMul)step.Operator;
        TensorType a = step.InputType(0), b = step.InputType(1), y = step.OutputType();
        if (a.DataType != DataType.F32) return GpuLowering.Reject($"{a.DataType} has no shader for products");
        if (a.Shape.Count == 0 || b.Shape.Count == 0 || y.Shape.Count == 0) return GpuLowering.Reject("there are no elements");
        Shape wideA = a.Shape.Rank == 1 ? new Shape(1, a.Shape[0]) : a.Shape, wideB = b.Shape.Rank == 1 ? new Shape(b.Shape[0], 1) : b.Shape;
        int m = wideA[op.TransposeA ? -1 : -2], k = wideA[op.TransposeA ? -2 : -1], n = wideB[op.TransposeB ? -2 : -1];
        Shape batchA = new(wideA.Span[..^2]), batchB = new(wideB.Span[..^2]), batch = Broadcast.Shapes(batchA, batchB);
        int[] rows = [.. batch.Span, m];

        var left = new ProductOperand(step.Input(0), [.. Walk(batchA, batch, (long)m * k), op.TransposeA ? 1 : k], 0, op.TransposeA ? m : 1);
        var right = new ProductOperand(step.Input(1), [.. Walk(batchB, batch, (long)k * n), 0], op.TransposeB ? k : 1, op.TransposeB ? 1 : n);
        ProductOperand? bias = step.Has(MatMul.Bias) ? Bias(step, a.Shape, b.Shape, new Shape([.. rows, n])) : null;

        // A matrix by a column is a row by the transposed matrix: then neighbouring results are columns, of which kernels compute four at a time.
        if (n == 1 && m > 1)
            return new Product(step, [.. batch.Span, 1], m, k)
            {
                A = right with { Column = 0 },
                B = left with { Rows = [.. left.Rows[..^1], 0], Column = left.Rows[^1] },
                C = bias is null ? null : bias with { Rows = [.. bias.Rows[..^1], 0], Column = bias.Rows[^1] },
                Scale = op.Scale,
                Activation = op.Activation,
            }.Lower();
        if (step.Constant(1) is { } constant && n % 4 != 0) right = Pack(step, constant, op.TransposeB, k, n, Walk(batchB, batch, (long)k * ((n + 3) / 4 * 4)));
        return new Product(step, rows, n, k) { A = left, B = right, C = bias, Scale = op.Scale, Activation = op.Activation }.Lower();
    }

    /// <summary>Strides of a matrix's batch axes in the result's.</summary>
    private static long[] Walk(Shape own, Shape batch, long matrix)
    {
        Span<long> strides = stackalloc long[Shape.MaxRank];
        Broadcast.Strides(own, batch, strides);
        var walk = new long[batch.Rank];
        for (int i = 0; i < walk.Length; i++) walk[i] = strides[i] * matrix;
        return walk;
    }

    /// <summary>The bias in the axes [batch…, M, N] of the wide result; a row or column that is a vector lacks an axis there.</summary>
    private static ProductOperand Bias(GpuStep step, Shape a, Shape b, Shape wide)
    {
        Shape c = step.InputType(MatMul.Bias).Shape;
        // The bias broadcasts to the narrow result; where an operand is a vector, its axis of size 1 is put back.
        Span<int> sizes = stackalloc int[Shape.MaxRank];
        int from = c.Rank - 1;
        for (int axis = wide.Rank - 1; axis >= 0; axis--)
        {
            bool dropped = (axis == wide.Rank - 1 && b.Rank == 1) || (axis == wide.Rank - 2 && a.Rank == 1);
            sizes[axis] = dropped || from < 0 ? 1 : c[from--];
        }
        Span<long> strides = stackalloc long[Shape.MaxRank];
        Broadcast.Strides(new Shape(sizes[..wide.Rank]), wide, strides);
        return new ProductOperand(step.Input(MatMul.Bias), strides[..(wide.Rank - 1)].ToArray(), strides[wide.Rank - 1], 0);
    }

    /// <summary>Constant matrices as [K][N], columns filled up to fours.</summary>
    private static ProductOperand Pack(GpuStep step, TensorView b, bool transposed, int k, int n, long[] batch)
    {
        int width = (n + 3) / 4 * 4, matrices = b.Span<float>().Length / (k * n);
        BufferRef buffer = step.Pack(matrices * k * width, packed =>
        {
            Span<float> from = b.Span<float>();
            for (int i = 0; i < matrices; i++)
                for (int row = 0; row < k; row++)
                    for (int column = 0; column < n; column++)
                        packed[(i * k + row) * width + column] = from[i * k * n + (transposed ? column * k + row : row * n + column)];
        });
        return new ProductOperand(buffer, [.. batch, 0], 1, width);
    }
}
