using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using EdgeRuntime.Operators;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>A function of two floats applied to runs of them; either side may be one number for the whole run.</summary>
internal abstract unsafe class BinaryPass
{
    /// <summary>y[i] = f(a[i], b[i]); steps of 0 stand for one number, steps of 1 for a run. y is apart from a and b.</summary>
    public abstract void Apply(float* a, nint stepA, float* b, nint stepB, float* y, long count);

    /// <summary>The same for rows of <paramref name="count"/> elements, which are so far apart in a and b, and follow each other in y.</summary>
    public virtual void Rows(float* a, nint rowA, nint stepA, float* b, nint rowB, nint stepB, float* y, long rows, long count)
    {
        for (long row = 0; row < rows; row++) Apply(a + row * rowA, stepA, b + row * rowB, stepB, y + row * count, count);
    }

    /// <summary>The pass for a function, or null when there is none.</summary>
    public static BinaryPass? For(BinaryFunction function) => function switch
    {
        BinaryFunction.Add => Make<Add>(),
        BinaryFunction.Sub => Make<Sub>(),
        BinaryFunction.Mul => Make<Mul>(),
        BinaryFunction.Div => Make<Div>(),
        BinaryFunction.Min => Make<Min>(),
        BinaryFunction.Max => Make<Max>(),
        BinaryFunction.PRelu => Make<PRelu>(),
        BinaryFunction.Pow => new PowerPass(),
        _ => null,
    };

    private static BinaryPass Make<F>() where F : struct, IFunction =>
        Vector512.IsHardwareAccelerated ? new VectorPass<Lanes512, Vector512<float>, F>()
        : Vector256.IsHardwareAccelerated ? new VectorPass<Lanes256, Vector256<float>, F>()
        : Vector128.IsHardwareAccelerated ? new VectorPass<Lanes128, Vector128<float>, F>()
        : new VectorPass<Lanes1, float, F>();

    private interface IFunction
    {
        static abstract V Apply<L, V>(V a, V b) where L : struct, ILanes<V> where V : unmanaged;
    }

    private sealed class PowerPass : BinaryPass
    {
        public override void Apply(float* a, nint stepA, float* b, nint stepB, float* y, long count)
        {
            for (long i = 0; i < count; i++) y[i] = (float)Math.Pow(a[i * stepA], b[i * stepB]);
        }
    }

    private sealed class VectorPass<L, V, F> : BinaryPass where L : struct, ILanes<V> where V : unmanaged where F : struct, IFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public override void Apply(float* a, nint stepA, float* b, nint stepB, float* y, long count)
        {
            // Lanes: elements. Tail: one element at a time. Equals: y[i] = f(a[i * stepA], b[i * stepB]).
            long i = 0, last = count - L.Count;
            if (stepA == 1 && stepB == 1)
            {
                for (; i <= last; i += L.Count) L.Store(F.Apply<L, V>(L.Load(a + i), L.Load(b + i)), y + i);
            }
            else if (stepA == 1)
            {
                V right = L.All(*b);
                for (; i <= last; i += L.Count) L.Store(F.Apply<L, V>(L.Load(a + i), right), y + i);
            }
            else if (stepB == 1)
            {
                V left = L.All(*a);
                for (; i <= last; i += L.Count) L.Store(F.Apply<L, V>(left, L.Load(b + i)), y + i);
            }
            for (; i < count; i++) y[i] = F.Apply<Lanes1, float>(a[i * stepA], b[i * stepB]);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public override void Rows(float* a, nint rowA, nint stepA, float* b, nint rowB, nint stepB, float* y, long rows, long count)
        {
            if (stepA != 1 || stepB != 1 || count < L.Count)
            {
                base.Rows(a, rowA, stepA, b, rowB, stepB, y, rows, count);
                return;
            }
            // Lanes: elements. Tail: the last vector of a row overlaps the one before it. Equals: y[row * count + i] = f(a[row * rowA + i], b[row * rowB + i]).
            nint last = (nint)count - L.Count;
            for (; rows > 0; rows--, a += rowA, b += rowB, y += count)
            {
                for (nint i = 0; i < last; i += L.Count) L.Store(F.Apply<L, V>(L.Load(a + i), L.Load(b + i)), y + i);
                L.Store(F.Apply<L, V>(L.Load(a + last), L.Load(b + last)), y + last);
            }
        }
    }

    private readonly struct Add : IFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<L, V>(V a, V b) where L : struct, ILanes<V> where V : unmanaged => L.Add(a, b);
    }

    private readonly struct Sub : IFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<L, V>(V a, V b) where L : struct, ILanes<V> where V : unmanaged => L.Sub(a, b);
    }

    private readonly struct Mul : IFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<L, V>(V a, V b) where L : struct, ILanes<V> where V : unmanaged => L.Mul(a, b);
    }

    private readonly struct Div : IFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<L, V>(V a, V b) where L : struct, ILanes<V> where V : unmanaged => L.Div(a, b);
    }

    // The native minimum and maximum return b where either is NaN; a NaN in a must win too.
    private readonly struct Min : IFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<L, V>(V a, V b) where L : struct, ILanes<V> where V : unmanaged => L.Select(L.Equal(a, a), L.Min(a, b), a);
    }

    private readonly struct Max : IFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<L, V>(V a, V b) where L : struct, ILanes<V> where V : unmanaged => L.Select(L.Equal(a, a), L.Max(a, b), a);
    }

    private readonly struct PRelu : IFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<L, V>(V a, V b) where L : struct, ILanes<V> where V : unmanaged => L.Select(L.Less(a, default), L.Mul(a, b), a);
    }
}
