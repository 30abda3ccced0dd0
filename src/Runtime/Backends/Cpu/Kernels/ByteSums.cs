using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using EdgeRuntime.Operators;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>Rows of bytes added up as integers, and rows of sums requantized with one multiplier; see <see cref="Requantize"/>.</summary>
internal static unsafe class ByteSums
{
    /// <summary>sums[i] += row[i].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(byte* row, int* sums, nint count, bool signed)
    {
        // Lanes: 16 numbers. Equals the loop at the end.
        nint i = 0;
        if (Vector128.IsHardwareAccelerated)
        {
            for (; i + 16 <= count; i += 16)
            {
                Vector128<byte> bytes = Vector128.Load(row + i);
                (Vector128<short> low, Vector128<short> high) = signed ? Vector128.Widen(bytes.AsSByte()) : (Vector128.WidenLower(bytes).AsInt16(), Vector128.WidenUpper(bytes).AsInt16());
                (Vector128.Load(sums + i) + Vector128.WidenLower(low)).Store(sums + i);
                (Vector128.Load(sums + i + 4) + Vector128.WidenUpper(low)).Store(sums + i + 4);
                (Vector128.Load(sums + i + 8) + Vector128.WidenLower(high)).Store(sums + i + 8);
                (Vector128.Load(sums + i + 12) + Vector128.WidenUpper(high)).Store(sums + i + 12);
            }
        }
        for (; i < count; i++) sums[i] += signed ? (sbyte)row[i] : row[i];
    }

    /// <summary>sums[i] += weight · (row[i] - zero), in integers that wrap around; with <paramref name="first"/>, the sums begin here.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddWeighted(byte* row, int* sums, nint count, bool signed, int zero, int weight, bool first)
    {
        // Lanes: 8 numbers. Equals the loop at the end.
        nint i = 0;
        if (Vector128.IsHardwareAccelerated)
        {
            Vector128<short> zeros = Vector128.Create((short)zero);
            Vector128<int> weights = Vector128.Create(weight);
            for (; i + 8 <= count; i += 8)
            {
                Vector128<byte> bytes = Vector128.CreateScalarUnsafe(*(ulong*)(row + i)).AsByte();
                Vector128<short> wide = (signed ? Vector128.WidenLower(bytes.AsSByte()) : Vector128.WidenLower(bytes).AsInt16()) - zeros;
                Vector128<int> low = Vector128.WidenLower(wide) * weights, high = Vector128.WidenUpper(wide) * weights;
                if (!first)
                {
                    low += Vector128.Load(sums + i);
                    high += Vector128.Load(sums + i + 4);
                }
                low.Store(sums + i);
                high.Store(sums + i + 4);
            }
        }
        for (; i < count; i++) sums[i] = unchecked((first ? 0 : sums[i]) + weight * ((signed ? (sbyte)row[i] : row[i]) - zero));
    }

    /// <summary>target[i] += weight · source[i], in integers that wrap around; with <paramref name="first"/>, the sums begin here.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddWeighted(int* source, int* target, nint count, int weight, bool first)
    {
        nint i = 0;
        if (Vector128.IsHardwareAccelerated)
        {
            Vector128<int> weights = Vector128.Create(weight);
            for (; i + 4 <= count; i += 4)
            {
                Vector128<int> sum = Vector128.Load(source + i) * weights;
                (first ? sum : sum + Vector128.Load(target + i)).Store(target + i);
            }
        }
        for (; i < count; i++) target[i] = unchecked((first ? 0 : target[i]) + weight * source[i]);
    }

    /// <summary>target[i] = weightA · (a[i] - zero) + weightB · (b[i] - zero), with weights and their sum of at most 16 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Mix(byte* a, byte* b, int* target, nint count, bool signed, int zero, int weightA, int weightB)
    {
        // Lanes: 16 numbers, of both rows in turn, which are multiplied and added in pairs; the last vector overlaps the one before it. Equals AddWeighted of a and then of b.
        if (!Avx2.IsSupported || count < 16)
        {
            AddWeighted(a, target, count, signed, zero, weightA, first: true);
            AddWeighted(b, target, count, signed, zero, weightB, first: false);
            return;
        }
        Vector256<short> zeros = Vector256.Create((short)zero), weights = Vector256.Create((weightB << 16) | (ushort)weightA).AsInt16();
        for (nint i = 0; i < count; i += 16)
        {
            nint at = Math.Min(i, count - 16);
            Vector256<short> left = (signed ? Avx2.ConvertToVector256Int16((sbyte*)a + at) : Avx2.ConvertToVector256Int16(a + at)) - zeros;
            Vector256<short> right = (signed ? Avx2.ConvertToVector256Int16((sbyte*)b + at) : Avx2.ConvertToVector256Int16(b + at)) - zeros;
            Vector256<int> low = Avx2.MultiplyAddAdjacent(Avx2.UnpackLow(left, right), weights), high = Avx2.MultiplyAddAdjacent(Avx2.UnpackHigh(left, right), weights);
            Avx2.Permute2x128(low, high, 0x20).Store(target + at);
            Avx2.Permute2x128(low, high, 0x31).Store(target + at + 8);
        }
    }

