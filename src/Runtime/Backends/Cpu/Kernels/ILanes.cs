namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>
/// The operations that kernels are written in, on vectors of floats of one width, so that one source serves every width. All
/// are static and inlined; <typeparamref name="V"/> stays a plain vector in a register.
/// </summary>
/// <typeparam name="V">The vector.</typeparam>
internal unsafe interface ILanes<V> where V : unmanaged
{
    /// <summary>Floats in a vector.</summary>
    static abstract int Count { get; }

    static abstract V Load(float* source);

    static abstract void Store(V value, float* target);

    /// <summary>All lanes the same.</summary>
    static abstract V All(float value);

    static abstract V Add(V a, V b);

    static abstract V Sub(V a, V b);

    static abstract V Mul(V a, V b);

    static abstract V Div(V a, V b);

    /// <summary>a·b + c, rounded once where the processor can.</summary>
    static abstract V MultiplyAdd(V a, V b, V c);

    /// <summary>The smaller; where either is NaN, <paramref name="b"/> or NaN.</summary>
    static abstract V Min(V a, V b);

    /// <summary>The larger; where either is NaN, <paramref name="b"/> or NaN.</summary>
    static abstract V Max(V a, V b);

    static abstract V Sqrt(V a);

    static abstract V Floor(V a);

    /// <summary>The nearest integer, halves to even.</summary>
    static abstract V Round(V a);

    /// <summary>The bits that both have.</summary>
    static abstract V And(V a, V b);

    /// <summary>All bits set where a &lt; b.</summary>
    static abstract V Less(V a, V b);

    /// <summary>All bits set where a = b, so never for NaN.</summary>
    static abstract V Equal(V a, V b);

    /// <summary>a where the mask's bits are set, else b.</summary>
    static abstract V Select(V mask, V a, V b);

    /// <summary>
    /// a·2ⁿ for a from 0.5 to 2 and integers n from -150 to 128: infinite beyond the floats, rounded or zero below the normal ones. NaN stays NaN.
    /// </summary>
    static abstract V Scale(V a, V n);

    /// <summary>1/a within 6 percent, for a from 1 to 2⁶⁵: the same bits everywhere; see <see cref="Operators.AppliedFunction"/>.</summary>
    static abstract V RoughReciprocal(V a);

    /// <summary>The sum of all lanes.</summary>
    static abstract float Sum(V a);
}
