using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using EdgeRuntime.Operators;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>A unary function applied to a run of floats; source and target may be the same.</summary>
internal abstract unsafe class UnaryPass
{
    /// <summary>Applies the function to <paramref name="count"/> elements.</summary>
    public abstract void Apply(float* x, float* y, long count);

    /// <summary>The pass for a function: vectors where there is a formula for them, of at most <paramref name="lanes"/> floats, else the definition.</summary>
    public static UnaryPass For(UnaryFunction function, float alpha, float beta, int lanes = 16) => function switch
    {
        UnaryFunction.Abs => Make<Abs>(alpha, beta, lanes),
        UnaryFunction.Neg => Make<Neg>(alpha, beta, lanes),
        UnaryFunction.Reciprocal => Make<Reciprocal>(alpha, beta, lanes),
        UnaryFunction.Sqrt => Make<Sqrt>(alpha, beta, lanes),
        UnaryFunction.Square => Make<Square>(alpha, beta, lanes),
        UnaryFunction.Exp => Make<Exp>(alpha, beta, lanes),
        UnaryFunction.Floor => Make<Floor>(alpha, beta, lanes),
        UnaryFunction.Ceil => Make<Ceil>(alpha, beta, lanes),
        UnaryFunction.Round => Make<Round>(alpha, beta, lanes),
        UnaryFunction.Erf => Make<Erf>(alpha, beta, lanes),
        UnaryFunction.Tanh => Make<Tanh>(alpha, beta, lanes),
        UnaryFunction.Relu => Make<Relu>(alpha, beta, lanes),
        UnaryFunction.Clip => Make<Clip>(alpha, beta, lanes),
        UnaryFunction.LeakyRelu => Make<LeakyRelu>(alpha, beta, lanes),
        UnaryFunction.Elu => Make<Elu>(alpha, beta, lanes),
        UnaryFunction.Selu => Make<Selu>(alpha, beta, lanes),
        UnaryFunction.ThresholdedRelu => Make<ThresholdedRelu>(alpha, beta, lanes),
        UnaryFunction.Sigmoid => Make<Sigmoid>(alpha, beta, lanes),
        UnaryFunction.HardSigmoid => Make<HardSigmoid>(alpha, beta, lanes),
        UnaryFunction.HardSwish => Make<HardSwish>(alpha, beta, lanes),
        UnaryFunction.Swish => Make<Swish>(alpha, beta, lanes),
        UnaryFunction.Gelu => Make<Gelu>(alpha, beta, lanes),
        UnaryFunction.GeluTanh => Make<GeluTanh>(alpha, beta, lanes),
        UnaryFunction.Softsign => Make<Softsign>(alpha, beta, lanes),
        _ => new DefinitionPass(function, alpha, beta),
    };

    /// <summary>True when a function of floats has a result that is a float.</summary>
    public static bool Serves(UnaryFunction function) =>
        function is not (UnaryFunction.IsNaN or UnaryFunction.IsInf or UnaryFunction.Not or UnaryFunction.BitwiseNot);

    private static UnaryPass Make<F>(float alpha, float beta, int lanes) where F : struct, IVectorFunction =>
        Vector512.IsHardwareAccelerated && lanes >= 16 ? new VectorPass<Lanes512, Vector512<float>, F>(alpha, beta)
        : Vector256.IsHardwareAccelerated && lanes >= 8 ? new VectorPass<Lanes256, Vector256<float>, F>(alpha, beta)
        : Vector128.IsHardwareAccelerated && lanes >= 4 ? new VectorPass<Lanes128, Vector128<float>, F>(alpha, beta)
        : new VectorPass<Lanes1, float, F>(alpha, beta);

    private sealed class DefinitionPass(UnaryFunction function, double alpha, double beta) : UnaryPass
    {
        public override void Apply(float* x, float* y, long count)
        {
            for (long i = 0; i < count; i++) y[i] = (float)UnaryMath.Apply(function, x[i], alpha, beta);
        }
    }

