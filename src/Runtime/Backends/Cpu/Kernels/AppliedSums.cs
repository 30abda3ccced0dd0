using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using EdgeRuntime.Operators;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>Sums of products of integers as bytes after a function that is no clamp; see <see cref="AppliedFunction"/>.</summary>
internal sealed unsafe class AppliedSums
{
    private readonly UnaryFunction function;
    private readonly float alpha, beta, low, high;
    private readonly int zero, lanes;
    private readonly (int Low, int High) range;
    private readonly Activation activation;
    private float* scales, gains;

    /// <summary>Prepares.</summary>
    /// <param name="binding">The step.</param>
    /// <param name="product">Function, gains and range.</param>
    /// <param name="scales">What sums of each column are multiplied by.</param>
    /// <param name="width">Entries of these tables.</param>
    /// <param name="columns">Columns of the result.</param>
    /// <param name="lanes">Numbers in the widest vectors to use.</param>
    public AppliedSums(CpuBinding binding, QuantizedProduct product, float* scales, int width, int columns, int lanes)
    {
        this.scales = scales;
        this.lanes = lanes;
        activation = product.Function;
        function = activation.Function;
        alpha = function == UnaryFunction.Swish ? AppliedFunction.ExponentOf(activation.Alpha) : activation.Alpha;
        beta = activation.Beta;
        zero = product.Result.ZeroPoint;
        range = product.Range;
        (low, high) = (range.Low - zero, range.High - zero);
        gains = (float*)binding.Allocate((long)width * sizeof(float));
        for (int i = 0; i < width; i++) gains[i] = product.Gains[product.Gains.Length == 1 ? 0 : Math.Min(i, columns - 1)];
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
        if (Avx512BW.IsSupported && lanes == 16) Write<Lanes512, Vector512<float>>(sums, step, rows, add, target, next, column, count);
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
        V least = L.All(low), most = L.All(high), first = L.All(alpha), second = L.All(beta);
        for (int i = 0; i < count; i += L.Count)
        {
            V scale = L.Load(scales + column + i), gain = L.Load(gains + column + i);
            int* from = sums + i;
            byte* to = target + i;
            for (int row = 0; row < rows; row++, from += step, to += next)
            {
                V x = L.Mul(Reals<V>(from, add + i), scale);
                V y = function switch
                {
                    UnaryFunction.LeakyRelu => L.Select(L.Less(x, L.All(0)), L.Mul(x, first), x),
                    UnaryFunction.HardSwish => L.Mul(x, L.Max(L.Min(L.Add(L.Mul(x, first), second), L.All(1)), L.All(0))),
                    _ => L.Mul(x, Sigmoid<L, V>(L.Mul(x, first))),
                };
                Store(L.Min(L.Max(L.Mul(y, gain), least), most), to, count - i);
            }
        }
    }

    /// <summary>1 / (1 + 2 to the power of u).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Sigmoid<L, V>(V u) where L : struct, ILanes<V> where V : unmanaged
    {
        u = L.Max(L.Min(u, L.All(AppliedFunction.Most)), L.All(-AppliedFunction.Most));
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
