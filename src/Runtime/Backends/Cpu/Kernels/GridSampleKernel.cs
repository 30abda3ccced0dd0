using System.Runtime.CompilerServices;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>Samples pictures and volumes of floats at given places. The pixels of a place are found once, then lanes are its channels.</summary>
internal sealed unsafe class GridSampleKernel<L, V> : CpuKernel where L : struct, ILanes<V> where V : unmanaged
{
    private const int TileElements = 4 * 1024, MostAxes = 3;

    private readonly GridSample op;
    private readonly float* x, grid, y;
    private readonly int axes, channels;
    private readonly long places, all, pixels, perTile;
    private readonly Shape shape;

    private GridSampleKernel(CpuBinding binding, GridSample op)
    {
        this.op = op;
        x = (float*)binding.Input(0).Data;
        grid = (float*)binding.Input(1).Data;
        y = (float*)binding.Output(0).Data;
        shape = binding.Input(0).Shape;
        axes = shape.Rank - 2;
        channels = shape[-1];
        pixels = shape.Product(1, axes + 1);
        places = binding.Output(0).Shape.Product(1, axes + 1);
        all = places * shape[0];
        perTile = Math.Clamp(TileElements / channels, 1, all);
        Tiles = (int)((all + perTile - 1) / perTile);
    }

    public override string Name => "grid_sample_f32";

    public override int Tiles { get; }

    /// <summary>The kernel for a step.</summary>
    public static CpuKernel Bind(CpuBinding binding, GridSample op) => new GridSampleKernel<L, V>(binding, op);

    public override void Run(int first, int last, int worker)
    {
        long* offsets = stackalloc long[64];
        float* weights = stackalloc float[64];
        long end = Math.Min(last * perTile, all);
        for (long at = first * perTile; at < end; at++)
        {
            int count = Find(grid + at * axes, offsets, weights);
            Blend(x + at / places * pixels * channels, offsets, weights, count, y + at * channels);
        }
    }

    /// <summary>The pixels that a place sees, as offsets in the picture, and their weights.</summary>
    private int Find(float* place, long* offsets, float* weights)
    {
        Span<int> indices = stackalloc int[MostAxes * GridSample.MostTaps];
        Span<double> shares = stackalloc double[MostAxes * GridSample.MostTaps];
        int taps = 0, count = 0;
        for (int axis = 0; axis < axes; axis++)
            taps = op.Taps(place[axes - 1 - axis], shape[1 + axis], indices[(axis * GridSample.MostTaps)..], shares[(axis * GridSample.MostTaps)..]);
        int combinations = axes == 2 ? taps * taps : taps * taps * taps;
        for (int i = 0; i < combinations; i++)
        {
            long offset = 0;
            double weight = 1;
            bool inside = true;
            for (int axis = 0, rest = i; axis < axes; axis++, rest /= taps)
            {
                int tap = axis * GridSample.MostTaps + rest % taps;
                inside &= indices[tap] >= 0;
                offset = offset * shape[1 + axis] + indices[tap];
                weight *= shares[tap];
            }
            if (!inside) continue;
            offsets[count] = offset * channels;
            weights[count++] = (float)weight;
        }
        return count;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Blend(float* picture, long* offsets, float* weights, int count, float* to)
    {
        // Lanes: channels. Tail: the last vector overlaps the one before it.
        // Equals: to[c] = sum of weights[i] * picture[offsets[i] + c].
        for (long channel = 0; channel < channels; channel += L.Count)
        {
            long c = Math.Min(channel, channels - L.Count);
            V sum = default;
            for (int i = 0; i < count; i++) sum = L.MultiplyAdd(L.All(weights[i]), L.Load(picture + offsets[i] + c), sum);
            L.Store(sum, to + c);
        }
    }
}

/// <summary>Binds sampling of floats.</summary>
internal static class GridSampleMaker
{
    /// <summary>The kernel for a step; null when it is not one of floats.</summary>
    public static CpuKernel? Make(CpuBinding binding) =>
        CpuBinding.Are(DataType.F32, binding.Input(0), binding.Input(1), binding.Output(0)) && binding.Output(0).Shape.Count > 0
            ? LanesChoice.Widest(new Maker(binding), binding.Output(0).Shape[-1]) : null;

    private sealed record Maker(CpuBinding Binding) : ILanesMaker
    {
        public CpuKernel Make<L, V>() where L : struct, ILanes<V> where V : unmanaged => GridSampleKernel<L, V>.Bind(Binding, (GridSample)Binding.Operator);
    }
}
