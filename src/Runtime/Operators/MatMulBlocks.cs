using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>
/// The product of F32 rows A [… K] and weights of 4 or 8 bits, of which each block of neighbours along K has a scale: y[…, n] = Σ a[k] · scale[n, k / block] · (q[n, k] - zero[n, k / block]) + bias[n]. The
/// weights stay packed: two of 4 bits in a byte, the lower ones first, blocks filled up to whole bytes. Inputs: A; weights U8, those of 8 bits also I8, [N, blocks, bytes]; scales F32, one for each block, one
/// for each column, or one for all; and optionally zero points, F32 in the same numbers, or U8, one for each block, packed likewise, each row by itself (the middle of the range when there are none); bias [N].
/// </summary>
internal sealed class MatMulBlocks : Operator
{
    public int K = 1;
    public int N = 1;
    public int Bits = 4;
    public int Block = 32;

    /// <summary>Positions of the optional inputs.</summary>
    public const int Zeros = 3, Bias = 4;

    /// <summary>Blocks of a row.</summary>
    public int Blocks => (int)(((long)K + Block - 1) / Block);

    /// <summary>Bytes of a block.</summary>
    public int BlockBytes => Block * Bits / 8;

    /// <summary>Bytes of a row's zero points.</summary>
    public int ZeroBytes => (int)(((long)Blocks * Bits + 7) / 8);

    public override Tolerance Tolerance => Tolerance.Accumulation;

    public override void Attributes(AttributeCodec codec)
    {
        codec.Int("k", ref K);
        codec.Int("n", ref N);
        codec.Int("bits", ref Bits);
        codec.Int("block", ref Block);
    }

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 3, 5);
        if (Bits is not (4 or 8) || Block is < 8 or > 1 << 16 || (Block & (Block - 1)) != 0 || K < 1 || N < 1) throw Invalid($"{K} x {N} weights of {Bits} bits in blocks of {Block} are not supported.");
        long blocks = Blocks, scales = N * blocks;
        if (inputs[0].DataType != DataType.F32 || !(inputs[1].DataType == DataType.U8 || (inputs[1].DataType == DataType.I8 && Bits == 8)) || inputs[2].DataType != DataType.F32)
            throw Invalid($"it takes f32, u8 and f32, not {inputs[0].Type}, {inputs[1].Type} and {inputs[2].Type}.");
        if (!HasCount(inputs[1], scales * BlockBytes) || !AreForBlocks(inputs[2])) throw Invalid($"the weights {inputs[1].Type} and scales {inputs[2].Type} are not those of {N} columns of {blocks} blocks.");
        if (inputs.Length > Zeros && !inputs[Zeros].IsMissing && !(inputs[Zeros].DataType == DataType.F32 ? AreForBlocks(inputs[Zeros]) : inputs[Zeros].DataType == DataType.U8 && HasCount(inputs[Zeros], (long)N * ZeroBytes)))
            throw Invalid($"the zero points {inputs[Zeros].Type} are not those of {N} columns of {blocks} blocks.");
        if (inputs.Length > Bias && !inputs[Bias].IsMissing && (inputs[Bias].DataType != DataType.F32 || !HasCount(inputs[Bias], N))) throw Invalid($"the bias {inputs[Bias].Type} does not fit {N} columns.");
        Shape a = inputs[0].Shape;
        if (a.IsUnranked) return [new TensorType(DataType.F32, a)];
        if (a.Rank == 0 || (a[-1] >= 0 && a[-1] != K)) throw Invalid($"{inputs[0].Type} has no rows of {K}.");
        return [new TensorType(DataType.F32, a.With(-1, N))];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) => new(2 * outputs[0].Shape.Count * K, Operators.Cost.Traffic(inputs, outputs));

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        Span<float> a = inputs[0].Span<float>(), y = outputs[0].Span<float>(), column = new float[K];
        for (int n = 0; n < N; n++)
        {
            Column(inputs, n, column);
            for (int m = 0; m < y.Length / N; m++)
            {
                double sum = 0;
                for (int k = 0; k < K; k++) sum += (double)a[m * K + k] * column[k];
                y[m * N + n] = (float)(sum + (inputs.Length > Bias && !inputs[Bias].IsMissing ? inputs[Bias].Span<float>()[n] : 0));
            }
        }
    }

    /// <summary>The weights of a column as reals.</summary>
    public void Column(ReadOnlySpan<TensorView> inputs, int n, Span<float> column)
    {
        Span<byte> weights = inputs[1].Bytes;
        Span<float> scales = inputs[2].Span<float>();
        bool signed = inputs[1].DataType == DataType.I8;
        for (int k = 0; k < K; k++)
        {
            int block = k / Block, number = Number(weights, ((long)n * Blocks + block) * BlockBytes, k % Block);
            column[k] = ((signed ? (sbyte)number : number) - Zero(inputs, n, block)) * scales[Place(scales.Length, n, block)];
        }
    }

    /// <summary>The zero point of a block.</summary>
    public float Zero(ReadOnlySpan<TensorView> inputs, int n, int block)
    {
        if (inputs.Length <= Zeros || inputs[Zeros].IsMissing) return inputs[1].DataType == DataType.I8 ? 0 : 1 << (Bits - 1);
        return inputs[Zeros].DataType == DataType.F32 ? inputs[Zeros].Span<float>()[Place((int)inputs[Zeros].Shape.Count, n, block)] : Number(inputs[Zeros].Bytes, (long)n * ZeroBytes, block);
    }

    /// <summary>Which of so many scales or real zero points is that of a block.</summary>
    public int Place(int count, int n, int block) => count == 1 ? 0 : count == N ? n : n * Blocks + block;

    private int Number(Span<byte> packed, long start, int index) =>
        Bits == 8 ? packed[(int)start + index] : (packed[(int)start + index / 2] >> (index % 2 * 4)) & 15;

    private bool AreForBlocks(in Operand operand) => HasCount(operand, 1) || HasCount(operand, N) || HasCount(operand, (long)N * Blocks);

    private static bool HasCount(in Operand operand, long count) => !operand.Shape.IsStatic || operand.Shape.Count == count;
}
