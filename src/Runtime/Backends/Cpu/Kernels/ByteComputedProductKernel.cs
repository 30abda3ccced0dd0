using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>
/// Products of quantized matrices of which the second is computed too, as in attention, or differs from batch to batch. Both are widened less their zero points; the second is packed anew for each batch, in pairs along the inner
/// dimension and panels of columns, into the worker's own memory.
/// </summary>
internal sealed unsafe class ByteComputedProductKernel : CpuKernel
{
    private const int Columns = 8, Rows = 4, TileRows = 64;
    private const long MostScratch = 1 << 26;

    private readonly MatMulShapes shapes;
    private readonly SumsEpilogue epilogue;
    private readonly byte* a, b;
    private readonly short zeroA, zeroB;
    private readonly bool signedA, signedB;
    private readonly int pairs, panels, rowTiles;
    private readonly byte* scratch;
    private readonly long panelShorts, rowShorts, scratchBytes;

    private ByteComputedProductKernel(CpuBinding binding, MatMul op, MatMulShapes shapes)
    {
        this.shapes = shapes;
        TensorView left = binding.Input(0), right = binding.Input(1);
        a = (byte*)left.Data;
        b = (byte*)right.Data;
        signedA = left.DataType == DataType.I8;
        signedB = right.DataType == DataType.I8;
        zeroA = (short)left.Type.Quantization!.ZeroPoints[0];
        zeroB = (short)right.Type.Quantization!.ZeroPoints[0];
        pairs = (shapes.K + 1) / 2;
        panels = (shapes.N + Columns - 1) / Columns;
        rowTiles = (shapes.M + TileRows - 1) / TileRows;
        Tiles = checked(shapes.Batches * rowTiles);
        epilogue = new SumsEpilogue(binding, QuantizedProduct.Of(left.Type, right.Type, op.Result, op.Activation), binding.Input(MatMul.Bias), [0], panels * Columns, Math.Min(Columns, ProductPaths.Lanes(binding.Products)));
        panelShorts = 2L * pairs * panels * Columns;
        rowShorts = 2L * pairs * TileRows;
        scratchBytes = Scratch(shapes);
        scratch = (byte*)binding.Allocate(scratchBytes * binding.Workers);
    }

    public override string Name => "matmul_i8_computed";

    public override int Tiles { get; }

    /// <summary>A maker; see <see cref="CpuKernels"/>.</summary>
    public static CpuKernel? Make(CpuBinding binding)
    {
        var op = (MatMul)binding.Operator;
        if (op.Result.IsNone || binding.Output(0).Shape.Count == 0 || binding.Input(1).Type.Quantization!.Axis >= 0 || (!binding.Input(MatMul.Bias).IsMissing && !binding.IsConstant(MatMul.Bias))) return null;
        var shapes = new MatMulShapes(op, binding.Input(0).Shape, binding.Input(1).Shape);
        return shapes.K > 0 && Scratch(shapes) <= MostScratch ? new ByteComputedProductKernel(binding, op, shapes) : null;
    }

    public override void Run(int first, int last, int worker)
    {
        short* packed = (short*)(scratch + worker * scratchBytes), rows = packed + panelShorts;
        int* sums = (int*)(rows + rowShorts);
        int packedBatch = -1;
        for (int tile = first; tile < last; tile++)
        {
            (int batch, int rowTile) = Math.DivRem(tile, rowTiles);
            if (batch != packedBatch) Pack(b + shapes.OffsetB(batch), packed);
            packedBatch = batch;
            int row = rowTile * TileRows, count = Math.Min(TileRows, shapes.M - row);
            for (int i = 0; i < count; i++) Centre(a + shapes.OffsetA(batch) + (long)(row + i) * shapes.K, signedA, zeroA, rows + (long)i * 2 * pairs);
            for (int panel = 0; panel < panels; panel++)
                for (int i = 0; i < count; i += Rows)
                {
                    int height = Math.Min(Rows, count - i);
                    Multiply(rows + (long)i * 2 * pairs, height, packed + (long)panel * pairs * 2 * Columns, sums);
                    epilogue.Write(sums, Columns, height, (long)batch * shapes.M + row + i, panel * Columns, Math.Min(Columns, shapes.N - panel * Columns), null);
                }
        }
    }

