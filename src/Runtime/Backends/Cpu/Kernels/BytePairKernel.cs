using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>Sum or product of two quantized tensors with broadcasting; see <see cref="QuantizedPair"/>.</summary>
internal sealed unsafe class BytePairKernel : CpuKernel
{
    private const int TileElements = 8 * 1024;

    private readonly QuantizedPair pair;
    private readonly byte* a, b, y;
    private readonly bool signedA, signedB;
    private readonly JoinedAxes axes;
    private readonly long run, runs;
    private readonly nint stepA, stepB;
    private readonly int runsPerTile;

    private BytePairKernel(CpuBinding binding, Binary op)
    {
        TensorView left = binding.Input(0), right = binding.Input(1);
        pair = QuantizedPair.Of(op, left.Type, right.Type);
        a = (byte*)left.Data;
        b = (byte*)right.Data;
        y = (byte*)binding.Output(0).Data;
        signedA = left.DataType == DataType.I8;
        signedB = right.DataType == DataType.I8;
        Shape shape = binding.Output(0).Shape;
        Span<long> stridesA = stackalloc long[Shape.MaxRank], stridesB = stackalloc long[Shape.MaxRank];
        Broadcast.Strides(left.Shape, shape, stridesA);
        Broadcast.Strides(right.Shape, shape, stridesB);
        axes = new JoinedAxes(shape, stridesA, stridesB);
        (run, stepA, stepB) = axes.TakeLast();
        runs = axes.Count;
        runsPerTile = (int)Math.Clamp(TileElements / run, 1, runs);
        Tiles = (int)(runs == 1 ? Math.Max(1, (run + TileElements - 1) / TileElements) : (runs + runsPerTile - 1) / runsPerTile);
        Name = $"{op.Function.ToString().ToLowerInvariant()}_{(binding.Output(0).DataType == DataType.I8 ? "i8" : "u8")}";
    }

    public override string Name { get; }

    public override int Tiles { get; }

    /// <summary>A maker; see <see cref="CpuKernels"/>.</summary>
    public static CpuKernel? Make(CpuBinding binding)
    {
        var op = (Binary)binding.Operator;
        return op.Result.IsNone || binding.Output(0).Shape.Count == 0 ? null : new BytePairKernel(binding, op);
    }

    public override void Run(int first, int last, int worker)
    {
        if (runs == 1)
        {
            long from = (long)first * TileElements, to = Math.Min((long)last * TileElements, run);
            Apply(a + from * stepA, b + from * stepB, y + from, (nint)(to - from));
            return;
        }
        long end = Math.Min((long)last * runsPerTile, runs);
        for (long at = (long)first * runsPerTile; at < end; at++)
        {
            axes.Offsets(at, out long offsetA, out long offsetB);
            Apply(a + offsetA, b + offsetB, y + at * run, (nint)run);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Apply(byte* left, byte* right, byte* target, nint count)
    {
        // Lanes: 8 numbers. Equals: target[i] = pair.Apply(left[i], right[i]). Multiply-adds are fused by definition, so only processors that have them take this way.
        nint i = 0;
        if (Fma.IsSupported && Avx2.IsSupported)
        {
            QuantizedPair p = pair;
            Vector256<float> factorA = Vector256.Create(p.FactorA), factorB = Vector256.Create(p.FactorB), offset = Vector256.Create(p.Offset);
            int origin = p.IsProduct ? p.ZeroY : 0;
            Vector256<float> least = Vector256.Create((float)(p.Range.Low - origin)), most = Vector256.Create((float)(p.Range.High - origin));
            Vector256<int> zeroA = Vector256.Create(p.ZeroA), zeroB = Vector256.Create(p.ZeroB), zeroY = Vector256.Create(origin);
            for (; i + 8 <= count; i += 8)
            {
                Vector256<int> x = Load(left, stepA, i, signedA), z = Load(right, stepB, i, signedB);
                Vector256<float> real = p.IsProduct ? Vector256.ConvertToSingle((x - zeroA) * (z - zeroB)) * factorA
                    : Fma.MultiplyAdd(Vector256.ConvertToSingle(x), factorA, Fma.MultiplyAdd(Vector256.ConvertToSingle(z), factorB, offset));
                Vector256<int> rounded = Avx.ConvertToVector256Int32(Vector256.MinNative(Vector256.MaxNative(real, least), most)) + zeroY;
                Vector128<short> narrow = Vector128.Narrow(rounded.GetLower(), rounded.GetUpper());
                *(long*)(target + i) = Vector128.Narrow(narrow, narrow).AsInt64().ToScalar();
            }
        }
        for (; i < count; i++) target[i] = unchecked((byte)pair.Apply(Number(left[i * stepA], signedA), Number(right[i * stepB], signedB)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Load(byte* source, nint step, nint i, bool signed) =>
        step == 0 ? Vector256.Create(Number(*source, signed)) : signed ? Avx2.ConvertToVector256Int32((sbyte*)source + i) : Avx2.ConvertToVector256Int32(source + i);

    private static int Number(byte value, bool signed) => signed ? (sbyte)value : value;
}
