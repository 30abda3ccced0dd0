using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>A function of two quantized tensors with broadcasting; see <see cref="QuantizedPair"/>.</summary>
internal sealed unsafe class BytePairKernel<F> : CpuKernel where F : struct, IBytePair
{
    private const int TileElements = 8 * 1024;

    private readonly QuantizedPair pair;
    private readonly BytePairConstants constants;
    private readonly byte* a, b, y;
    private readonly bool signedA, signedB, signedY, perChannel;
    private readonly JoinedAxes outer;
    private readonly long run, rows, runs;
    private readonly nint stepA, stepB, rowA, rowB;
    private readonly int runsPerTile;

    /// <summary>Binds the step.</summary>
    public BytePairKernel(CpuBinding binding, Binary op)
    {
        TensorView left = binding.Input(0), right = binding.Input(1);
        pair = new QuantizedPair(op, left.Type, right.Type);
        constants = new BytePairConstants(binding, pair);
        perChannel = pair.ScalesB.Length > 1;
        a = (byte*)left.Data;
        b = (byte*)right.Data;
        y = (byte*)binding.Output(0).Data;
        signedA = left.DataType == DataType.I8;
        signedB = right.DataType == DataType.I8;
        signedY = binding.Output(0).DataType == DataType.I8;
        Shape shape = binding.Output(0).Shape;
        Span<long> stridesA = stackalloc long[Shape.MaxRank], stridesB = stackalloc long[Shape.MaxRank];
        Broadcast.Strides(left.Shape, shape, stridesA);
        Broadcast.Strides(right.Shape, shape, stridesB);
        outer = new JoinedAxes(shape, stridesA, stridesB, splitLast: perChannel);
        (run, stepA, stepB) = outer.TakeLast();
        // The axis before, such as the pixels of a picture that is multiplied by a factor for each channel, is walked by steps.
        (rows, rowA, rowB) = outer.TakeLast();
        runs = outer.Count * rows;
        runsPerTile = (int)Math.Clamp(TileElements / run, 1, runs);
        Tiles = (int)(runs == 1 ? Math.Max(1, (run + TileElements - 1) / TileElements) : (runs + runsPerTile - 1) / runsPerTile);
        Name = $"{op.Function.ToString().ToLowerInvariant()}_{(binding.Output(0).DataType == DataType.I8 ? "i8" : "u8")}";
    }

    public override string Name { get; }

    public override int Tiles { get; }

