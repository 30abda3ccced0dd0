using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>
/// Rows of floats by weights of 4 or 8 bits. The weights stay as they are in the file; a column at a time is widened into the worker's scratch memory, where all rows are multiplied by it, four at a time: what a
/// decoder with one row waits for is the memory of the weights, and that is read once.
/// </summary>
internal sealed unsafe class MatMulBlocksKernel : CpuKernel
{
    private const int ColumnsPerTile = 16;

    private readonly MatMulBlocks op;
    private readonly float* a, y, bias, zeros, scales, scratch;
    private readonly byte* weights;
    private readonly bool signed;
    private readonly int rows, scratchFloats, scaleCount, zeroCount, pieces, pieceLength;

    private MatMulBlocksKernel(CpuBinding binding, MatMulBlocks op)
    {
        this.op = op;
        a = (float*)binding.Input(0).Data;
        weights = (byte*)binding.Input(1).Data;
        signed = binding.Input(1).DataType == DataType.I8;
        scales = (float*)binding.Input(2).Data;
        scaleCount = (int)binding.Input(2).Shape.Count;
        bias = (float*)binding.Input(MatMulBlocks.Bias).Data;
        y = (float*)binding.Output(0).Data;
        rows = (int)(binding.Output(0).Shape.Count / op.N);
        TensorView given = binding.Input(MatMulBlocks.Zeros);
        if (given.DataType == DataType.F32 && !given.IsMissing)
        {
            zeros = (float*)given.Data;
            zeroCount = (int)given.Shape.Count;
        }
        else
        {
            zeroCount = given.IsMissing ? 1 : op.N * op.Blocks;
            zeros = (float*)binding.Allocate((long)zeroCount * sizeof(float));
            TensorView[] inputs = binding.Inputs;
            for (int i = 0; i < zeroCount; i++) zeros[i] = op.Zero(inputs, i / op.Blocks, i % op.Blocks);
        }
        // What has one scale and one zero point is widened in one go.
        bool byBlock = Math.Max(scaleCount, zeroCount) > op.N;
        pieces = byBlock ? op.Blocks : 1;
        pieceLength = byBlock ? op.Block : op.Blocks * op.Block;
        scratchFloats = (op.Blocks * op.Block + 15) / 16 * 16;
        scratch = (float*)binding.Allocate((long)scratchFloats * binding.Workers * sizeof(float));
        Tiles = (op.N + ColumnsPerTile - 1) / ColumnsPerTile;
        Name = $"matmul_u{op.Bits}_blocks";
    }

    public override string Name { get; }

    public override int Tiles { get; }

    /// <summary>A maker; see <see cref="CpuKernels"/>.</summary>
    public static CpuKernel? Make(CpuBinding binding)
    {
        // Zero points are read once.
        bool known = binding.Input(MatMulBlocks.Zeros).IsMissing || binding.IsConstant(MatMulBlocks.Zeros);
        return known && binding.Output(0).Shape.Count > 0 ? new MatMulBlocksKernel(binding, (MatMulBlocks)binding.Operator) : null;
    }

