using System.Numerics;
using System.Runtime.CompilerServices;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>Running sums along an axis of [outer, length, inner]: some columns at a time, each with a sum of its own.</summary>
internal sealed unsafe class CumSumKernel<T> : CpuKernel where T : unmanaged, INumber<T>
{
    private const int BlockColumns = 64, TileElements = 8 * 1024;

    private readonly bool exclusive;
    private readonly T* x, y;
    private readonly long length, inner, blocks, pieces, perTile, start, step;

    public CumSumKernel(CpuBinding binding, long length, long inner)
    {
        var op = (CumSum)binding.Operator;
        exclusive = op.Exclusive;
        x = (T*)binding.Input(0).Data;
        y = (T*)binding.Output(0).Data;
        (this.length, this.inner) = (length, inner);
        (start, step) = op.Reverse ? ((length - 1) * inner, -inner) : (0, inner);
        blocks = (inner + BlockColumns - 1) / BlockColumns;
        pieces = binding.Output(0).Shape.Count / (length * inner) * blocks;
        perTile = Math.Clamp(TileElements / (length * Math.Min(inner, BlockColumns)), 1, pieces);
        Tiles = (int)((pieces + perTile - 1) / perTile);
        Name = $"cumsum_{binding.Input(0).DataType.ToString().ToLowerInvariant()}";
    }

    public override string Name { get; }

    public override int Tiles { get; }

    public override void Run(int first, int last, int worker)
    {
        long end = Math.Min(last * perTile, pieces);
        for (long piece = first * perTile; piece < end; piece++)
        {
            (long row, long block) = Math.DivRem(piece, blocks);
            long column = block * BlockColumns, at = row * length * inner + start + column;
            Columns(x + at, y + at, (int)Math.Min(BlockColumns, inner - column));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Columns(T* from, T* to, int count)
    {
        T* sums = stackalloc T[BlockColumns];
        for (int c = 0; c < count; c++) sums[c] = T.Zero;
        for (long i = 0; i < length; i++, from += step, to += step)
        {
            for (int c = 0; c < count; c++)
            {
                T sum = sums[c], next = sum + from[c];
                to[c] = exclusive ? sum : next;
                sums[c] = next;
            }
        }
    }
}

/// <summary>Binds running sums.</summary>
internal static class CumSumMaker
{
    /// <summary>The kernel for a step; null when the axis is not known ahead.</summary>
    public static CpuKernel? Make(CpuBinding binding)
    {
        TensorView x = binding.Input(0), given = binding.Input(1);
        if (x.Shape.Count == 0 || !binding.IsConstant(1) || new Operand(given.Type, given).Integers() is not [long axis]) return null;
        if (axis < 0) axis += x.Shape.Rank;
        if (axis < 0 || axis >= x.Shape.Rank) return null;
        long length = x.Shape[(int)axis], inner = x.Shape.Product((int)axis + 1, x.Shape.Rank);
        return x.DataType switch
        {
            DataType.F32 => new CumSumKernel<float>(binding, length, inner),
            DataType.I32 => new CumSumKernel<int>(binding, length, inner),
            DataType.I64 => new CumSumKernel<long>(binding, length, inner),
            _ => null,
        };
    }
}
