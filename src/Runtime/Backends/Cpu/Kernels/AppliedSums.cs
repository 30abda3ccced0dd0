using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using EdgeRuntime.Operators;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>Sums of products of integers as bytes after a function that is no clamp; see <see cref="AppliedFunction"/>.</summary>
internal sealed unsafe class AppliedSums
{
    /// <summary>With scales below it, exponents are floats for all sums and parameters.</summary>
    private const float LargestScale = 1 << 30;

    private readonly UnaryFunction function;
    private readonly float alpha, beta, low, high;
    private readonly int zero, lanes;
    private readonly bool packs;
    private readonly SumsPacking packing;
    private readonly (int Low, int High) range;
    private readonly Activation activation;

    /// <summary>No constant to the compiler, which would take numbers from it in two steps.</summary>
    private readonly int reciprocalBits = AppliedFunction.ReciprocalBits;

    private float* scales, gains;

    /// <summary>Prepares.</summary>
    /// <param name="binding">The step.</param>
    /// <param name="product">Function, gains and range.</param>
    /// <param name="packing">Makes bytes of vectors.</param>
    /// <param name="scales">What sums of each column are multiplied by.</param>
    /// <param name="width">Entries of these tables.</param>
    /// <param name="columns">Columns of the result.</param>
    /// <param name="lanes">Numbers in the widest vectors to use.</param>
    public AppliedSums(CpuBinding binding, QuantizedProduct product, SumsPacking packing, float* scales, int width, int columns, int lanes)
    {
        this.scales = scales;
        this.lanes = lanes;
        this.packing = packing;
        activation = product.Function;
        function = activation.Function;
        alpha = function == UnaryFunction.Swish ? AppliedFunction.ExponentOf(activation.Alpha) : activation.Alpha;
        beta = activation.Beta;
        zero = product.Result.ZeroPoint;
        range = product.Range;
        (low, high) = (range.Low - zero, range.High - zero);
        gains = (float*)binding.Allocate((long)width * sizeof(float));
        for (int i = 0; i < width; i++) gains[i] = product.Gains[product.Gains.Length == 1 ? 0 : Math.Min(i, columns - 1)];
        // Sums of 32 bits times less than a half fit 30, so that packing saturates at the ends of the type as it should; and nothing before becomes infinite.
        float most = function == UnaryFunction.LeakyRelu ? Math.Max(1, Math.Abs(alpha)) : 1;
        packs = range.High == Requantize.Range(product.Result.Type).High;
        for (int i = 0; i < width; i++) packs &= scales[i] < LargestScale && Math.Abs(scales[i] * gains[i] * most) < 0.5f;
    }

    /// <summary>Takes longer tables, in which columns come again and again.</summary>
    public void Repeat(CpuBinding binding, float* scales, int length, int columns)
    {
        this.scales = scales;
        float* repeated = (float*)binding.Allocate((long)length * sizeof(float));
        for (int i = 0; i < length; i++) repeated[i] = gains[i % columns];
        gains = repeated;
    }

