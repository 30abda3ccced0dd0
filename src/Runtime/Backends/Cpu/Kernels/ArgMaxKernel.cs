using System.Numerics;
using System.Runtime.CompilerServices;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>Which of two numbers along an axis is taken; NaN is not taken for anything, nor anything for NaN.</summary>
internal interface IChampion<T>
{
    /// <summary>Whether a later number takes the place of the one before.</summary>
    static abstract bool Beats(T later, T champion);
}

/// <summary>The place of the largest or smallest number along an axis, [outer, length, inner] to [outer, inner]: a row at a time, or a few columns.</summary>
internal sealed unsafe class ArgMaxKernel<T, F> : CpuKernel where T : unmanaged where F : struct, IChampion<T>
{
    private const int BlockColumns = 32, TileElements = 8 * 1024;

    private readonly T* x;
    private readonly long* y;
    private readonly long length, inner, blocks, pieces, perTile;

    public ArgMaxKernel(CpuBinding binding, long length, long inner)
    {
        var op = (ArgMax)binding.Operator;
        x = (T*)binding.Input(0).Data;
        y = (long*)binding.Output(0).Data;
        (this.length, this.inner) = (length, inner);
        blocks = (inner + BlockColumns - 1) / BlockColumns;
        pieces = binding.Output(0).Shape.Count / inner * blocks;
        perTile = Math.Clamp(TileElements / (length * Math.Min(inner, BlockColumns)), 1, pieces);
        Tiles = (int)((pieces + perTile - 1) / perTile);
        Name = $"arg{(op.Smallest ? "min" : "max")}_{binding.Input(0).DataType.ToString().ToLowerInvariant()}{(inner == 1 ? "" : "_columns")}";
    }

    public override string Name { get; }

    public override int Tiles { get; }

    public override void Run(int first, int last, int worker)
    {
        long end = Math.Min(last * perTile, pieces);
        for (long piece = first * perTile; piece < end; piece++)
        {
            (long row, long block) = Math.DivRem(piece, blocks);
            long column = block * BlockColumns;
            T* from = x + row * length * inner + column;
            long* to = y + row * inner + column;
            if (inner == 1) *to = Row(from);
            else Columns(from, to, (int)Math.Min(BlockColumns, inner - column));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private long Row(T* from)
    {
        T champion = *from;
        long best = 0;
        for (long i = 1; i < length; i++)
        {
            if (!F.Beats(from[i], champion)) continue;
            (champion, best) = (from[i], i);
        }
        return best;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Columns(T* from, long* to, int count)
    {
        T* champions = stackalloc T[BlockColumns];
        for (int c = 0; c < count; c++) (champions[c], to[c]) = (from[c], 0);
        for (long i = 1; i < length; i++)
        {
            from += inner;
            for (int c = 0; c < count; c++)
            {
                T later = from[c];
                if (!F.Beats(later, champions[c])) continue;
                champions[c] = later;
                to[c] = i;
            }
        }
    }
}

/// <summary>Binds searches for the largest or smallest number.</summary>
internal static class ArgMaxMaker
{
    /// <summary>The kernel for a step; null when there is nothing to search.</summary>
    public static CpuKernel? Make(CpuBinding binding)
    {
        TensorView x = binding.Input(0);
        if (x.Shape.Count == 0 || x.Shape.Rank == 0) return null;
        int axis = ((ArgMax)binding.Operator).Axis;
        if (axis < 0) axis += x.Shape.Rank;
        long length = x.Shape[axis], inner = x.Shape.Product(axis + 1, x.Shape.Rank);
        return x.DataType switch
        {
            DataType.F32 => Of<float>(binding, length, inner),
            DataType.I8 => Of<sbyte>(binding, length, inner),
            DataType.U8 => Of<byte>(binding, length, inner),
            DataType.I32 => Of<int>(binding, length, inner),
            DataType.I64 => Of<long>(binding, length, inner),
            _ => null,
        };
    }

    private static CpuKernel Of<T>(CpuBinding binding, long length, long inner) where T : unmanaged, INumber<T>
    {
        var op = (ArgMax)binding.Operator;
        return (op.Smallest, op.SelectLast) switch
        {
            (false, false) => new ArgMaxKernel<T, FirstLargest<T>>(binding, length, inner),
            (false, true) => new ArgMaxKernel<T, LastLargest<T>>(binding, length, inner),
            (true, false) => new ArgMaxKernel<T, FirstSmallest<T>>(binding, length, inner),
            (true, true) => new ArgMaxKernel<T, LastSmallest<T>>(binding, length, inner),
        };
    }

    private readonly struct FirstLargest<T> : IChampion<T> where T : INumber<T>
    {
        public static bool Beats(T later, T champion) => later > champion;
    }

    private readonly struct LastLargest<T> : IChampion<T> where T : INumber<T>
    {
        public static bool Beats(T later, T champion) => later >= champion;
    }

    private readonly struct FirstSmallest<T> : IChampion<T> where T : INumber<T>
    {
        public static bool Beats(T later, T champion) => later < champion;
    }

    private readonly struct LastSmallest<T> : IChampion<T> where T : INumber<T>
    {
        public static bool Beats(T later, T champion) => later <= champion;
    }
}