    private sealed class VectorPass<L, V, F>(float alpha, float beta) : UnaryPass
        where L : struct, ILanes<V> where V : unmanaged where F : struct, IVectorFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public override void Apply(float* x, float* y, long count)
        {
            // Lanes: elements. Tail: through a vector on the stack, since source and target may be the same.
            // Equals: y[i] = F(x[i]).
            V a = L.All(alpha), b = L.All(beta);
            long i = 0;
            for (; i <= count - L.Count; i += L.Count) L.Store(F.Apply<L, V>(L.Load(x + i), a, b), y + i);
            if (i == count) return;
            V rest = default;
            float* lanes = (float*)&rest;
            for (int j = 0; i + j < count; j++) lanes[j] = x[i + j];
            rest = F.Apply<L, V>(rest, a, b);
            for (int j = 0; i + j < count; j++) y[i + j] = lanes[j];
        }
    }

    private readonly struct Abs : IVectorFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<L, V>(V x, V alpha, V beta) where L : struct, ILanes<V> where V : unmanaged =>
            L.Max(L.Sub(default, x), x);
    }

    private readonly struct Neg : IVectorFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<L, V>(V x, V alpha, V beta) where L : struct, ILanes<V> where V : unmanaged =>
            L.Sub(default, x);
    }

    private readonly struct Reciprocal : IVectorFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<L, V>(V x, V alpha, V beta) where L : struct, ILanes<V> where V : unmanaged =>
            L.Div(L.All(1), x);
    }

    private readonly struct Sqrt : IVectorFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<L, V>(V x, V alpha, V beta) where L : struct, ILanes<V> where V : unmanaged =>
            L.Sqrt(x);
    }

    private readonly struct Square : IVectorFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<L, V>(V x, V alpha, V beta) where L : struct, ILanes<V> where V : unmanaged =>
            L.Mul(x, x);
    }

    private readonly struct Exp : IVectorFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<L, V>(V x, V alpha, V beta) where L : struct, ILanes<V> where V : unmanaged =>
            VectorFunctions.Exp<L, V>(x);
    }

    private readonly struct Floor : IVectorFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<L, V>(V x, V alpha, V beta) where L : struct, ILanes<V> where V : unmanaged =>
            L.Floor(x);
    }

    private readonly struct Ceil : IVectorFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<L, V>(V x, V alpha, V beta) where L : struct, ILanes<V> where V : unmanaged =>
            L.Sub(default, L.Floor(L.Sub(default, x)));
    }

    private readonly struct Round : IVectorFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<L, V>(V x, V alpha, V beta) where L : struct, ILanes<V> where V : unmanaged =>
            L.Round(x);
    }

    private readonly struct Erf : IVectorFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<L, V>(V x, V alpha, V beta) where L : struct, ILanes<V> where V : unmanaged =>
            VectorFunctions.Erf<L, V>(x);
    }

    private readonly struct Tanh : IVectorFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<L, V>(V x, V alpha, V beta) where L : struct, ILanes<V> where V : unmanaged =>
            VectorFunctions.Tanh<L, V>(x);
    }

    private readonly struct Relu : IVectorFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<L, V>(V x, V alpha, V beta) where L : struct, ILanes<V> where V : unmanaged =>
            L.Max(default, x);
    }

    private readonly struct Clip : IVectorFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<L, V>(V x, V alpha, V beta) where L : struct, ILanes<V> where V : unmanaged =>
            L.Min(beta, L.Max(alpha, x));
    }

    private readonly struct LeakyRelu : IVectorFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<L, V>(V x, V alpha, V beta) where L : struct, ILanes<V> where V : unmanaged =>
            L.Select(L.Less(x, default), L.Mul(alpha, x), x);
    }

    private readonly struct Elu : IVectorFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<L, V>(V x, V alpha, V beta) where L : struct, ILanes<V> where V : unmanaged =>
            L.Select(L.Less(x, default), L.Mul(alpha, L.Sub(VectorFunctions.Exp<L, V>(x), L.All(1))), x);
    }

    private readonly struct Selu : IVectorFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<L, V>(V x, V alpha, V beta) where L : struct, ILanes<V> where V : unmanaged =>
            L.Mul(beta, L.Select(L.Less(default, x), x, L.Mul(alpha, L.Sub(VectorFunctions.Exp<L, V>(x), L.All(1)))));
    }

    private readonly struct ThresholdedRelu : IVectorFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<L, V>(V x, V alpha, V beta) where L : struct, ILanes<V> where V : unmanaged =>
            L.Select(L.Less(alpha, x), x, default);
    }

    private readonly struct Sigmoid : IVectorFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<L, V>(V x, V alpha, V beta) where L : struct, ILanes<V> where V : unmanaged =>
            VectorFunctions.Sigmoid<L, V>(x);
    }

    private readonly struct HardSigmoid : IVectorFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<L, V>(V x, V alpha, V beta) where L : struct, ILanes<V> where V : unmanaged =>
            L.Min(L.All(1), L.Max(default, L.MultiplyAdd(alpha, x, beta)));
    }

    private readonly struct HardSwish : IVectorFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<L, V>(V x, V alpha, V beta) where L : struct, ILanes<V> where V : unmanaged =>
            L.Mul(x, L.Min(L.All(1), L.Max(default, L.MultiplyAdd(alpha, x, beta))));
    }

    private readonly struct Swish : IVectorFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<L, V>(V x, V alpha, V beta) where L : struct, ILanes<V> where V : unmanaged =>
            VectorFunctions.Swish<L, V>(x, alpha);
    }

    private readonly struct Gelu : IVectorFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<L, V>(V x, V alpha, V beta) where L : struct, ILanes<V> where V : unmanaged =>
            L.Mul(L.Mul(x, L.All(0.5f)), L.Add(L.All(1), VectorFunctions.Erf<L, V>(L.Mul(x, L.All(0.70710678f)))));
    }

    private readonly struct GeluTanh : IVectorFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<L, V>(V x, V alpha, V beta) where L : struct, ILanes<V> where V : unmanaged =>
            L.Mul(x, VectorFunctions.Sigmoid<L, V>(L.Mul(L.All(1.59576912f), L.MultiplyAdd(L.Mul(L.Mul(x, x), x), L.All(0.044715f), x)))); // x·sigmoid(2u) is 0.5·x·(1 + tanh(u)).
    }

    private readonly struct Softsign : IVectorFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<L, V>(V x, V alpha, V beta) where L : struct, ILanes<V> where V : unmanaged =>
            L.Div(x, L.Add(L.All(1), L.Max(x, L.Sub(default, x))));
    }
}
