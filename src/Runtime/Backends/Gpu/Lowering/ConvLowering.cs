using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Gpu.Lowering;

/// <summary>Convolutions: which kernels, which tiles, and the weights in their order.</summary>
internal static class ConvLowering
{
    /// <summary>Input pixels that an invocation holds at most.</summary>
    internal const int MostHeld = 24;

    /// <summary>
    /// Lanes below which a device computes with a CPU's vectors: large tiles are best there, whose operands are in its cache, and shared memory
    /// is no faster than any other.
    /// </summary>
    internal const int ChipLanes = 16;

    /// <summary>Quads of input channels that a workgroup with shared memory copies there at a time.</summary>
    private const int SharedDepth = 4;

    /// <summary>Quads of the output from which on there are invocations enough for any device when each computes several.</summary>
    private const int Plenty = 1 << 16;

    /// <summary>Pixels x quads of outputs computed by an invocation on a chip and on a CPU, the likely best first.</summary>
    private static readonly (ConvTile[] Chip, ConvTile[] Cpu)
        Pointwises = ([new(4, 1), new(4, 2), new(8, 2), new(1, 1)], [new(8, 1), new(4, 1), new(8, 2), new(1, 1)]),
        Directs = ([new(4, 1), new(4, 2), new(1, 1)], [new(8, 1), new(4, 1), new(4, 2), new(1, 1)]);

    /// <summary>Pixels x quads of outputs of a picture of few channels.</summary>
    private static readonly ConvTile[] Images = [new(4, 1), new(8, 1)];

    /// <summary>Pixels x rows computed by an invocation.</summary>
    private static readonly ConvTile[] Depthwises = [new(4, 1), new(2, 2), new(1, 1)];

    /// <summary>A 64th of what a workgroup with shared memory computes, of large and of small products.</summary>
    private static readonly ConvTile LargeShared = new(8, 2), SmallShared = new(4, 1);

    public static GpuLowering Lower(GpuStep step)
    {
        var conv = (Conv)step.Operator;
        if (ConvOperands.Of(step, conv.Activation, conv.Groups, Conv.Bias, Conv.Residual, out string reason) is not { } operands) return GpuLowering.Reject(reason);
        Shape x = step.InputType(0).Shape, y = step.OutputType().Shape;
        var axes = ConvAxis.Of(conv.Window, x, y, conv.Window.PadBegin);
        if (!axes.Z.Fits || !axes.Y.Fits || !axes.X.Fits) return GpuLowering.Reject("the window reaches farther than 32 bits can number");
        bool isChip = step.Traits.SubgroupSize >= ChipLanes;
        int taps = axes.Z.Kernel * axes.Y.Kernel * axes.X.Kernel;
        if ((long)taps * operands.Groups * operands.OutputQuads * operands.InputQuads * 16 > int.MaxValue) return GpuLowering.Reject("the weight is too large");
        if (operands.IsDepthwise) return Depthwise();
        BufferRef weight = step.Pack(operands.Groups * operands.OutputQuads * taps * operands.InputQuads * 16, packed => PackDirect(operands, axes.X.Kernel, taps, packed));
        return conv.Groups == 1 && axes.Z.IsPointwise && axes.Y.IsPointwise && axes.X.IsPointwise ? Pointwise() : Direct();

        GpuLowering Pointwise()
        {
            int pixels = (int)(y.Count / operands.Outputs), quads = operands.OutputQuads;
            ConvTile shared = (long)pixels * quads >= Plenty ? LargeShared : SmallShared;
            bool shares = isChip && operands.Channels % 4 == 0 && operands.InputQuads >= SharedDepth
                && pixels >= 8 * shared.Pixels && quads >= 8 * shared.Depth && SharedBytes(shared) <= step.Traits.SharedMemoryBytes;
            List<GpuCandidate> candidates = [.. Fitting(Pointwises, pixels, quads).Take(shares ? 3 : 4).Select(tile => new GpuCandidate($"conv_pointwise_{tile}",
                operands.Linear("conv_pointwise", weight, ConvTile.Count(pixels, tile.Pixels) * ConvTile.Count(quads, tile.Depth), Constants(tile))))];
            if (shares)
                candidates.Add(new($"conv_tiled_{shared}", operands.Linear("conv_tiled", weight,
                    ConvTile.Count(pixels, 8 * shared.Pixels) * ConvTile.Count(quads, 8 * shared.Depth) * ConvOperands.GroupSize, [.. Constants(shared), ("DEPTH", SharedDepth)])));
            return GpuLowering.To([.. candidates]);

            KernelConstant[] Constants(ConvTile tile) => [("PIXELS", tile.Pixels), ("OUTPUTS", tile.Depth), ("COUNT", pixels)];
        }

        GpuLowering Direct()
        {
            var candidates = new List<GpuCandidate>();
            int rows = x[0] * axes.Z.Out * axes.Y.Out;
            foreach (ConvTile tile in Images)
                if (conv.Groups == 1 && IsImage(operands.Channels, axes.X, tile)) candidates.Add(Candidate("conv_image", tile, [("CHANNELS", operands.Channels)]));
            foreach (ConvTile tile in Fitting(Directs, axes.X.Out, operands.OutputQuads))
                if (candidates.Count < 3) candidates.Add(Candidate("conv_direct", tile, [("SPAN", Span(axes.X, tile.Pixels)), ("GROUPS", operands.Groups)]));
            if (ConvWinograd.Of(step, operands, x, axes) is { } winograd) candidates.Add(winograd);
            return GpuLowering.To([.. candidates]);

            GpuCandidate Candidate(string kernel, ConvTile tile, KernelConstant[] constants) => new($"{kernel}_{tile}", operands.Linear(kernel, weight,
                ConvTile.Count(axes.X.Out, tile.Pixels) * rows * ConvTile.Count(operands.OutputQuads, tile.Depth) * operands.Groups,
                [("PIXELS", tile.Pixels), ("OUTPUTS", tile.Depth), .. constants, .. WindowConstants(x[0], axes, tile.Pixels)]));
        }

        GpuLowering Depthwise()
        {
            int quads = (operands.Channels + 3) / 4;
            BufferRef filters = step.Pack(quads * 4 * taps, packed => PackDepthwise(operands.Weight.Span<float>(), taps, packed));
            return GpuLowering.To([.. Fitting((Depthwises, Depthwises), axes.X.Out, axes.Y.Out).Select(tile =>
            {
                int span = axes.Y.Span(tile.Depth) <= MostHeld / 2 ? Span(axes.X, tile.Pixels) : 0, rows = span > 0 ? tile.Depth : 1;
                return new GpuCandidate($"conv_depthwise_{tile.Pixels}x{rows}",
                    operands.Linear("conv_depthwise", filters, ConvTile.Count(axes.X.Out, tile.Pixels) * ConvTile.Count(axes.Y.Out, rows) * x[0] * axes.Z.Out * quads,
                        [("PIXELS", tile.Pixels), ("ROWS", rows), ("SPAN", span), .. WindowConstants(x[0], axes, tile.Pixels)]));
            }).DistinctBy(candidate => candidate.Name)]);
        }

        // Those tiles that fit. The smallest is for what is smaller than the others, and on a chip for what would otherwise make few invocations.
        IEnumerable<ConvTile> Fitting((ConvTile[] Chip, ConvTile[] Cpu) tiles, int pixels, int depth)
        {
            // Those that one form of a kernel serves, whatever the layer.
            if (ConvOperands.Folds(step.Traits)) tiles.Cpu = [.. tiles.Cpu.OrderBy(tile => tile is { Pixels: 4, Depth: 1 } ? 0 : 1)];
            ConvTile[] fitting = [.. ConvTile.Fitting(isChip ? tiles.Chip : tiles.Cpu, pixels, depth)];
            return fitting.Length > 1 && (!isChip || y.Count / 4 >= Plenty) ? fitting[..^1] : fitting;
        }
    }

