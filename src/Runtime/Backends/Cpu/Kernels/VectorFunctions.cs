using System.Runtime.CompilerServices;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>A function of each lane, with two parameters that are the same in all.</summary>
internal interface IVectorFunction
{
    static abstract V Apply<L, V>(V x, V alpha, V beta) where L : struct, ILanes<V> where V : unmanaged;
}

/// <summary>
/// The transcendental functions that activations are made of, in single precision. Errors are at most, relative to the result: exp 2e-7, sigmoid and swish
/// 5e-7 (5e-6 on processors without fused multiplication and addition), tanh and erf 5e-7. Results below 2⁻¹²⁵ may be zero.
/// Polynomials are fitted to the least largest relative error.
/// </summary>
internal static class VectorFunctions
{
    private const float Log2E = 1.44269504f, Ln2 = 0.693147181f;

    /// <summary>1.5·2²³: a number added to it is rounded to an integer.</summary>
    private const float Rounder = 12582912;

    /// <summary>eˣ = 2ⁿ·eʳ with n = round(x / ln 2); for eʳ a polynomial whose own error is 2e-9.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Exp<L, V>(V x) where L : struct, ILanes<V> where V : unmanaged
    {
        // Beyond these bounds the result is 0 or infinity anyway. NaN passes as the second operand.
        x = L.Min(L.All(89f), L.Max(L.All(-104f), x));
        V n = L.Sub(L.MultiplyAdd(x, L.All(Log2E), L.All(Rounder)), L.All(Rounder));
        // ln 2 in two parts, the first with trailing zeros, so that n times it is exact.
        V r = L.MultiplyAdd(n, L.All(-0.693359375f), x);
        r = L.MultiplyAdd(n, L.All(2.12194440e-4f), r);
        V p = L.All(1.384350807e-3f);
        p = L.MultiplyAdd(p, r, L.All(8.374278064e-3f));
        p = L.MultiplyAdd(p, r, L.All(4.16680103e-2f));
        p = L.MultiplyAdd(p, r, L.All(0.1666642985f));
        p = L.MultiplyAdd(p, r, L.All(0.4999999416f));
        p = L.MultiplyAdd(p, r, L.All(1.000000032f));
        p = L.MultiplyAdd(p, r, L.All(1f));
        return L.Scale(p, n);
    }

    /// <summary>1 / (1 + e⁻ˣ).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Sigmoid<L, V>(V x) where L : struct, ILanes<V> where V : unmanaged => L.Div(L.All(1), Denominator<L, V>(x));

    /// <summary>x / (1 + e⁻ᵃˣ).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Swish<L, V>(V x, V a) where L : struct, ILanes<V> where V : unmanaged => L.Div(x, Denominator<L, V>(L.Mul(a, x)));

    /// <summary>
    /// (e²ˣ - 1) / (e²ˣ + 1), both from e²ˣ - 1 = 2ⁿ·(eʳ - 1) + (2ⁿ - 1), of which nothing cancels: for eʳ - 1 a polynomial without a constant.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Tanh<L, V>(V x) where L : struct, ILanes<V> where V : unmanaged
    {
        // Beyond these bounds the result is 1 or -1. NaN passes as the second operand.
        x = L.Min(L.All(10f), L.Max(L.All(-10f), x));
        V n = L.Sub(L.MultiplyAdd(x, L.All(2 * Log2E), L.All(Rounder)), L.All(Rounder));
        V r = L.MultiplyAdd(n, L.All(-Ln2), L.Add(x, x));
        V p = L.All(1.388248637e-3f);
        p = L.MultiplyAdd(p, r, L.All(8.366615754e-3f));
        p = L.MultiplyAdd(p, r, L.All(4.166720314e-2f));
        p = L.MultiplyAdd(p, r, L.All(0.1666654291f));
        p = L.MultiplyAdd(p, r, L.All(0.4999999814f));
        p = L.MultiplyAdd(L.Mul(r, r), p, r);
        V power = L.Scale(L.All(1), n), less = L.MultiplyAdd(power, p, L.Sub(power, L.All(1)));
        return L.Div(less, L.Add(less, L.All(2)));
    }

    /// <summary>The error function: x times a quotient of polynomials in x², whose own error is 2e-8, up to where the result is 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Erf<L, V>(V x) where L : struct, ILanes<V> where V : unmanaged
    {
        V s = L.Mul(x, x);
        V p = L.All(2.057086733e-6f);
        V q = L.All(3.816761892e-5f);
        p = L.MultiplyAdd(p, s, L.All(0.0002849535006f));
        q = L.MultiplyAdd(q, s, L.All(0.001160281899f));
        p = L.MultiplyAdd(p, s, L.All(0.003753765432f));
        q = L.MultiplyAdd(q, s, L.All(0.01494531693f));
        p = L.MultiplyAdd(p, s, L.All(0.05271357353f));
        q = L.MultiplyAdd(q, s, L.All(0.1139831799f));
        p = L.MultiplyAdd(p, s, L.All(0.1900858937f));
        q = L.MultiplyAdd(q, s, L.All(0.5017919949f));
        p = L.MultiplyAdd(p, s, L.All(1.128379147f));
        q = L.MultiplyAdd(q, s, L.All(1.0f));
        V erf = L.Div(L.Mul(x, p), q);
        // Exactly 1 there: what is made of it, such as gelu, takes the difference from 1 times x.
        return L.Select(L.Less(x, L.All(-3.91f)), L.All(-1), L.Select(L.Less(L.All(3.91f), x), L.All(1), erf));
    }

    /// <summary>
    /// 1 + e⁻ˣ as <see cref="Exp"/> computes it, but with ln 2 in one part and a polynomial whose own error is 1.1e-7: both matter only far from 0.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Denominator<L, V>(V x) where L : struct, ILanes<V> where V : unmanaged
    {
        x = L.Min(L.All(87f), L.Max(L.All(-89f), x));
        V n = L.Sub(L.MultiplyAdd(x, L.All(-Log2E), L.All(Rounder)), L.All(Rounder));
        V r = L.MultiplyAdd(n, L.All(Ln2), x);
        V p = L.All(-8.312455188e-3f);
        p = L.MultiplyAdd(p, r, L.All(4.189077989e-2f));
        p = L.MultiplyAdd(p, r, L.All(-0.1666711726f));
        p = L.MultiplyAdd(p, r, L.All(0.4999922725f));
        p = L.MultiplyAdd(p, r, L.All(-1f));
        p = L.MultiplyAdd(p, r, L.All(1f));
        return L.Add(L.Scale(p, n), L.All(1));
    }
}
