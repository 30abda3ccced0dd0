using System.Numerics;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>A function of two elements of one type.</summary>
internal interface IPairFunction<T, R>
{
    static abstract R Apply(T a, T b);
}

/// <summary>Functions of two tensors for which there are no vectors: comparisons, and arithmetic of integers.</summary>
internal sealed unsafe class PairKernel<T, R, F> : RowsKernel where T : unmanaged where R : unmanaged where F : struct, IPairFunction<T, R>
{
    private readonly T* a, b;
    private readonly R* y;

    public PairKernel(CpuBinding binding, string name) : base(name, binding.Output(0).Shape, binding.Input(0).Shape, binding.Input(1).Shape, new Shape())
    {
        a = (T*)binding.Input(0).Data;
        b = (T*)binding.Input(1).Data;
        y = (R*)binding.Output(0).Data;
    }

    protected override void Compute(long atA, long stepA, long atB, long stepB, long atC, long stepC, long at, long count)
    {
        T* left = a + atA, right = b + atB;
        R* to = y + at;
        if (stepA == 1 && stepB == 1)
            for (long i = 0; i < count; i++) to[i] = F.Apply(left[i], right[i]);
        else if (stepA == 1 && stepB == 0)
        {
            T one = *right;
            for (long i = 0; i < count; i++) to[i] = F.Apply(left[i], one);
        }
        else
            for (long i = 0; i < count; i++) to[i] = F.Apply(left[i * stepA], right[i * stepB]);
    }
}

/// <summary>Binds comparisons, and arithmetic of integers.</summary>
internal static class PairMaker
{
    /// <summary>The kernel for a step; null for functions of other types.</summary>
    public static CpuKernel? Make(CpuBinding binding)
    {
        var op = (Binary)binding.Operator;
        TensorView a = binding.Input(0), b = binding.Input(1);
        if (a.DataType != b.DataType || !op.Result.IsNone || !op.Activation.IsNone || binding.Output(0).Shape.Count == 0) return null;
        return a.DataType switch
        {
            DataType.F32 => Compared<float>(binding, op.Function),
            DataType.I64 => Compared<long>(binding, op.Function) ?? Arithmetic<long>(binding, op.Function),
            DataType.I32 => Compared<int>(binding, op.Function) ?? Arithmetic<int>(binding, op.Function),
            DataType.Bool => op.Function switch
            {
                BinaryFunction.And => Bind<byte, byte, And>(binding, op.Function),
                BinaryFunction.Or => Bind<byte, byte, Or>(binding, op.Function),
                BinaryFunction.Xor => Bind<byte, byte, Xor>(binding, op.Function),
                _ => null,
            },
            _ => null,
        };
    }

    private static CpuKernel? Compared<T>(CpuBinding binding, BinaryFunction function) where T : unmanaged, INumber<T> => function switch
    {
        BinaryFunction.Equal => Bind<T, byte, Equal<T>>(binding, function),
        BinaryFunction.Greater => Bind<T, byte, Greater<T>>(binding, function),
        BinaryFunction.GreaterOrEqual => Bind<T, byte, GreaterOrEqual<T>>(binding, function),
        BinaryFunction.Less => Bind<T, byte, Less<T>>(binding, function),
        BinaryFunction.LessOrEqual => Bind<T, byte, LessOrEqual<T>>(binding, function),
        _ => null,
    };

    private static CpuKernel? Arithmetic<T>(CpuBinding binding, BinaryFunction function) where T : unmanaged, INumber<T> => function switch
    {
        BinaryFunction.Add => Bind<T, T, Add<T>>(binding, function),
        BinaryFunction.Sub => Bind<T, T, Sub<T>>(binding, function),
        BinaryFunction.Mul => Bind<T, T, Mul<T>>(binding, function),
        BinaryFunction.Div => Bind<T, T, Div<T>>(binding, function),
        BinaryFunction.Mod => Bind<T, T, Mod<T>>(binding, function),
        BinaryFunction.FMod => Bind<T, T, FMod<T>>(binding, function),
        BinaryFunction.Min => Bind<T, T, Min<T>>(binding, function),
        BinaryFunction.Max => Bind<T, T, Max<T>>(binding, function),
        _ => null,
    };

    private static CpuKernel Bind<T, R, F>(CpuBinding binding, BinaryFunction function) where T : unmanaged where R : unmanaged where F : struct, IPairFunction<T, R> =>
        new PairKernel<T, R, F>(binding, $"{function.ToString().ToLowerInvariant()}_{binding.Input(0).DataType.ToString().ToLowerInvariant()}");

    private static byte Bit(bool value) => value ? (byte)1 : (byte)0;

    private readonly struct Equal<T> : IPairFunction<T, byte> where T : INumber<T>
    {
        public static byte Apply(T a, T b) => Bit(a == b);
    }

    private readonly struct Greater<T> : IPairFunction<T, byte> where T : INumber<T>
    {
        public static byte Apply(T a, T b) => Bit(a > b);
    }

    private readonly struct GreaterOrEqual<T> : IPairFunction<T, byte> where T : INumber<T>
    {
        public static byte Apply(T a, T b) => Bit(a >= b);
    }

    private readonly struct Less<T> : IPairFunction<T, byte> where T : INumber<T>
    {
        public static byte Apply(T a, T b) => Bit(a < b);
    }

    private readonly struct LessOrEqual<T> : IPairFunction<T, byte> where T : INumber<T>
    {
        public static byte Apply(T a, T b) => Bit(a <= b);
    }

    private readonly struct Add<T> : IPairFunction<T, T> where T : INumber<T>
    {
        public static T Apply(T a, T b) => a + b;
    }

    private readonly struct Sub<T> : IPairFunction<T, T> where T : INumber<T>
    {
        public static T Apply(T a, T b) => a - b;
    }

    private readonly struct Mul<T> : IPairFunction<T, T> where T : INumber<T>
    {
        public static T Apply(T a, T b) => a * b;
    }

    private readonly struct Div<T> : IPairFunction<T, T> where T : INumber<T>
    {
        public static T Apply(T a, T b) => Binary.Divide(a, b);
    }

    private readonly struct Mod<T> : IPairFunction<T, T> where T : INumber<T>
    {
        public static T Apply(T a, T b) => Binary.Modulo(a, b);
    }

    private readonly struct FMod<T> : IPairFunction<T, T> where T : INumber<T>
    {
        public static T Apply(T a, T b) => Binary.Remainder(a, b);
    }

    private readonly struct Min<T> : IPairFunction<T, T> where T : INumber<T>
    {
        public static T Apply(T a, T b) => a < b ? a : b;
    }

    private readonly struct Max<T> : IPairFunction<T, T> where T : INumber<T>
    {
        public static T Apply(T a, T b) => a > b ? a : b;
    }

    private readonly struct And : IPairFunction<byte, byte>
    {
        public static byte Apply(byte a, byte b) => Bit(a != 0 && b != 0);
    }

    private readonly struct Or : IPairFunction<byte, byte>
    {
        public static byte Apply(byte a, byte b) => Bit(a != 0 || b != 0);
    }

    private readonly struct Xor : IPairFunction<byte, byte>
    {
        public static byte Apply(byte a, byte b) => Bit((a != 0) != (b != 0));
    }
}
