using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Gpu.Lowering;

/// <summary>Matrix products of quantized operands: those by one constant matrix are convolutions of pixels, others have a kernel of their own.</summary>
internal static class QuantizedMatMulLowering
{
    private const int GroupSize = 64, MostBatchAxes = 4;

    public static GpuLowering Lower(GpuStep step)
    {
        var product = (MatMul)step.Operator;
        Shape a = step.InputType(0).Shape, b = step.InputType(1).Shape;
        int k = b[-2], n = b[-1];
        return step.Constant(1) is not null && b.Count == (long)k * n ? ByWeights() : Computed(step, product, a, b);

        GpuLowering ByWeights()
        {
            // Positions of gains are beyond the inputs of products. Pixels are the rows of all matrices.
            if (QuantizedOperands.Of(step, product.Result, product.Activation, (1, 1, 1), 3, Transposed, out string reason) is not { } operands) return GpuLowering.Reject(reason);
            if (operands.WritesQuads) return QuantizedConvLowering.Pointwise(step, operands);
            int count = (int)step.OutputType().Shape.Count, rows = count / n;
            return QuantizedConvLowering.WithFours(step, operands, new GpuCandidate("conv_i8_general", operands.Linear("conv_i8_general", (count + 3L) / 4,
                [("COUNT", count), .. ConvLowering.WindowConstants(1, (ConvAxis.None, ConvAxis.None, ConvAxis.None with { Size = rows, Out = rows }), 1)])));
        }

        byte[] Transposed(TensorView weight)
        {
            ReadOnlySpan<byte> from = weight.Bytes;
            byte[] to = new byte[from.Length];
            for (int row = 0; row < k; row++)
                for (int column = 0; column < n; column++) to[column * k + row] = from[row * n + column];
            return to;
        }
    }

    private static GpuLowering Computed(GpuStep step, MatMul product, Shape a, Shape b)
    {
        TensorType typeA = step.InputType(0), typeB = step.InputType(1);
        Shape y = step.OutputType().Shape;
        if (step.Has(MatMul.Bias) && step.Constant(MatMul.Bias) is null) return GpuLowering.Reject("the bias is computed");
        if (a.Count == 0 || b.Count == 0 || y.Count == 0) return GpuLowering.Reject("there are no elements");
        if (Math.Max(a.Count, Math.Max(b.Count, y.Count)) > int.MaxValue - 64) return GpuLowering.Reject("there are more elements than 32 bits can number");
        if (QuantizedSums.Rejection(a[-1]) is { } tooLong) return GpuLowering.Reject(tooLong);
        if (QuantizedSums.Of(step, product.Result, product.Activation, 3, out string reason) is not { } sums) return GpuLowering.Reject(reason);
        int m = a.Rank > 1 ? a[-2] : 1, k = a[-1], n = b[-1];
        Shape batchA = a.Rank > 2 ? new Shape(a.Span[..^2]) : new Shape([]), batchB = b.Rank > 2 ? new Shape(b.Span[..^2]) : new Shape([]), batch = Broadcast.Shapes(batchA, batchB);
        if (batch.Rank > MostBatchAxes) return GpuLowering.Reject("more than four axes number the matrices");
        Span<long> stridesA = stackalloc long[Shape.MaxRank], stridesB = stackalloc long[Shape.MaxRank];
        Broadcast.Strides(batchA, batch, stridesA);
        Broadcast.Strides(batchB, batch, stridesB);
        int matrices = (int)batch.Count, count = (int)y.Count;
        bool flipsA = typeA.DataType == DataType.I8, flipsB = typeB.DataType == DataType.I8;

        int[]? bias = step.Has(MatMul.Bias) ? step.Constant(MatMul.Bias)!.Value.Span<int>().ToArray() : null;
        Quantization quantization = typeB.Quantization!;
        BufferRef channel = step.PackIntegers((n + 3) / 4 * 4 * QuantizedSums.Vectors, table =>
        {
            for (int o = 0; o < n; o++)
                sums.Write(table, o, o, bias is null ? 0 : bias[bias.Length == 1 ? 0 : o], quantization.ZeroPoints[quantization.ZeroPoints.Length == 1 ? 0 : o] + (flipsB ? 128 : 0));
        });
        var constants = new List<KernelConstant>(sums.Constants())
        {
            ("COUNT", count), ("M", m), ("N", n), ("K", k), ("MATRICES", matrices), ("FLIP", flipsA ? unchecked((int)0x80808080) : 0), ("FLIP_B", flipsB ? unchecked((int)0x80808080) : 0),
            ("ZERO_A", typeA.Quantization!.ZeroPoints[0] + (flipsA ? 128 : 0)),
        };
        for (int i = 0; i < MostBatchAxes; i++)
        {
            int axis = i - (MostBatchAxes - batch.Rank);
            if (i > 0) constants.Add(($"BATCH{i}", axis >= 0 ? batch[axis] : 1));
            constants.Add(($"A_BATCH{i}", axis >= 0 ? (int)(stridesA[axis] * m * k) : 0));
            constants.Add(($"B_BATCH{i}", axis >= 0 ? (int)(stridesB[axis] * k * n) : 0));
        }
        if (n % 4 != 0) return GpuLowering.To(Candidate(0, (count + 3L) / 4));
        return m > 1 ? GpuLowering.To(Candidate(4, Tiles(4)), Candidate(1, Tiles(1))) : GpuLowering.To(Candidate(1, Tiles(1)));

        long Tiles(int rows) => (long)matrices * ((m + rows - 1) / rows) * (n / 4);

        GpuCandidate Candidate(int rows, long invocations) => new(rows == 0 ? "matmul_i8" : $"matmul_i8_{rows}x1",
            new Dispatch("matmul_i8", [step.Input(0), step.Input(1), channel, channel, step.Output(), step.Output()], Grid.Linear(invocations, GroupSize, step.Traits.MaxGroups), new Grid(GroupSize),
                [.. constants, ("FOURS", rows > 0 ? 1 : 0), ("TILE_ROWS", Math.Max(rows, 1))]));
    }
}