    public override void Run(int first, int last, int worker)
    {
        float* column = scratch + (long)worker * scratchFloats;
        int end = Math.Min(last * ColumnsPerTile, op.N);
        for (int n = first * ColumnsPerTile; n < end; n++)
        {
            byte* packed = weights + (long)n * op.Blocks * op.BlockBytes;
            float shift = bias == null ? 0 : bias[n];
            if (rows == 1 && pieces == 1 && op.Bits == 8 && Avx2.IsSupported)
            {
                // What only one row reads need not be written first.
                y[n] = DotBytes(a, packed, op.K, zeros[op.Place(zeroCount, n, 0)]) * scales[op.Place(scaleCount, n, 0)] + shift;
                continue;
            }
            for (int piece = 0; piece < pieces; piece++)
            {
                int from = piece * pieceLength;
                Widen(packed + (long)from * op.Bits / 8, pieceLength, scales[op.Place(scaleCount, n, piece)], zeros[op.Place(zeroCount, n, piece)], column + from);
            }
            int row = 0;
            for (; row + 4 <= rows; row += 4)
            {
                Vector128<float> sums = FourDots(a + (long)row * op.K, column, op.K);
                for (int i = 0; i < 4; i++) y[(long)(row + i) * op.N + n] = sums[i] + shift;
            }
            for (; row < rows; row++) y[(long)row * op.N + n] = Dot(a + (long)row * op.K, column, op.K) + shift;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Widen(byte* packed, int count, float scale, float zero, float* target)
    {
        // Lanes: 8 numbers. Equals: target[i] = (number[i] - zero) * scale.
        if (op.Bits == 8) WidenBytes(packed, count, scale, zero, target);
        else if (!Vector256.IsHardwareAccelerated)
        {
            for (int i = 0; i < count; i += 2)
            {
                target[i] = ((packed[i / 2] & 15) - zero) * scale;
                target[i + 1] = ((packed[i / 2] >> 4) - zero) * scale;
            }
        }
        else
        {
            Vector256<int> shifts = Vector256.Create(0, 4, 8, 12, 16, 20, 24, 28), low = Vector256.Create(15);
            for (int i = 0; i < count; i += 8)
            {
                Vector256<int> numbers = Shifted(Vector256.Create(*(int*)(packed + i / 2)), shifts) & low;
                ((Vector256.ConvertToSingle(numbers) - Vector256.Create(zero)) * Vector256.Create(scale)).Store(target + i);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void WidenBytes(byte* packed, int count, float scale, float zero, float* target)
    {
        if (!Avx2.IsSupported)
        {
            for (int i = 0; i < count; i++) target[i] = ((signed ? (sbyte)packed[i] : packed[i]) - zero) * scale;
            return;
        }
        Vector256<float> shift = Vector256.Create(zero), factor = Vector256.Create(scale);
        for (int i = 0; i < count; i += 8) ((Eight(packed + i) - shift) * factor).Store(target + i);
    }

    /// <summary>Eight bytes as reals.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector256<float> Eight(byte* packed) => Vector256.ConvertToSingle(signed ? Avx2.ConvertToVector256Int32((sbyte*)packed) : Avx2.ConvertToVector256Int32(packed));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private float DotBytes(float* row, byte* packed, int count, float zero)
    {
        // Equals: the sum of row[i] * (number[i] - zero).
        Vector256<float> shift = Vector256.Create(zero), s0 = default, s1 = default, s2 = default, s3 = default;
        int i = 0;
        for (; i + 32 <= count; i += 32)
        {
            s0 = Vector256.MultiplyAddEstimate(Vector256.Load(row + i), Eight(packed + i) - shift, s0);
            s1 = Vector256.MultiplyAddEstimate(Vector256.Load(row + i + 8), Eight(packed + i + 8) - shift, s1);
            s2 = Vector256.MultiplyAddEstimate(Vector256.Load(row + i + 16), Eight(packed + i + 16) - shift, s2);
            s3 = Vector256.MultiplyAddEstimate(Vector256.Load(row + i + 24), Eight(packed + i + 24) - shift, s3);
        }
        float sum = Vector256.Sum(s0 + s1 + (s2 + s3));
        for (; i < count; i++) sum += row[i] * ((signed ? (sbyte)packed[i] : packed[i]) - zero);
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Shifted(Vector256<int> bits, Vector256<int> shifts) =>
        Avx2.IsSupported ? Avx2.ShiftRightLogicalVariable(bits, shifts.AsUInt32())
        : Vector256.Create(bits[0], bits[1] >> 4, bits[2] >> 8, bits[3] >> 12, bits[4] >> 16, bits[5] >> 20, bits[6] >> 24, bits[7] >> 28);

    /// <summary>Products of four rows with a column, which is read once for all.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Vector128<float> FourDots(float* a, float* b, int count)
    {
        float* r0 = a, r1 = a + count, r2 = r1 + count, r3 = r2 + count;
        int i = 0;
        Vector128<float> sums = default;
        if (Vector256.IsHardwareAccelerated)
        {
            Vector256<float> s0 = default, s1 = default, s2 = default, s3 = default;
            for (; i + 8 <= count; i += 8)
            {
                Vector256<float> column = Vector256.Load(b + i);
                s0 = Vector256.MultiplyAddEstimate(Vector256.Load(r0 + i), column, s0);
                s1 = Vector256.MultiplyAddEstimate(Vector256.Load(r1 + i), column, s1);
                s2 = Vector256.MultiplyAddEstimate(Vector256.Load(r2 + i), column, s2);
                s3 = Vector256.MultiplyAddEstimate(Vector256.Load(r3 + i), column, s3);
            }
            sums = Vector128.Create(Vector256.Sum(s0), Vector256.Sum(s1), Vector256.Sum(s2), Vector256.Sum(s3));
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            Vector128<float> s0 = default, s1 = default, s2 = default, s3 = default;
            for (; i + 4 <= count; i += 4)
            {
                Vector128<float> column = Vector128.Load(b + i);
                s0 = Vector128.MultiplyAddEstimate(Vector128.Load(r0 + i), column, s0);
                s1 = Vector128.MultiplyAddEstimate(Vector128.Load(r1 + i), column, s1);
                s2 = Vector128.MultiplyAddEstimate(Vector128.Load(r2 + i), column, s2);
                s3 = Vector128.MultiplyAddEstimate(Vector128.Load(r3 + i), column, s3);
            }
            sums = Vector128.Create(Vector128.Sum(s0), Vector128.Sum(s1), Vector128.Sum(s2), Vector128.Sum(s3));
        }
        for (; i < count; i++) sums += Vector128.Create(r0[i], r1[i], r2[i], r3[i]) * Vector128.Create(b[i]);
        return sums;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Dot(float* a, float* b, int count)
    {
        // Four sums, so that additions do not wait for each other. Equals: the sum of a[i] * b[i].
        int i = 0;
        float sum = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            Vector256<float> s0 = default, s1 = default, s2 = default, s3 = default;
            for (; i + 32 <= count; i += 32)
            {
                s0 = Vector256.MultiplyAddEstimate(Vector256.Load(a + i), Vector256.Load(b + i), s0);
                s1 = Vector256.MultiplyAddEstimate(Vector256.Load(a + i + 8), Vector256.Load(b + i + 8), s1);
                s2 = Vector256.MultiplyAddEstimate(Vector256.Load(a + i + 16), Vector256.Load(b + i + 16), s2);
                s3 = Vector256.MultiplyAddEstimate(Vector256.Load(a + i + 24), Vector256.Load(b + i + 24), s3);
            }
            sum = Vector256.Sum(s0 + s1 + (s2 + s3));
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            Vector128<float> s0 = default, s1 = default;
            for (; i + 8 <= count; i += 8)
            {
                s0 = Vector128.MultiplyAddEstimate(Vector128.Load(a + i), Vector128.Load(b + i), s0);
                s1 = Vector128.MultiplyAddEstimate(Vector128.Load(a + i + 4), Vector128.Load(b + i + 4), s1);
            }
            sum = Vector128.Sum(s0 + s1);
        }
        for (; i < count; i++) sum += a[i] * b[i];
        return sum;
    }
}
