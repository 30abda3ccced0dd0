using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>Shuffles the channels of two equally wide tensors of words or bytes into one or two, pixel by pixel: those of both in turn, or every other one of each.</summary>
internal sealed unsafe class ChannelShuffleKernel : CpuKernel
{
    private const long TileBytes = 32 * 1024;

    private readonly byte* a, b, first, second;
    private readonly int size, half, step;
    private readonly long pixels, perTile;
    private readonly bool apart;

    private ChannelShuffleKernel(CpuBinding binding, bool apart)
    {
        this.apart = apart;
        a = (byte*)binding.Input(0).Data;
        b = (byte*)binding.Input(1).Data;
        size = binding.Output(0).DataType.Size();
        half = binding.Input(0).Shape[-1] * size;
        pixels = binding.Input(0).Bytes.Length / half;
        first = (byte*)binding.Output(0).Data;
        bool cut = binding.Outputs.Length == 2;
        second = cut ? (byte*)binding.Output(1).Data : first + half;
        step = cut ? half : 2 * half;
        perTile = Math.Clamp(TileBytes / (2 * half), 1, pixels);
        Tiles = (int)((pixels + perTile - 1) / perTile);
        Name = $"channelshuffle_{8 * size}{(apart ? "_apart" : "")}";
    }

    public override string Name { get; }

    public override int Tiles { get; }

    /// <summary>A maker; see <see cref="CpuKernels"/>.</summary>
    public static CpuKernel? Make(CpuBinding binding)
    {
        var op = (ChannelShuffle)binding.Operator;
        if (binding.Inputs.Length != 2 || op.Parts > 2 || binding.Output(0).Shape.Count == 0 || binding.Output(0).DataType.Size() is not (sizeof(uint) or sizeof(byte))) return null;
        int half = binding.Input(0).Shape[-1];
        if (binding.Input(1).Shape[-1] != half || half % 2 != 0 || (op.Groups != 2 && op.Groups != half)) return null;
        return new ChannelShuffleKernel(binding, apart: op.Groups != 2);
    }

    public override void Run(int first, int last, int worker)
    {
        int quarter = half / 2, count = quarter / size;
        long end = Math.Min(last * perTile, pixels);
        for (long at = first * perTile; at < end; at++)
        {
            byte* left = a + at * half, right = b + at * half, to = this.first + at * step, toSecond = second + at * step;
            if (size == 1 && apart)
            {
                ByteMoves.Apart2(left, to, toSecond, count);
                ByteMoves.Apart2(right, to + quarter, toSecond + quarter, count);
            }
            else if (size == 1)
            {
                ByteMoves.Interleave2(left, right, to, count);
                ByteMoves.Interleave2(left + quarter, right + quarter, toSecond, count);
            }
            else if (apart)
            {
                WordMoves.Apart2((uint*)left, (uint*)to, (uint*)toSecond, count);
                WordMoves.Apart2((uint*)right, (uint*)(to + quarter), (uint*)(toSecond + quarter), count);
            }
            else
            {
                WordMoves.Interleave2((uint*)left, (uint*)right, (uint*)to, count);
                WordMoves.Interleave2((uint*)(left + quarter), (uint*)(right + quarter), (uint*)toSecond, count);
            }
        }
    }
}