    /// <summary>target[i] = <see cref="Requantize.Apply"/> of weightA · a[i] + weightB · b[i], in integers that wrap around.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void MixRequantized(int* a, int* b, int weightA, int weightB, byte* target, nint count, float multiplier, int zero, int low, int high)
    {
        // Lanes: 8 numbers; the last vector overlaps the one before it. Equals the loop at the end.
        nint i = 0;
        if (Vector128.IsHardwareAccelerated && count >= 8)
        {
            Vector256<int> weightsA = Vector256.Create(weightA), weightsB = Vector256.Create(weightB), zeros = Vector256.Create(zero);
            Vector256<float> factor = Vector256.Create(multiplier), least = Vector256.Create((float)(low - zero)), most = Vector256.Create((float)(high - zero));
            for (; i < count; i += 8)
            {
                nint at = Math.Min(i, count - 8);
                Vector256<int> sum = Vector256.Load(a + at) * weightsA + Vector256.Load(b + at) * weightsB;
                *(long*)(target + at) = Requantized(sum, factor, least, most, zeros).AsInt64().ToScalar();
            }
            return;
        }
        for (; i < count; i++) target[i] = unchecked((byte)Requantize.Apply(weightA * a[i] + weightB * b[i], multiplier, zero, low, high));
    }

    /// <summary>The sum of a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Total(byte* row, nint count, bool signed)
    {
        int total = 0;
        nint i = 0;
        if (Avx2.IsSupported && !signed)
        {
            Vector256<int> sums = default;
            for (; i + 32 <= count; i += 32) sums += Avx2.SumAbsoluteDifferences(Vector256.Load(row + i), default).AsInt32();
            total = Vector256.Sum(sums);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            Vector128<int> sums = default;
            for (; i + 16 <= count; i += 16)
            {
                Vector128<byte> bytes = Vector128.Load(row + i);
                (Vector128<short> low, Vector128<short> high) = signed ? Vector128.Widen(bytes.AsSByte()) : (Vector128.WidenLower(bytes).AsInt16(), Vector128.WidenUpper(bytes).AsInt16());
                Vector128<short> pairs = low + high;
                sums += Vector128.WidenLower(pairs) + Vector128.WidenUpper(pairs);
            }
            total = Vector128.Sum(sums);
        }
        for (; i < count; i++) total += signed ? (sbyte)row[i] : row[i];
        return total;
    }