    /// <summary>Writes some columns of some rows. Whole vectors are computed, since sums and tables are as wide as panels, and some of their bytes are written.</summary>
    /// <param name="sums">The first sum.</param>
    /// <param name="step">Sums from a row to the next.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="add">What is added to the sums of each row.</param>
    /// <param name="target">Where the bytes go.</param>
    /// <param name="next">Bytes from a row to the next.</param>
    /// <param name="column">Number of the first column.</param>
    /// <param name="count">Number of columns.</param>
    public void Write(int* sums, int step, int rows, int* add, byte* target, nint next, int column, int count)
    {
        if (packs && Avx512BW.IsSupported && lanes == 16) Pack512(sums, step, rows, add, target, next, column, count);
        else if (packs && Avx2.IsSupported && lanes >= 8) Pack256(sums, step, rows, add, target, next, column, count);
        else if (Avx512BW.IsSupported && lanes == 16) Write<Lanes512, Vector512<float>>(sums, step, rows, add, target, next, column, count);
        else if (Avx2.IsSupported && lanes >= 8) Write<Lanes256, Vector256<float>>(sums, step, rows, add, target, next, column, count);
        else if (Vector128.IsHardwareAccelerated && lanes >= 4) Write<Lanes128, Vector128<float>>(sums, step, rows, add, target, next, column, count);
        else
            for (int row = 0; row < rows; row++, sums += step, target += next)
                for (int i = 0; i < count; i++)
                {
                    float real = AppliedFunction.Apply(activation, unchecked(sums[i] + add[i]) * scales[column + i]);
                    target[i] = unchecked((byte)Requantize.Round(real * gains[column + i], zero, range.Low, range.High));
                }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Write<L, V>(int* sums, int step, int rows, int* add, byte* target, nint next, int column, int count) where L : struct, ILanes<V> where V : unmanaged
    {
        // Rows within columns: what all elements share is in registers once for all of them.
        V least = L.All(low), most = L.All(high);
        for (int i = 0; i < count; i += L.Count)
        {
            V scale = L.Load(scales + column + i), gain = L.Load(gains + column + i);
            int* from = sums + i;
            byte* to = target + i;
            for (int row = 0; row < rows; row++, from += step, to += next)
            {
                V y = Applied<L, V>(from, add + i, scale, gain);
                Store(L.Min(L.Max(y, least), most), to, count - i);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Pack512(int* sums, int step, int rows, int* add, byte* target, nint next, int column, int count)
    {
        // Lanes: columns, of two rows by two vectors or four rows by one; missing rows repeat the last one. Equals Write.
        int last = rows - 1;
        for (int i = 0; i < count; i += 32)
        {
            int left = count - i;
            int* from = sums + i, adds = add + i;
            byte* to = target + i;
            Vector512<float> scale = Vector512.Load(scales + column + i), gain = Vector512.Load(gains + column + i);
            if (left <= 16)
            {
                for (int row = 0; row < rows; row += 4)
                {
                    int second = Math.Min(row + 1, last), third = Math.Min(row + 2, last), fourth = Math.Min(row + 3, last);
                    Vector512<byte> bytes;
                    if (third > second && function == UnaryFunction.Swish) bytes = Swish512(from + row * step, from + second * step, from + third * step, from + fourth * step, adds, adds, scale, scale, gain, gain);
                    else
                    {
                        Vector512<int> a = Steps512(from + row * step, adds, scale, gain), b = Steps512(from + second * step, adds, scale, gain), c = b, d = b;
                        if (third > second) (c, d) = (Steps512(from + third * step, adds, scale, gain), Steps512(from + fourth * step, adds, scale, gain));
                        bytes = packing.Packed(a, b, c, d);
                    }
                    SumsEpilogue.StoreSome(bytes.GetLower().GetLower(), to + row * next, left);
                    SumsEpilogue.StoreSome(bytes.GetLower().GetUpper(), to + second * next, left);
                    SumsEpilogue.StoreSome(bytes.GetUpper().GetLower(), to + third * next, left);
                    SumsEpilogue.StoreSome(bytes.GetUpper().GetUpper(), to + fourth * next, left);
                }
                return;
            }
            Vector512<float> secondScale = Vector512.Load(scales + column + i + 16), secondGain = Vector512.Load(gains + column + i + 16);
            for (int row = 0; row < rows; row += 2)
            {
                int second = Math.Min(row + 1, last);
                int* upper = from + row * step, lower = from + second * step;
                Vector512<byte> bytes = function == UnaryFunction.Swish
                    ? Swish512(upper, upper + 16, lower, lower + 16, adds, adds + 16, scale, secondScale, gain, secondGain)
                    : packing.Packed(Steps512(upper, adds, scale, gain), Steps512(upper + 16, adds + 16, secondScale, secondGain), Steps512(lower, adds, scale, gain), Steps512(lower + 16, adds + 16, secondScale, secondGain));
                if (left >= 32)
                {
                    bytes.GetLower().Store(to + row * next);
                    bytes.GetUpper().Store(to + second * next);
                    continue;
                }
                bytes.GetLower().GetLower().Store(to + row * next);
                SumsEpilogue.StoreSome(bytes.GetLower().GetUpper(), to + row * next + 16, left - 16);
                bytes.GetUpper().GetLower().Store(to + second * next);
                SumsEpilogue.StoreSome(bytes.GetUpper().GetUpper(), to + second * next + 16, left - 16);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Pack256(int* sums, int step, int rows, int* add, byte* target, nint next, int column, int count)
    {
        // As with 512 bits: two rows by two vectors.
        int last = rows - 1;
        for (int i = 0; i < count; i += 16)
        {
            int left = count - i;
            int* adds = add + i;
            Vector256<float> scale = Vector256.Load(scales + column + i), gain = Vector256.Load(gains + column + i), secondScale = Vector256.Load(scales + column + i + 8), secondGain = Vector256.Load(gains + column + i + 8);
            for (int row = 0; row < rows; row += 2)
            {
                int second = Math.Min(row + 1, last);
                int* upper = sums + i + row * step, lower = sums + i + second * step;
                Vector256<int> a = Steps256(upper, adds, scale, gain), c = Steps256(lower, adds, scale, gain), b = a, d = c;
                if (left > 8) (b, d) = (Steps256(upper + 8, adds + 8, secondScale, secondGain), Steps256(lower + 8, adds + 8, secondScale, secondGain));
                Vector256<byte> bytes = packing.Packed(a, b, c, d);
                SumsEpilogue.StoreSome(bytes.GetLower(), target + i + row * next, left);
                SumsEpilogue.StoreSome(bytes.GetUpper(), target + i + second * next, left);
            }
        }
    }

    /// <summary>Swish of four vectors: <see cref="Applied"/>, step by step for all of them, since the schedulers of processors hold less than one such chain of operations.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector512<byte> Swish512(int* sumsA, int* sumsB, int* sumsC, int* sumsD, int* add, int* secondAdd, Vector512<float> scale, Vector512<float> secondScale, Vector512<float> gain, Vector512<float> secondGain)
    {
        Vector512<float> one = Vector512.Create(1f), two = Vector512.Create(2f), factor = Vector512.Create(alpha), most = Vector512.Create(AppliedFunction.Most), c1 = Vector512.Create(AppliedFunction.C1),
            c2 = Vector512.Create(AppliedFunction.C2), c3 = Vector512.Create(AppliedFunction.C3), c4 = Vector512.Create(AppliedFunction.C4);
        Vector512<float> a = Reals<Vector512<float>>(sumsA, add) * scale, b = Reals<Vector512<float>>(sumsB, secondAdd) * secondScale, c = Reals<Vector512<float>>(sumsC, add) * scale, d = Reals<Vector512<float>>(sumsD, secondAdd) * secondScale;
        Vector512<float> ua = Vector512.MinNative(a * factor, most), ub = Vector512.MinNative(b * factor, most), uc = Vector512.MinNative(c * factor, most), ud = Vector512.MinNative(d * factor, most);
        Vector512<float> na = Vector512.Round(ua), nb = Vector512.Round(ub), nc = Vector512.Round(uc), nd = Vector512.Round(ud);
        (ua, ub, uc, ud) = (ua - na, ub - nb, uc - nc, ud - nd);
        Vector512<float> pa = c3 + ua * c4, pb = c3 + ub * c4, pc = c3 + uc * c4, pd = c3 + ud * c4;
        (pa, pb, pc, pd) = (c2 + ua * pa, c2 + ub * pb, c2 + uc * pc, c2 + ud * pd);
        (pa, pb, pc, pd) = (c1 + ua * pa, c1 + ub * pb, c1 + uc * pc, c1 + ud * pd);
        (pa, pb, pc, pd) = (one + ua * pa, one + ub * pb, one + uc * pc, one + ud * pd);
        (pa, pb, pc, pd) = (one + Lanes512.Scale(pa, na), one + Lanes512.Scale(pb, nb), one + Lanes512.Scale(pc, nc), one + Lanes512.Scale(pd, nd));
        Vector512<int> bits = Vector512.Create(reciprocalBits);
        Vector512<float> ya = (bits - pa.AsInt32()).AsSingle(), yb = (bits - pb.AsInt32()).AsSingle(), yc = (bits - pc.AsInt32()).AsSingle(), yd = (bits - pd.AsInt32()).AsSingle();
        (ya, yb, yc, yd) = (ya * (two - pa * ya), yb * (two - pb * yb), yc * (two - pc * yc), yd * (two - pd * yd));
        (ya, yb, yc, yd) = (ya * (two - pa * ya), yb * (two - pb * yb), yc * (two - pc * yc), yd * (two - pd * yd));
        return packing.Packed(Avx512F.ConvertToVector512Int32(a * ya * gain), Avx512F.ConvertToVector512Int32(b * yb * secondGain), Avx512F.ConvertToVector512Int32(c * yc * gain), Avx512F.ConvertToVector512Int32(d * yd * secondGain));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector512<int> Steps512(int* sums, int* add, Vector512<float> scale, Vector512<float> gain) => Avx512F.ConvertToVector512Int32(Applied<Lanes512, Vector512<float>>(sums, add, scale, gain));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector256<int> Steps256(int* sums, int* add, Vector256<float> scale, Vector256<float> gain) => Avx.ConvertToVector256Int32(Applied<Lanes256, Vector256<float>>(sums, add, scale, gain));

    /// <summary>The function of a vector of sums, in steps from the zero point.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private V Applied<L, V>(int* sums, int* add, V scale, V gain) where L : struct, ILanes<V> where V : unmanaged
    {
        V x = L.Mul(Reals<V>(sums, add), scale);
        V y = function switch
        {
            UnaryFunction.Swish => L.Mul(x, Sigmoid<L, V>(L.Mul(x, L.All(alpha)))),
            UnaryFunction.LeakyRelu => L.Select(L.Less(x, L.All(0)), L.Mul(x, L.All(alpha)), x),
            _ => L.Mul(x, L.Max(L.Min(L.Add(L.Mul(x, L.All(alpha)), L.All(beta)), L.All(1)), L.All(0))),
        };
        return L.Mul(y, gain);
    }

    /// <summary>1 / (1 + 2 to the power of u).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Sigmoid<L, V>(V u) where L : struct, ILanes<V> where V : unmanaged
    {
        // Below -Most nothing is added to 1 either way.
        u = L.Min(u, L.All(AppliedFunction.Most));
        V n = L.Round(u), d = L.Sub(u, n), one = L.All(1), two = L.All(2);
        // Nothing is contracted here: each product and sum is rounded, as by definition.
        V power = L.Add(L.All(AppliedFunction.C3), L.Mul(d, L.All(AppliedFunction.C4)));
        power = L.Add(L.All(AppliedFunction.C2), L.Mul(d, power));
        power = L.Add(L.All(AppliedFunction.C1), L.Mul(d, power));
        power = L.Add(one, L.Mul(d, power));
        V sum = L.Add(one, L.Scale(power, n));
        V y = L.RoughReciprocal(sum);
        y = L.Mul(y, L.Sub(two, L.Mul(sum, y)));
        return L.Mul(y, L.Sub(two, L.Mul(sum, y)));
    }

    /// <summary>Sums with the bias, as reals.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Reals<V>(int* sums, int* add) where V : unmanaged
    {
        if (typeof(V) == typeof(Vector512<float>)) return (V)(object)Vector512.ConvertToSingle(Vector512.Load(sums) + Vector512.Load(add));
        if (typeof(V) == typeof(Vector256<float>)) return (V)(object)Vector256.ConvertToSingle(Vector256.Load(sums) + Vector256.Load(add));
        return (V)(object)Vector128.ConvertToSingle(Vector128.Load(sums) + Vector128.Load(add));
    }

    /// <summary>Numbers of steps within the range, rounded and with the zero point, as bytes. The processor's own conversion rounds halves to even, as .NET leaves it set.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Store<V>(V steps, byte* target, int count) where V : unmanaged
    {
        if (typeof(V) == typeof(Vector512<float>))
        {
            Vector128<byte> bytes = Avx512F.ConvertToVector128Byte(Avx512F.ConvertToVector512Int32((Vector512<float>)(object)steps) + Vector512.Create(zero));
            SumsEpilogue.StoreSome(bytes, target, count);
        }
        else if (typeof(V) == typeof(Vector256<float>))
        {
            Vector256<int> rounded = Avx.ConvertToVector256Int32((Vector256<float>)(object)steps) + Vector256.Create(zero);
            Vector128<short> narrow = Vector128.Narrow(rounded.GetLower(), rounded.GetUpper());
            SumsEpilogue.StoreSome(Vector128.Narrow(narrow, narrow).AsByte(), target, Math.Min(count, 8));
        }
        else
        {
            Vector128<int> rounded = Vector128.ConvertToInt32Native(Vector128.Round((Vector128<float>)(object)steps)) + Vector128.Create(zero);
            Vector128<short> narrow = Vector128.Narrow(rounded, rounded);
            SumsEpilogue.StoreSome(Vector128.Narrow(narrow, narrow).AsByte(), target, Math.Min(count, 4));
        }
    }
}
