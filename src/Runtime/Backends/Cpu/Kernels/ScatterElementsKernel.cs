using System.Numerics;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>A copy with updates at the places that a tensor of indices names. Several may meet one element, so their order is kept: there is one tile.</summary>
internal sealed unsafe class ScatterElementsKernel<T, F>(CpuBinding binding, ElementPlaces places, string name) : CpuKernel
    where T : unmanaged where F : struct, IPairFunction<T, T>
{
    private readonly T* x = (T*)binding.Input(0).Data, updates = (T*)binding.Input(2).Data, y = (T*)binding.Output(0).Data;
    private readonly long bytes = binding.Output(0).Type.ByteCount;

    public override string Name => name;

    public override void Run(int first, int last, int worker)
    {
        Buffer.MemoryCopy(x, y, bytes, bytes);
        long step = places.ColumnStep;
        for (long at = 0; at < places.Count;)
        {
            T* to = y + places.Row(at / places.Columns);
            for (long end = at + places.Columns; at < end; at++, to += step)
            {
                T* element = to + places.Index(at);
                *element = F.Apply(*element, updates[at]);
            }
        }
    }
}

/// <summary>Binds scattering of single elements.</summary>
internal static class ScatterElementsMaker
{
    /// <summary>The kernel for a step; null for texts, for reductions of types that are seldom reduced, and when there are no updates.</summary>
    public static CpuKernel? Make(CpuBinding binding)
    {
        var op = (ScatterElements)binding.Operator;
        if (ElementPlaces.Of(binding, op.Axis) is not { } places) return null;
        DataType type = binding.Input(0).DataType;
        string name = $"scatterelements_{(op.Reduction == ScatterReduction.Replace ? $"{8 * type.Size()}" : $"{op.Reduction.ToString().ToLowerInvariant()}_{type.ToString().ToLowerInvariant()}")}";
        if (op.Reduction == ScatterReduction.Replace)
            return type.Size() switch
            {
                1 => new ScatterElementsKernel<byte, Replace<byte>>(binding, places, name),
                2 => new ScatterElementsKernel<ushort, Replace<ushort>>(binding, places, name),
                4 => new ScatterElementsKernel<uint, Replace<uint>>(binding, places, name),
                8 => new ScatterElementsKernel<ulong, Replace<ulong>>(binding, places, name),
                _ => null,
            };
        return type switch
        {
            DataType.F32 => Reducing<float>(binding, places, op.Reduction, name),
            DataType.I32 => Reducing<int>(binding, places, op.Reduction, name),
            DataType.I64 => Reducing<long>(binding, places, op.Reduction, name),
            _ => null,
        };
    }

    private static CpuKernel Reducing<T>(CpuBinding binding, ElementPlaces places, ScatterReduction reduction, string name) where T : unmanaged, INumber<T> => reduction switch
    {
        ScatterReduction.Add => new ScatterElementsKernel<T, Sum<T>>(binding, places, name),
        ScatterReduction.Multiply => new ScatterElementsKernel<T, Product<T>>(binding, places, name),
        ScatterReduction.Min => new ScatterElementsKernel<T, Least<T>>(binding, places, name),
        _ => new ScatterElementsKernel<T, Greatest<T>>(binding, places, name),
    };

    private readonly struct Replace<T> : IPairFunction<T, T>
    {
        public static T Apply(T a, T b) => b;
    }

    private readonly struct Sum<T> : IPairFunction<T, T> where T : INumber<T>
    {
        public static T Apply(T a, T b) => a + b;
    }

    private readonly struct Product<T> : IPairFunction<T, T> where T : INumber<T>
    {
        public static T Apply(T a, T b) => a * b;
    }

    private readonly struct Least<T> : IPairFunction<T, T> where T : INumber<T>
    {
        public static T Apply(T a, T b) => T.Min(a, b);
    }

    private readonly struct Greatest<T> : IPairFunction<T, T> where T : INumber<T>
    {
        public static T Apply(T a, T b) => T.Max(a, b);
    }
}
