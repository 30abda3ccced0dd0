using EdgeRuntime.Operators;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>Depthwise convolution; a tile is some rows of outputs.</summary>
internal sealed unsafe class DepthwiseKernel<L, V> : CpuKernel where L : struct, ILanes<V> where V : unmanaged
{
    /// <summary>So that of the rows that windows share most are read by one worker.</summary>
    private const int TileRows = 4;

    private readonly DepthwiseRows<L, V> rows;
    private readonly float* y;
    private readonly int outputRows, tilesPerPlane;
    private readonly long rowFloats;

    private DepthwiseKernel(CpuBinding binding, Conv op, ConvGeometry geometry)
    {
        rows = new DepthwiseRows<L, V>(binding, op, geometry);
        y = (float*)binding.Output(0).Data;
        outputRows = geometry.OutY;
        rowFloats = (long)geometry.OutX * geometry.Channels;
        tilesPerPlane = (outputRows + TileRows - 1) / TileRows;
        Tiles = geometry.Batch * geometry.OutZ * tilesPerPlane;
        Name = $"depthwise_f32_{rows.Name}";
    }

    public override string Name { get; }

    public override int Tiles { get; }

    /// <summary>A maker; see <see cref="CpuKernels"/>.</summary>
    public static DepthwiseKernel<L, V> Make(CpuBinding binding, Conv op, ConvGeometry geometry) => new(binding, op, geometry);

    public override void Run(int first, int last, int worker)
    {
        for (int tile = first; tile < last; tile++)
        {
            int plane = tile / tilesPerPlane, from = tile % tilesPerPlane * TileRows;
            rows.Run(plane, from, Math.Min(from + TileRows, outputRows), y + ((long)plane * outputRows + from) * rowFloats, worker);
        }
    }
}