    private static long Scratch(MatMulShapes shapes)
    {
        long pairs = (shapes.K + 1L) / 2, panels = (shapes.N + Columns - 1L) / Columns;
        return ((2 * pairs * panels * Columns + 2 * pairs * TileRows) * sizeof(short) + Rows * Columns * sizeof(int) + 63) / 64 * 64;
    }

    private void Centre(byte* source, bool signed, short zero, short* target)
    {
        ByteRows.Centre(source, shapes.K, signed, zero, target);
        if (shapes.K % 2 == 1) target[shapes.K] = 0;
    }

    /// <summary>For each panel and pair of k, a pair of numbers for each column; zeros beyond the last.</summary>
    private void Pack(byte* matrix, short* packed)
    {
        int width = panels * Columns;
        for (int pair = 0; pair < pairs; pair++)
        {
            byte* even = matrix + (long)2 * pair * shapes.N, odd = even + shapes.N;
            bool hasOdd = 2 * pair + 1 < shapes.K;
            for (int column = 0; column < width; column++)
            {
                short* target = packed + ((long)(column / Columns) * pairs + pair) * 2 * Columns + column % Columns * 2;
                bool inside = column < shapes.N;
                target[0] = inside ? (short)(Number(even[column]) - zeroB) : (short)0;
                target[1] = inside && hasOdd ? (short)(Number(odd[column]) - zeroB) : (short)0;
            }
        }
    }

    private int Number(byte value) => signedB ? (sbyte)value : value;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Multiply(short* rows, int height, short* panel, int* sums)
    {
        // Lanes: columns. Missing rows repeat the last one. Equals: sums[row, column] = sum over k of rows[row, k] * panel[k, column].
        nint step = 2 * (nint)pairs;
        if (!Vector128.IsHardwareAccelerated)
        {
            for (int row = 0; row < height; row++)
                for (int column = 0; column < Columns; column++)
                {
                    int sum = 0;
                    for (nint pair = 0; pair < pairs; pair++)
                        sum += rows[row * step + 2 * pair] * panel[(pair * Columns + column) * 2] + rows[row * step + 2 * pair + 1] * panel[(pair * Columns + column) * 2 + 1];
                    sums[row * Columns + column] = sum;
                }
            return;
        }
        int last = height - 1;
        int* r0 = (int*)rows, r1 = (int*)(rows + Math.Min(1, last) * step), r2 = (int*)(rows + Math.Min(2, last) * step), r3 = (int*)(rows + Math.Min(3, last) * step);
        Vector256<int> s0 = default, s1 = default, s2 = default, s3 = default;
        for (nint pair = 0; pair < pairs; pair++)
        {
            Vector256<short> columns = Vector256.Load(panel + pair * 2 * Columns);
            s0 += Pairs(Vector256.Create(r0[pair]).AsInt16(), columns);
            s1 += Pairs(Vector256.Create(r1[pair]).AsInt16(), columns);
            s2 += Pairs(Vector256.Create(r2[pair]).AsInt16(), columns);
            s3 += Pairs(Vector256.Create(r3[pair]).AsInt16(), columns);
        }
        s0.Store(sums);
        s1.Store(sums + Columns);
        s2.Store(sums + 2 * Columns);
        s3.Store(sums + 3 * Columns);
    }

    /// <summary>a0·b0 + a1·b1 for each pair of neighbours; it cannot overflow, since both are 9-bit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Pairs(Vector256<short> x, Vector256<short> y) =>
        Avx2.IsSupported ? Avx2.MultiplyAddAdjacent(x, y) : Vector256.Create(Pairs(x.GetLower(), y.GetLower()), Pairs(x.GetUpper(), y.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Pairs(Vector128<short> x, Vector128<short> y)
    {
        if (Sse2.IsSupported) return Sse2.MultiplyAddAdjacent(x, y);
        if (AdvSimd.Arm64.IsSupported) return AdvSimd.Arm64.AddPairwise(AdvSimd.MultiplyWideningLower(x.GetLower(), y.GetLower()), AdvSimd.MultiplyWideningUpper(x, y));
        Vector128<int> a = x.AsInt32(), b = y.AsInt32();
        return Vector128.ShiftRightArithmetic(a << 16, 16) * Vector128.ShiftRightArithmetic(b << 16, 16) + Vector128.ShiftRightArithmetic(a, 16) * Vector128.ShiftRightArithmetic(b, 16);
    }
}
