using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>Shuffles the channels of two equally wide tensors of words into one or two, pixel by pixel: those of both in turn, or every other one of each.</summary>
internal sealed unsafe class ChannelShuffleKernel : CpuKernel
{
    private const long TileWords = 8 * 1024;

    private readonly uint* a, b, first, second;
    private readonly int half, step;
    private readonly long pixels, perTile;
    private readonly bool apart;

    private ChannelShuffleKernel(CpuBinding binding, bool apart)
    {
        this.apart = apart;
        a = (uint*)binding.Input(0).Data;
        b = (uint*)binding.Input(1).Data;
        half = binding.Input(0).Shape[-1];
        pixels = binding.Input(0).Shape.Count / half;
        first = (uint*)binding.Output(0).Data;
        bool cut = binding.Outputs.Length == 2;
        second = cut ? (uint*)binding.Output(1).Data : first + half;
        step = cut ? half : 2 * half;
        perTile = Math.Clamp(TileWords / (2 * half), 1, pixels);
        Tiles = (int)((pixels + perTile - 1) / perTile);
        Name = apart ? "channelshuffle_32_apart" : "channelshuffle_32";
    }

    public override string Name { get; }

    public override int Tiles { get; }

    /// <summary>A maker; see <see cref="CpuKernels"/>.</summary>
    public static CpuKernel? Make(CpuBinding binding)
    {
        var op = (ChannelShuffle)binding.Operator;
        if (binding.Inputs.Length != 2 || op.Parts > 2 || binding.Output(0).Shape.Count == 0 || binding.Output(0).DataType.Size() != sizeof(uint)) return null;
        int half = binding.Input(0).Shape[-1];
        if (binding.Input(1).Shape[-1] != half || half % 2 != 0 || (op.Groups != 2 && op.Groups != half)) return null;
        return new ChannelShuffleKernel(binding, apart: op.Groups != 2);
    }

    public override void Run(int first, int last, int worker)
    {
        int quarter = half / 2;
        long end = Math.Min(last * perTile, pixels);
        for (long at = first * perTile; at < end; at++)
        {
            uint* left = a + at * half, right = b + at * half, to = this.first + at * step, toSecond = second + at * step;
            if (apart)
            {
                WordMoves.Apart2(left, to, toSecond, quarter);
                WordMoves.Apart2(right, to + quarter, toSecond + quarter, quarter);
            }
            else
            {
                WordMoves.Interleave2(left, right, to, quarter);
                WordMoves.Interleave2(left + quarter, right + quarter, toSecond, quarter);
            }
        }
    }
}
