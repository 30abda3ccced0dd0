using System.Numerics;
using System.Runtime.CompilerServices;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>The place of the largest or smallest number along an axis, [outer, length, inner] to [outer, inner]: a row at a time, or a few columns.</summary>
internal sealed unsafe class ArgMaxKernel<T> : CpuKernel where T : unmanaged, INumber<T>
{
    private const int BlockColumns = 32, TileElements = 8 * 1024;

    private readonly bool smallest, selectLast;
    private readonly T* x;
    private readonly long* y;
    private readonly long length, inner, blocks, pieces, perTile;

    public ArgMaxKernel(CpuBinding binding, long length, long inner)
    {
        var op = (ArgMax)binding.Operator;
        (smallest, selectLast) = (op.Smallest, op.SelectLast);
        x = (T*)binding.Input(0).Data;
        y = (long*)binding.Output(0).Data;
        (this.length, this.inner) = (length, inner);
        blocks = (inner + BlockColumns - 1) / BlockColumns;
        pieces = binding.Output(0).Shape.Count / inner * blocks;
        perTile = Math.Clamp(TileElements / (length * Math.Min(inner, BlockColumns)), 1, pieces);
        Tiles = (int)((pieces + perTile - 1) / perTile);
        Name = $"arg{(smallest ? "min" : "max")}_{binding.Input(0).DataType.ToString().ToLowerInvariant()}{(inner == 1 ? "" : "_columns")}";
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
            if (!IsBetter(from[i], champion)) continue;
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
                if (!IsBetter(from[c], champions[c])) continue;
                (champions[c], to[c]) = (from[c], i);
            }
        }
    }

    /// <summary>NaN is no better than anything, and nothing is better than NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool IsBetter(T candidate, T champion) => (smallest ? candidate < champion : candidate > champion) || (selectLast && candidate == champion);
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
            DataType.F32 => new ArgMaxKernel<float>(binding, length, inner),
            DataType.I8 => new ArgMaxKernel<sbyte>(binding, length, inner),
            DataType.U8 => new ArgMaxKernel<byte>(binding, length, inner),
            DataType.I32 => new ArgMaxKernel<int>(binding, length, inner),
            DataType.I64 => new ArgMaxKernel<long>(binding, length, inner),
            _ => null,
        };
    }
}
