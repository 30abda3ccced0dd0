using System.Runtime.CompilerServices;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>A function of each lane, with two parameters that are the same in all.</summary>
internal interface IVectorFunction
{
    static abstract V Apply<L, V>(V x, V alpha, V beta) where L : struct, ILanes<V> where V : unmanaged;
}

/// <summary>
/// The transcendental functions that activations are made of, in single precision. Bounds are for finite arguments, in units of
/// the result: exp 2e-7 relative; sigmoid 2e-7 relative; tanh 5e-7 relative; erf 5e-7 absolute.
/// </summary>
internal static class VectorFunctions
{
    /// <summary>
    /// eˣ = 2ⁿ·eʳ with n = round(x / ln 2); eʳ by its Taylor series, whose first omitted term is below 2e-9 for |r| ≤ ln 2 / 2.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Exp<L, V>(V x) where L : struct, ILanes<V> where V : unmanaged
    {
        // Beyond these bounds the result is 0 or infinity anyway. NaN passes as the second operand.
        x = L.Min(L.All(89f), L.Max(L.All(-104f), x));
        V n = L.Round(L.Mul(x, L.All(1.44269504f)));
        // ln 2 in two parts, the first with trailing zeros, so that n times it is exact.
        V r = L.MultiplyAdd(n, L.All(-0.693359375f), x);
        r = L.MultiplyAdd(n, L.All(2.12194440e-4f), r);
        V p = L.All(1f / 5040);
        p = L.MultiplyAdd(p, r, L.All(1f / 720));
        p = L.MultiplyAdd(p, r, L.All(1f / 120));
        p = L.MultiplyAdd(p, r, L.All(1f / 24));
        p = L.MultiplyAdd(p, r, L.All(1f / 6));
        p = L.MultiplyAdd(p, r, L.All(0.5f));
        p = L.MultiplyAdd(p, r, L.All(1f));
        p = L.MultiplyAdd(p, r, L.All(1f));
        // Two factors: 2^128 and 2^-150 are no floats, their products with p may be.
        V half = L.Floor(L.Mul(n, L.All(0.5f)));
        return L.Mul(L.Mul(p, L.PowerOfTwo(half)), L.PowerOfTwo(L.Sub(n, half)));
    }

    /// <summary>1 / (1 + e⁻ˣ).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Sigmoid<L, V>(V x) where L : struct, ILanes<V> where V : unmanaged =>
        L.Div(L.All(1), L.Add(L.All(1), Exp<L, V>(L.Sub(default, x))));

    /// <summary>
    /// 1 - 2 / (e²ˣ + 1); below 0.4, where that cancels, x times the Maclaurin series in x², whose first omitted term is 6e-8 there.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Tanh<L, V>(V x) where L : struct, ILanes<V> where V : unmanaged
    {
        V large = L.Sub(L.All(1), L.Div(L.All(2), L.Add(L.All(1), Exp<L, V>(L.Add(x, x)))));
        V square = L.Mul(x, x);
        V p = L.All(-1382f / 155925);
        p = L.MultiplyAdd(p, square, L.All(62f / 2835));
        p = L.MultiplyAdd(p, square, L.All(-17f / 315));
        p = L.MultiplyAdd(p, square, L.All(2f / 15));
        p = L.MultiplyAdd(p, square, L.All(-1f / 3));
        V small = L.MultiplyAdd(L.Mul(p, square), x, x);
        return L.Select(L.Less(square, L.All(0.16f)), small, large);
    }

    /// <summary>The error function by Abramowitz and Stegun 7.1.26, whose own error is 1.5e-7.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Erf<L, V>(V x) where L : struct, ILanes<V> where V : unmanaged
    {
        V a = L.Max(x, L.Sub(default, x));
        V t = L.Div(L.All(1), L.MultiplyAdd(a, L.All(0.3275911f), L.All(1)));
        V p = L.All(1.061405429f);
        p = L.MultiplyAdd(p, t, L.All(-1.453152027f));
        p = L.MultiplyAdd(p, t, L.All(1.421413741f));
        p = L.MultiplyAdd(p, t, L.All(-0.284496736f));
        p = L.MultiplyAdd(p, t, L.All(0.254829592f));
        V erf = L.Sub(L.All(1), L.Mul(L.Mul(p, t), Exp<L, V>(L.Sub(default, L.Mul(a, a)))));
        return L.Select(L.Less(x, default), L.Sub(default, erf), erf);
    }
}