    /// <summary>target[i] = <see cref="Requantize.Apply"/> of sums[i] + <paramref name="shift"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Requantized(int* sums, byte* target, nint count, int shift, float multiplier, int zero, int low, int high)
    {
        // Lanes: 8 numbers. Equals the loop at the end.
        nint i = 0;
        if (Vector128.IsHardwareAccelerated)
        {
            Vector256<int> shifts = Vector256.Create(shift), zeros = Vector256.Create(zero);
            Vector256<float> factor = Vector256.Create(multiplier), least = Vector256.Create((float)(low - zero)), most = Vector256.Create((float)(high - zero));
            for (; i + 8 <= count; i += 8)
            {
                *(long*)(target + i) = Requantized(Vector256.Load(sums + i) + shifts, factor, least, most, zeros).AsInt64().ToScalar();
            }
        }
        for (; i < count; i++) target[i] = unchecked((byte)Requantize.Apply(sums[i] + shift, multiplier, zero, low, high));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<sbyte> Requantized(Vector256<int> sums, Vector256<float> factor, Vector256<float> least, Vector256<float> most, Vector256<int> zeros)
    {
        Vector256<float> real = Vector256.MinNative(Vector256.MaxNative(Vector256.ConvertToSingle(sums) * factor, least), most);
        // The processor's own conversion rounds halves to even, as .NET leaves it set.
        Vector256<int> rounded = (Avx.IsSupported ? Avx.ConvertToVector256Int32(real) : Vector256.ConvertToInt32Native(Vector256.Round(real))) + zeros;
        Vector128<short> narrow = Vector128.Narrow(rounded.GetLower(), rounded.GetUpper());
        return Vector128.Narrow(narrow, narrow);
    }

    /// <summary>The largest of taps that are <paramref name="step"/> apart, for windows that are <paramref name="next"/> apart; their results follow each other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void LargestAcross(byte* row, nint step, int taps, nint next, int windows, byte* target, nint count, bool signed)
    {
        // Lanes: 16 channels; the last vector overlaps the one before it. Equals Largest of each window.
        if (!Vector128.IsHardwareAccelerated || count < 16 || taps is < 2 or > 3)
        {
            for (; windows > 0; windows--, row += next, target += count) Largest(row, step, taps, target, count, signed);
            return;
        }
        // Signed numbers are in order once their highest bit is turned over. A third tap may be the second one again.
        Vector128<byte> flips = Vector128.Create(signed ? (byte)128 : (byte)0);
        nint last = (taps - 1) * step;
        for (; windows > 0; windows--, row += next, target += count)
            for (nint i = 0; i < count; i += 16)
            {
                nint at = Math.Min(i, count - 16);
                byte* from = row + at;
                (Vector128.Max(Vector128.Max(Vector128.Load(from) ^ flips, Vector128.Load(from + step) ^ flips), Vector128.Load(from + last) ^ flips) ^ flips).Store(target + at);
            }
    }

    /// <summary>target[i] = the largest of rows that are <paramref name="step"/> apart, at least one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Largest(byte* row, nint step, int rows, byte* target, nint count, bool signed)
    {
        // Lanes: 32, 16 or 8 numbers; the last vector overlaps the one before it. Equals the loop at the end.
        nint i = 0;
        if (Vector128.IsHardwareAccelerated && count >= 8)
        {
            // Signed numbers are in order once their highest bit is turned over.
            byte flip = signed ? (byte)128 : (byte)0;
            if (count >= 32)
            {
                Vector256<byte> flips = Vector256.Create(flip);
                for (; i < count; i += 32)
                {
                    byte* from = row + Math.Min(i, count - 32);
                    Vector256<byte> best = Vector256.Load(from) ^ flips;
                    for (int r = 1; r < rows; r++) best = Vector256.Max(best, Vector256.Load(from + r * step) ^ flips);
                    (best ^ flips).Store(target + (from - row));
                }
                return;
            }
            if (count >= 16)
            {
                Vector128<byte> flips = Vector128.Create(flip);
                for (; i < count; i += 16)
                {
                    byte* from = row + Math.Min(i, count - 16);
                    Vector128<byte> best = Vector128.Load(from) ^ flips;
                    for (int r = 1; r < rows; r++) best = Vector128.Max(best, Vector128.Load(from + r * step) ^ flips);
                    (best ^ flips).Store(target + (from - row));
                }
                return;
            }
            for (; i < count; i += 8)
            {
                Vector128<byte> flips = Vector128.Create(flip);
                byte* from = row + Math.Min(i, count - 8);
                Vector128<byte> best = Vector128.CreateScalarUnsafe(*(ulong*)from).AsByte() ^ flips;
                for (int r = 1; r < rows; r++) best = Vector128.Max(best, Vector128.CreateScalarUnsafe(*(ulong*)(from + r * step)).AsByte() ^ flips);
                *(ulong*)(target + (from - row)) = (best ^ flips).AsUInt64().ToScalar();
            }
            return;
        }
        for (; i < count; i++)
        {
            byte best = row[i];
            for (int r = 1; r < rows; r++)
            {
                byte other = row[i + r * step];
                if (signed ? (sbyte)other > (sbyte)best : other > best) best = other;
            }
            target[i] = best;
        }
    }

    /// <summary>target[i] = the larger, or the smaller, of target[i] and row[i].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Extreme(byte* row, byte* target, nint count, bool signed, bool smallest)
    {
        nint i = 0;
        if (Vector128.IsHardwareAccelerated)
        {
            for (; i + 16 <= count; i += 16)
            {
                Vector128<byte> a = Vector128.Load(row + i), b = Vector128.Load(target + i);
                Vector128<byte> best = signed ? (smallest ? Vector128.Min(a.AsSByte(), b.AsSByte()) : Vector128.Max(a.AsSByte(), b.AsSByte())).AsByte() : smallest ? Vector128.Min(a, b) : Vector128.Max(a, b);
                best.Store(target + i);
            }
        }
        for (; i < count; i++)
        {
            int difference = signed ? (sbyte)row[i] - (sbyte)target[i] : row[i] - target[i];
            if (smallest ? difference < 0 : difference > 0) target[i] = row[i];
        }
    }
}