    public override void Run(int first, int last, int worker)
    {
        if (runs == 1)
        {
            long from = (long)first * TileElements, to = Math.Min((long)last * TileElements, run);
            Apply(a + from * stepA, b + from * stepB, y + from, (nint)from, (nint)(to - from));
            return;
        }
        long end = Math.Min((long)last * runsPerTile, runs);
        for (long at = (long)first * runsPerTile; at < end;)
        {
            (long index, long row) = Math.DivRem(at, rows);
            outer.Offsets(index, out long offsetA, out long offsetB);
            byte* left = a + offsetA + row * rowA, right = b + offsetB + row * rowB;
            for (; row < rows && at < end; row++, at++, left += rowA, right += rowB) Apply(left, right, y + at * run, 0, (nint)run);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Apply(byte* left, byte* right, byte* target, nint column, nint count)
    {
        // Lanes: 8 numbers. Equals: target[i] = pair.Apply(left[i], right[i], channel).
        nint i = 0;
        if (Vector128.IsHardwareAccelerated && F.HasVectors)
        {
            if (Avx2.IsSupported)
                for (; i + 32 <= count; i += 32)
                {
                    // Packing saturates, to less than the range at its lower end.
                    Vector256<short> origin = constants.Origin16, low = Avx2.AddSaturate(Avx2.PackSignedSaturate(Below(left, right, column, i), Below(left, right, column, i + 8)), origin);
                    Vector256<short> high = Avx2.AddSaturate(Avx2.PackSignedSaturate(Below(left, right, column, i + 16), Below(left, right, column, i + 24)), origin);
                    Vector256<byte> packed = signedY ? Vector256.Max(Avx2.PackSignedSaturate(low, high), constants.Lowest.AsSByte()).AsByte() : Vector256.Max(Avx2.PackUnsignedSaturate(low, high), constants.Lowest);
                    Avx2.PermuteVar8x32(packed.AsInt32(), Vector256.Create(0, 4, 1, 5, 2, 6, 3, 7)).AsByte().Store(target + i);
                }
            for (; i + 16 <= count; i += 16)
            {
                Vector256<int> low = Eight(left, right, column, i), high = Eight(left, right, column, i + 8);
                Vector128.Narrow(Vector128.Narrow(low.GetLower(), low.GetUpper()), Vector128.Narrow(high.GetLower(), high.GetUpper())).AsByte().Store(target + i);
            }
            for (; i + 8 <= count; i += 8)
            {
                Vector256<int> eight = Eight(left, right, column, i);
                Vector128<short> narrow = Vector128.Narrow(eight.GetLower(), eight.GetUpper());
                *(long*)(target + i) = Vector128.Narrow(narrow, narrow).AsInt64().ToScalar();
            }
        }
        for (; i < count; i++) target[i] = unchecked((byte)pair.Apply(Number(left[i * stepA], signedA), Number(right[i * stepB], signedB), perChannel ? (int)(column + i) : 0));
    }

    /// <summary>Eight numbers without the zero point, not above the range; those far below it are INT_MIN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector256<int> Below(byte* left, byte* right, nint column, nint i) =>
        Avx.ConvertToVector256Int32(Vector256.MinNative(F.Apply(Load(left, stepA, i, signedA), Load(right, stepB, i, signedB), constants, perChannel ? column + i : 0), constants.Most));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector256<int> Eight(byte* left, byte* right, nint column, nint i)
    {
        Vector256<float> real = F.Apply(Load(left, stepA, i, signedA), Load(right, stepB, i, signedB), constants, perChannel ? column + i : 0);
        real = Vector256.MinNative(Vector256.MaxNative(real, constants.Least), constants.Most);
        // The processor's own conversion rounds halves to even, as .NET leaves it set.
        return (Avx.IsSupported ? Avx.ConvertToVector256Int32(real) : Vector256.ConvertToInt32Native(Vector256.Round(real))) + constants.Origin;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Load(byte* source, nint step, nint i, bool signed)
    {
        if (step == 0) return Vector256.Create(Number(*source, signed));
        if (Avx2.IsSupported) return signed ? Avx2.ConvertToVector256Int32((sbyte*)source + i) : Avx2.ConvertToVector256Int32(source + i);
        Vector128<byte> bytes = Vector128.CreateScalarUnsafe(*(ulong*)(source + i)).AsByte();
        Vector128<short> wide = signed ? Vector128.WidenLower(bytes.AsSByte()) : Vector128.WidenLower(bytes).AsInt16();
        return Vector256.Create(Vector128.WidenLower(wide), Vector128.WidenUpper(wide));
    }

    private static int Number(byte value, bool signed) => signed ? (sbyte)value : value;
}

/// <summary>The constants of a function of two quantized tensors as vectors; those of the second operand as tables by channel, or of one vector.</summary>
internal readonly unsafe struct BytePairConstants
{
    public readonly Vector256<float> FactorA, ScaleA, ScaleB, ScaleY, Least, Most;
    public readonly Vector256<int> ZeroA, Origin;
    public readonly Vector256<short> Origin16;
    public readonly Vector256<byte> Lowest;
    public readonly float* FactorsB, Offsets;
    public readonly int* ZerosB;

    public BytePairConstants(CpuBinding binding, QuantizedPair pair)
    {
        int origin = pair.IsSum ? 0 : pair.ZeroY;
        FactorA = Vector256.Create(pair.FactorA);
        ScaleA = Vector256.Create(pair.ScaleA);
        ScaleB = Vector256.Create(pair.ScalesB[0]);
        ScaleY = Vector256.Create(pair.ScaleY);
        Least = Vector256.Create((float)(pair.Range.Low - origin));
        Most = Vector256.Create((float)(pair.Range.High - origin));
        ZeroA = Vector256.Create(pair.ZeroA);
        Origin = Vector256.Create(origin);
        Origin16 = Vector256.Create((short)origin);
        Lowest = Vector256.Create(unchecked((byte)pair.Range.Low));
        int channels = pair.ScalesB.Length, length = Math.Max(8, channels);
        FactorsB = (float*)binding.Allocate((long)length * sizeof(float));
        Offsets = (float*)binding.Allocate((long)length * sizeof(float));
        ZerosB = (int*)binding.Allocate((long)length * sizeof(int));
        for (int i = 0; i < length; i++)
        {
            int channel = Math.Min(i, channels - 1);
            (FactorsB[i], Offsets[i], ZerosB[i]) = (pair.FactorsB[channel], pair.Offsets[channel], pair.ZerosB[channel]);
        }
    }
}

/// <summary>A function of two vectors of numbers, before it is clamped and rounded.</summary>
internal interface IBytePair
{
    /// <summary>False where a processor has not what the definition asks for.</summary>
    static abstract bool HasVectors { get; }

    /// <summary>The function, with the constants of channel <paramref name="at"/> and those after it.</summary>
    static abstract Vector256<float> Apply(Vector256<int> a, Vector256<int> b, in BytePairConstants constants, nint at);
}

/// <summary>Binds functions of two quantized tensors.</summary>
internal static unsafe class BytePairMaker
{
    /// <summary>A maker; see <see cref="CpuKernels"/>.</summary>
    public static CpuKernel? Make(CpuBinding binding)
    {
        var op = (Binary)binding.Operator;
        if (op.Result.IsNone || binding.Output(0).Shape.Count == 0) return null;
        return op.Function switch
        {
            BinaryFunction.Mul => new BytePairKernel<Products>(binding, op),
            BinaryFunction.PRelu => new BytePairKernel<Slopes>(binding, op),
            BinaryFunction.Min => new BytePairKernel<Least>(binding, op),
            BinaryFunction.Max => new BytePairKernel<Most>(binding, op),
            _ => new BytePairKernel<Sums>(binding, op),
        };
    }

    private readonly struct Sums : IBytePair
    {
        // Multiply-adds are fused by definition, so only processors that have them take this way.
        public static bool HasVectors => Fma.IsSupported || AdvSimd.Arm64.IsSupported;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<float> Apply(Vector256<int> a, Vector256<int> b, in BytePairConstants constants, nint at) =>
            Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(a), constants.FactorA, Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(b), Vector256.Load(constants.FactorsB + at), Vector256.Load(constants.Offsets + at)));
    }

    private readonly struct Products : IBytePair
    {
        public static bool HasVectors => true;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<float> Apply(Vector256<int> a, Vector256<int> b, in BytePairConstants constants, nint at) =>
            Vector256.ConvertToSingle((a - constants.ZeroA) * (b - Vector256.Load(constants.ZerosB + at))) * Vector256.Load(constants.FactorsB + at);
    }

    private readonly struct Slopes : IBytePair
    {
        public static bool HasVectors => true;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<float> Apply(Vector256<int> a, Vector256<int> b, in BytePairConstants constants, nint at)
        {
            Vector256<int> number = a - constants.ZeroA;
            Vector256<float> negative = Vector256.ConvertToSingle(number * (b - Vector256.Load(constants.ZerosB + at))) * Vector256.Load(constants.FactorsB + at);
            return Vector256.ConditionalSelect(Vector256.LessThan(number, default).AsSingle(), negative, Vector256.ConvertToSingle(number) * constants.FactorA);
        }
    }

    // Rounding keeps the order, so the extreme of the reals is rounded instead of both.
    private readonly struct Least : IBytePair
    {
        public static bool HasVectors => true;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<float> Apply(Vector256<int> a, Vector256<int> b, in BytePairConstants constants, nint at) =>
            Vector256.MinNative(Vector256.ConvertToSingle(a - constants.ZeroA) * constants.ScaleA, Vector256.ConvertToSingle(b - Vector256.Load(constants.ZerosB)) * constants.ScaleB) / constants.ScaleY;
    }

    private readonly struct Most : IBytePair
    {
        public static bool HasVectors => true;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<float> Apply(Vector256<int> a, Vector256<int> b, in BytePairConstants constants, nint at) =>
            Vector256.MaxNative(Vector256.ConvertToSingle(a - constants.ZeroA) * constants.ScaleA, Vector256.ConvertToSingle(b - Vector256.Load(constants.ZerosB)) * constants.ScaleB) / constants.ScaleY;
    }
}
