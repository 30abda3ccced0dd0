using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>
/// Rows of floats by weights of 4 or 8 bits. The weights stay as they are in the file; a column at a time is widened into the worker's scratch memory, where all rows are multiplied by it: what a decoder with
/// one row waits for is the memory of the weights, and that is read once.
/// </summary>
internal sealed unsafe class MatMulBlocksKernel : CpuKernel
{
    private const int ColumnsPerTile = 16;

    private readonly MatMulBlocks op;
    private readonly float* a, y, bias, zeros, scales, scratch;
    private readonly byte* weights;
    private readonly int rows, scratchFloats;

    private MatMulBlocksKernel(CpuBinding binding, MatMulBlocks op)
    {
        this.op = op;
        a = (float*)binding.Input(0).Data;
        weights = (byte*)binding.Input(1).Data;
        scales = (float*)binding.Input(2).Data;
        bias = (float*)binding.Input(MatMulBlocks.Bias).Data;
        y = (float*)binding.Output(0).Data;
        rows = (int)(binding.Output(0).Shape.Count / op.N);
        zeros = (float*)binding.Allocate((long)op.N * op.Blocks * sizeof(float));
        TensorView[] inputs = binding.Inputs;
        for (int n = 0; n < op.N; n++)
            for (int block = 0; block < op.Blocks; block++) zeros[(long)n * op.Blocks + block] = op.Zero(inputs, n, block);
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
            for (int block = 0; block < op.Blocks; block++)
            {
                long at = (long)n * op.Blocks + block;
                Widen(weights + at * op.BlockBytes, scales[at], zeros[at], column + block * op.Block);
            }
            for (int row = 0; row < rows; row++) y[(long)row * op.N + n] = Dot(a + (long)row * op.K, column, op.K) + (bias == null ? 0 : bias[n]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Widen(byte* packed, float scale, float zero, float* target)
    {
        // Lanes: 8 numbers. Equals: target[i] = (number[i] - zero) * scale.
        if (op.Bits == 8)
        {
            for (int i = 0; i < op.Block; i++) target[i] = (packed[i] - zero) * scale;
            return;
        }
        if (!Vector256.IsHardwareAccelerated)
        {
            for (int i = 0; i < op.Block; i += 2)
            {
                target[i] = ((packed[i / 2] & 15) - zero) * scale;
                target[i + 1] = ((packed[i / 2] >> 4) - zero) * scale;
            }
            return;
        }
        Vector256<int> shifts = Vector256.Create(0, 4, 8, 12, 16, 20, 24, 28), low = Vector256.Create(15);
        for (int i = 0; i < op.Block; i += 8)
        {
            Vector256<int> numbers = Shifted(Vector256.Create(*(int*)(packed + i / 2)), shifts) & low;
            ((Vector256.ConvertToSingle(numbers) - Vector256.Create(zero)) * Vector256.Create(scale)).Store(target + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Shifted(Vector256<int> bits, Vector256<int> shifts) =>
        Avx2.IsSupported ? Avx2.ShiftRightLogicalVariable(bits, shifts.AsUInt32())
        : Vector256.Create(bits[0], bits[1] >> 4, bits[2] >> 8, bits[3] >> 12, bits[4] >> 16, bits[5] >> 20, bits[6] >> 24, bits[7] >> 28);

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