    /// <summary>Shared memory of conv_tiled, for floats of 32 bits.</summary>
    private static int SharedBytes(ConvTile tile) => 8 * SharedDepth * (tile.Pixels + 4 * tile.Depth) * 4 * sizeof(float);

    /// <summary>
    /// Whether the rows of a picture of few channels, and the input pixels of each tile, begin at a multiple of four floats, so that they can be
    /// read in fours.
    /// </summary>
    internal static bool IsImage(int channels, ConvAxis x, ConvTile tile) =>
        channels < 4 && x.Pad >= 0 && (long)x.Size * channels % 4 == 0 && (long)tile.Pixels * x.Stride * channels % 4 == 0 && x.Span(tile.Pixels) <= MostHeld;

    /// <summary>Input pixels of a row that are worth holding, because more than one window of a tile reads them; else 0.</summary>
    internal static int Span(ConvAxis x, int pixels) => x.Span(pixels) is var span && span < (long)pixels * x.Kernel && span <= MostHeld ? (int)span : 0;

    internal static KernelConstant[] WindowConstants(int batch, (ConvAxis Z, ConvAxis Y, ConvAxis X) axes, int pixels) =>
    [
        ("TAIL", (int)Math.Clamp(axes.X.Size + (long)axes.X.Pad - (ConvTile.Count(axes.X.Out, pixels) - 1) * pixels * axes.X.Stride, 0, axes.X.Span(pixels))),
        ("EDGES", (axes.X.SticksOut ? 1 : 0) + (axes.Y.SticksOut ? 2 : 0) + (axes.Z.SticksOut ? 4 : 0)), ("BATCH", batch),
        .. Axis("Z", axes.Z), .. Axis("Y", axes.Y), .. Axis("X", axes.X),
    ];

    private static KernelConstant[] Axis(string name, ConvAxis axis) =>
    [
        ("SIZE_" + name, axis.Size), ("OUT_" + name, axis.Out), ("KERNEL_" + name, axis.Kernel),
        ("STRIDE_" + name, axis.Stride), ("DILATION_" + name, axis.Dilation), ("PAD_" + name, axis.Pad),
    ];

    /// <summary>[O][z][y][x][C/G] to [G][O/G/4][z][y][C/G/4][x][4][4]: the four outputs of an input together, in the order in which they are read.</summary>
    private static void PackDirect(ConvOperands operands, int row, int taps, Span<float> packed)
    {
        ReadOnlySpan<float> weight = operands.Weight.Span<float>();
        int channels = operands.GroupChannels, outputs = operands.GroupOutputs;
        for (int o = 0, from = 0; o < operands.Outputs; o++)
        {
            int quad = o / outputs * operands.OutputQuads + o % outputs / 4;
            for (int tap = 0; tap < taps; tap++)
                for (int c = 0; c < channels; c++, from++)
                {
                    int place = ((quad * (taps / row) + tap / row) * operands.InputQuads + c / 4) * row + tap % row;
                    packed[(place * 4 + c % 4) * 4 + o % outputs % 4] = weight[from];
                }
        }
    }

    /// <summary>[C][z][y][x] to [C/4][z][y][x][4].</summary>
    private static void PackDepthwise(ReadOnlySpan<float> weight, int taps, Span<float> packed)
    {
        for (int i = 0; i < weight.Length; i++) packed[(i / taps / 4 * taps + i % taps) * 4 + i / taps % 4] = weight[i];
    }
}
