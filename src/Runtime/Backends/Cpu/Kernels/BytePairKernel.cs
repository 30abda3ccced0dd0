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

    private const float Largest = 1 << 20;

    private readonly QuantizedPair pair;
    private readonly BytePairConstants constants;
    private readonly byte* a, b, y;
    private readonly bool signedA, signedB, signedY, perChannel, isPlainSum;
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
        // Of 8-bit numbers with such factors no sum leaves 32 bits, so that packing saturates at the ends of the type as it should.
        isPlainSum = pair.IsSum && !perChannel && stepA == 1 && stepB == 1 && pair.FactorA < Largest && Math.Abs(pair.FactorsB[0]) < Largest && Math.Abs(pair.Offsets[0]) < Largest && F.HasVectors;
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
            if (isPlainSum && Avx512BW.IsSupported) i = Sum512(left, right, target, count);
            else if (isPlainSum && Avx2.IsSupported) i = Sum256(left, right, target, count);
            else if (F.IsProduct && stepA == 1 && !(perChannel && stepB == 0) && Avx512BW.IsSupported) i = Product512(left, right, target, perChannel ? column : -1, count);
            else if (Avx2.IsSupported)
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

    /// <summary>Sums or differences of tensors of the same shape, 64 at a time; how many were written.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private nint Sum512(byte* left, byte* right, byte* target, nint count)
    {
        var factorA = Vector512.Create(constants.FactorA.ToScalar());
        var factorB = Vector512.Create(*constants.FactorsB);
        var offset = Vector512.Create(*constants.Offsets);
        Vector512<byte> lowest = Vector512.Create((byte)pair.Range.Low), highest = Vector512.Create((byte)pair.Range.High);
        Vector512<int> order = Vector512.Create(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
        bool signedLeft = signedA, signedRight = signedB, signedResult = signedY;
        nint i = 0;
        for (; i + 64 <= count; i += 64)
        {
            Vector512<short> low = Avx512BW.PackSignedSaturate(Sixteen(left + i, right + i, signedLeft, signedRight, factorA, factorB, offset), Sixteen(left + i + 16, right + i + 16, signedLeft, signedRight, factorA, factorB, offset));
            Vector512<short> high = Avx512BW.PackSignedSaturate(Sixteen(left + i + 32, right + i + 32, signedLeft, signedRight, factorA, factorB, offset), Sixteen(left + i + 48, right + i + 48, signedLeft, signedRight, factorA, factorB, offset));
            Vector512<byte> packed = signedResult ? Vector512.Min(Vector512.Max(Avx512BW.PackSignedSaturate(low, high), lowest.AsSByte()), highest.AsSByte()).AsByte()
                : Vector512.Min(Vector512.Max(Avx512BW.PackUnsignedSaturate(low, high), lowest), highest);
            Avx512F.PermuteVar16x32(packed.AsInt32(), order).AsByte().Store(target + i);
        }
        return i;
    }

    /// <summary>Products or slopes, 64 at a time, with constants of channels from <paramref name="channel"/> on, or of all where it is negative; how many were written.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private nint Product512(byte* left, byte* right, byte* target, nint channel, nint count)
    {
        // The product of two integers of 9 bits is exact in single precision. Equals: Products and Slopes.
        var factorA = Vector512.Create(constants.FactorA.ToScalar());
        var most = Vector512.Create(constants.Most.ToScalar());
        var zeroA = Vector512.Create(constants.ZeroA.ToScalar());
        var origin = Vector512.Create(constants.Origin16.ToScalar());
        var lowest = Vector512.Create(constants.Lowest.ToScalar());
        Vector512<int> order = Vector512.Create(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
        bool signedLeft = signedA, signedRight = signedB, signedResult = signedY, one = stepB == 0, channels = channel >= 0;
        float* factors = constants.FactorsB + Math.Max(0, channel);
        int* zeros = constants.ZerosB + Math.Max(0, channel);
        Vector512<float> factorB = Vector512.Create(*factors), second = Vector512.Create((float)(Number(*right, signedRight) - *zeros));
        Vector512<int> zeroB = Vector512.Create(*zeros);
        Vector512<int>* sixteen = stackalloc Vector512<int>[4];
        nint i = 0;
        for (; i + 64 <= count; i += 64)
        {
            for (nint part = 0; part < 4; part++)
            {
                nint at = i + 16 * part;
                Vector128<byte> a = Vector128.Load(left + at);
                Vector512<int> number = (signedLeft ? Avx512F.ConvertToVector512Int32(a.AsSByte()) : Avx512F.ConvertToVector512Int32(a)) - zeroA;
                if (channels)
                {
                    factorB = Vector512.Load(factors + at);
                    zeroB = Vector512.Load(zeros + at);
                }
                if (!one)
                {
                    Vector128<byte> b = Vector128.Load(right + at);
                    second = Vector512.ConvertToSingle((signedRight ? Avx512F.ConvertToVector512Int32(b.AsSByte()) : Avx512F.ConvertToVector512Int32(b)) - zeroB);
                }
                Vector512<float> first = Vector512.ConvertToSingle(number), real = first * second * factorB;
                if (F.IsSlope) real = Vector512.ConditionalSelect(Vector512.LessThan(number, default).AsSingle(), real, first * factorA);
                sixteen[part] = Avx512F.ConvertToVector512Int32(Vector512.MinNative(real, most));
            }
            Vector512<short> low = Avx512BW.AddSaturate(Avx512BW.PackSignedSaturate(sixteen[0], sixteen[1]), origin), high = Avx512BW.AddSaturate(Avx512BW.PackSignedSaturate(sixteen[2], sixteen[3]), origin);
            Vector512<byte> packed = signedResult ? Vector512.Max(Avx512BW.PackSignedSaturate(low, high), lowest.AsSByte()).AsByte() : Vector512.Max(Avx512BW.PackUnsignedSaturate(low, high), lowest);
            Avx512F.PermuteVar16x32(packed.AsInt32(), order).AsByte().Store(target + i);
        }
        return i;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Sixteen(byte* left, byte* right, bool signedLeft, bool signedRight, Vector512<float> factorA, Vector512<float> factorB, Vector512<float> offset)
    {
        Vector128<byte> a = Vector128.Load(left), b = Vector128.Load(right);
        Vector512<float> x = Vector512.ConvertToSingle(signedLeft ? Avx512F.ConvertToVector512Int32(a.AsSByte()) : Avx512F.ConvertToVector512Int32(a));
        Vector512<float> y = Vector512.ConvertToSingle(signedRight ? Avx512F.ConvertToVector512Int32(b.AsSByte()) : Avx512F.ConvertToVector512Int32(b));
        return Avx512F.ConvertToVector512Int32(Avx512F.FusedMultiplyAdd(x, factorA, Avx512F.FusedMultiplyAdd(y, factorB, offset)));
    }

    /// <summary>As with 512 bits, 32 at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private nint Sum256(byte* left, byte* right, byte* target, nint count)
    {
        var factorA = Vector256.Create(constants.FactorA.ToScalar());
        var factorB = Vector256.Create(*constants.FactorsB);
        var offset = Vector256.Create(*constants.Offsets);
        Vector256<byte> lowest = Vector256.Create((byte)pair.Range.Low), highest = Vector256.Create((byte)pair.Range.High);
        bool signedLeft = signedA, signedRight = signedB, signedResult = signedY;
        nint i = 0;
        for (; i + 32 <= count; i += 32)
        {
            Vector256<short> low = Avx2.PackSignedSaturate(Eight(left + i, right + i, signedLeft, signedRight, factorA, factorB, offset), Eight(left + i + 8, right + i + 8, signedLeft, signedRight, factorA, factorB, offset));
            Vector256<short> high = Avx2.PackSignedSaturate(Eight(left + i + 16, right + i + 16, signedLeft, signedRight, factorA, factorB, offset), Eight(left + i + 24, right + i + 24, signedLeft, signedRight, factorA, factorB, offset));
            Vector256<byte> packed = signedResult ? Vector256.Min(Vector256.Max(Avx2.PackSignedSaturate(low, high), lowest.AsSByte()), highest.AsSByte()).AsByte()
                : Vector256.Min(Vector256.Max(Avx2.PackUnsignedSaturate(low, high), lowest), highest);
            Avx2.PermuteVar8x32(packed.AsInt32(), Vector256.Create(0, 4, 1, 5, 2, 6, 3, 7)).AsByte().Store(target + i);
        }
        return i;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Eight(byte* left, byte* right, bool signedLeft, bool signedRight, Vector256<float> factorA, Vector256<float> factorB, Vector256<float> offset)
    {
        Vector256<float> x = Vector256.ConvertToSingle(signedLeft ? Avx2.ConvertToVector256Int32((sbyte*)left) : Avx2.ConvertToVector256Int32(left));
        Vector256<float> y = Vector256.ConvertToSingle(signedRight ? Avx2.ConvertToVector256Int32((sbyte*)right) : Avx2.ConvertToVector256Int32(right));
        return Avx.ConvertToVector256Int32(Vector256.FusedMultiplyAdd(x, factorA, Vector256.FusedMultiplyAdd(y, factorB, offset)));
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

    /// <summary>True for products, and for slopes, which are products below zero.</summary>
    static virtual bool IsProduct => false;

    /// <summary>True for slopes.</summary>
    static virtual bool IsSlope => false;

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

        public static bool IsProduct => true;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<float> Apply(Vector256<int> a, Vector256<int> b, in BytePairConstants constants, nint at) =>
            Vector256.ConvertToSingle((a - constants.ZeroA) * (b - Vector256.Load(constants.ZerosB + at))) * Vector256.Load(constants.FactorsB + at);
    }

    private readonly struct Slopes : IBytePair
    {
        public static bool HasVectors => true;

        public static bool IsProduct => true;

        public static bool IsSlope => true;

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
