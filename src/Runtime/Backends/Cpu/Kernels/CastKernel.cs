using System.Numerics;
using System.Runtime.CompilerServices;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>Elements converted to another type, as <see cref="Cast"/> defines it; bytes and integers become floats by vectors.</summary>
internal sealed unsafe class CastKernel : CpuKernel
{
    private const int TileElements = 16 * 1024;

    private readonly byte* x, y;
    private readonly int sizeX, sizeY;
    private readonly long count;
    private readonly delegate*<void*, void*, long, void> convert;

    private CastKernel(CpuBinding binding, delegate*<void*, void*, long, void> convert)
    {
        TensorView from = binding.Input(0), to = binding.Output(0);
        x = (byte*)from.Data;
        y = (byte*)to.Data;
        (sizeX, sizeY) = (from.DataType.Size(), to.DataType.Size());
        count = to.Shape.Count;
        this.convert = convert;
        Tiles = (int)((count + TileElements - 1) / TileElements);
        Name = $"cast_{from.DataType.ToString().ToLowerInvariant()}_{to.DataType.ToString().ToLowerInvariant()}";
    }

    public override string Name { get; }

    public override int Tiles { get; }

    /// <summary>A maker; see <see cref="CpuKernels"/>. Texts and BF16 are left to the definition.</summary>
    public static CpuKernel? Make(CpuBinding binding)
    {
        DataType from = binding.Input(0).DataType, to = binding.Output(0).DataType;
        if (!IsCounted(from) || !IsCounted(to) || binding.Output(0).Shape.Count == 0) return null;
        if (to == DataType.F32 && Vector.IsHardwareAccelerated)
        {
            if (from is DataType.U8 or DataType.Bool) return new CastKernel(binding, &BytesToFloats);
            if (from == DataType.I8) return new CastKernel(binding, &SignedBytesToFloats);
            if (from == DataType.I32) return new CastKernel(binding, &IntegersToFloats);
        }
        var choice = new From { To = to };
        TypeDispatch.Number(from == DataType.Bool ? DataType.U8 : from, ref choice);
        return new CastKernel(binding, choice.Chosen);
    }

    public override void Run(int first, int last, int worker)
    {
        long start = (long)first * TileElements, end = Math.Min((long)last * TileElements, count);
        convert(x + start * sizeX, y + start * sizeY, end - start);
    }

    private static bool IsCounted(DataType type) => type is not (DataType.None or DataType.BF16 or DataType.Text or DataType.Sequence);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Each<TFrom, TTo>(void* from, void* to, long count) where TFrom : unmanaged, INumber<TFrom> where TTo : unmanaged, INumber<TTo>
    {
        TFrom* x = (TFrom*)from;
        TTo* y = (TTo*)to;
        for (long i = 0; i < count; i++) y[i] = TTo.CreateTruncating(x[i]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ToBool<TFrom>(void* from, void* to, long count) where TFrom : unmanaged, INumber<TFrom>
    {
        TFrom* x = (TFrom*)from;
        byte* y = (byte*)to;
        for (long i = 0; i < count; i++) y[i] = TFrom.IsZero(x[i]) ? (byte)0 : (byte)1;
    }

    private static void BytesToFloats(void* from, void* to, long count)
    {
        // Lanes: neighbouring elements, four vectors of floats for one of bytes. Tail: one element at a time. Equals: y[i] = x[i].
        byte* x = (byte*)from;
        float* y = (float*)to;
        long i = 0;
        for (; i <= count - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            Vector.Widen(Vector.Load(x + i), out Vector<ushort> low, out Vector<ushort> high);
            Store(low, y + i);
            Store(high, y + i + Vector<ushort>.Count);
        }
        for (; i < count; i++) y[i] = x[i];
    }

    private static void SignedBytesToFloats(void* from, void* to, long count)
    {
        // Lanes: neighbouring elements, four vectors of floats for one of bytes. Tail: one element at a time. Equals: y[i] = x[i].
        sbyte* x = (sbyte*)from;
        float* y = (float*)to;
        long i = 0;
        for (; i <= count - Vector<sbyte>.Count; i += Vector<sbyte>.Count)
        {
            Vector.Widen(Vector.Load(x + i), out Vector<short> low, out Vector<short> high);
            Store(low, y + i);
            Store(high, y + i + Vector<short>.Count);
        }
        for (; i < count; i++) y[i] = x[i];
    }

    private static void Store(Vector<short> values, float* to)
    {
        Vector.Widen(values, out Vector<int> low, out Vector<int> high);
        Vector.ConvertToSingle(low).Store(to);
        Vector.ConvertToSingle(high).Store(to + Vector<float>.Count);
    }

    private static void Store(Vector<ushort> values, float* to)
    {
        Vector.Widen(values, out Vector<uint> low, out Vector<uint> high);
        Vector.ConvertToSingle(low.As<uint, int>()).Store(to);
        Vector.ConvertToSingle(high.As<uint, int>()).Store(to + Vector<float>.Count);
    }

    private static void IntegersToFloats(void* from, void* to, long count)
    {
        // Lanes: neighbouring elements. Tail: one element at a time. Equals: y[i] = x[i], rounded to nearest.
        int* x = (int*)from;
        float* y = (float*)to;
        long i = 0;
        for (; i <= count - Vector<int>.Count; i += Vector<int>.Count) Vector.ConvertToSingle(Vector.Load(x + i)).Store(y + i);
        for (; i < count; i++) y[i] = x[i];
    }

    /// <summary>Chooses the loop, the type that is read being known.</summary>
    private struct From : INumberAction
    {
        public DataType To;
        public delegate*<void*, void*, long, void> Chosen;

        public void Invoke<T>() where T : unmanaged, INumber<T>, IMinMaxValue<T>
        {
            if (To == DataType.Bool)
            {
                Chosen = &ToBool<T>;
                return;
            }
            var choice = new Into<T>();
            TypeDispatch.Number(To, ref choice);
            Chosen = choice.Chosen;
        }
    }

    /// <summary>Chooses the loop, the type that is written being known too.</summary>
    private struct Into<TFrom> : INumberAction where TFrom : unmanaged, INumber<TFrom>
    {
        public delegate*<void*, void*, long, void> Chosen;

        public void Invoke<T>() where T : unmanaged, INumber<T>, IMinMaxValue<T> => Chosen = &Each<TFrom, T>;
    }
}
