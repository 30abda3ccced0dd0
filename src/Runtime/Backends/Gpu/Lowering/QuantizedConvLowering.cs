using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Gpu.Lowering;

/// <summary>Convolutions of quantized operands: which kernels and which tiles.</summary>
internal static class QuantizedConvLowering
{
    /// <summary>Pixels x quads of outputs computed by an invocation on a chip and on a CPU, the likely best first.</summary>
    private static readonly (ConvTile[] Chip, ConvTile[] Cpu)
        Pointwises = ([new(4, 1), new(4, 2), new(8, 2), new(1, 1)], [new(8, 1), new(8, 2), new(4, 2), new(4, 1), new(1, 1)]),
        Directs = ([new(4, 1), new(4, 2), new(1, 1)], [new(8, 1), new(4, 2), new(4, 1), new(1, 1)]),
        Depthwises = ([new(4, 1), new(2, 2), new(1, 1)], [new(4, 1), new(8, 1), new(2, 2), new(1, 1)]);

    /// <summary>Pixels x quads of outputs of a picture of few channels.</summary>
    private static readonly ConvTile[] Images = [new(4, 1), new(8, 1), new(4, 2)];

    public static GpuLowering Lower(GpuStep step)
    {
        var conv = (Conv)step.Operator;
        Shape x = step.InputType(0).Shape, y = step.OutputType().Shape;
        var axes = ConvAxis.Of(conv.Window, x, y, conv.Window.PadBegin);
        if (!axes.Z.Fits || !axes.Y.Fits || !axes.X.Fits) return GpuLowering.Reject("the window reaches farther than 32 bits can number");
        int taps = axes.Z.Kernel * axes.Y.Kernel * axes.X.Kernel;
        if (QuantizedOperands.Of(step, conv.Result, conv.Activation, (conv.Groups, taps, axes.X.Kernel), Conv.Gain, weight => weight.Bytes.ToArray(), out string reason) is not { } operands)
            return GpuLowering.Reject(reason);
        if (operands.IsDepthwise) return Depthwise();
        if (operands.IsOddDepthwise) return GpuLowering.To(OddDepthwise(1), OddDepthwise(2), General());
        bool isPointwise = conv.Groups == 1 && axes.Z.IsPointwise && axes.Y.IsPointwise && axes.X.IsPointwise;
        if (!operands.WritesQuads) return isPointwise ? WithFours(step, operands, General()) : GpuLowering.To(General());
        return isPointwise ? Pointwise(step, operands) : Direct();

        GpuLowering Direct()
        {
            int rows = x[0] * axes.Z.Out * axes.Y.Out;
            var candidates = new List<GpuCandidate>();
            foreach (ConvTile tile in ConvTile.Fitting(Images, axes.X.Out, operands.OutputQuads))
                if (conv.Groups == 1 && ConvLowering.IsImage(operands.Channels, axes.X, tile)) candidates.Add(Candidate("image", tile, (int)axes.X.Span(tile.Pixels), 1));
            foreach (ConvTile tile in Fitting(step, Directs, axes.X.Out, operands.OutputQuads))
                if (candidates.Count < 3) candidates.Add(Candidate("direct", tile, ConvLowering.Span(axes.X, tile.Pixels), 0));
            return GpuLowering.To([.. candidates]);

            GpuCandidate Candidate(string name, ConvTile tile, int span, int image) => new($"conv_i8_{name}_{tile}",
                operands.Linear("conv_i8_direct", ConvTile.Count(axes.X.Out, tile.Pixels) * rows * ConvTile.Count(operands.OutputQuads, tile.Depth) * operands.Groups,
                    [("PIXELS", tile.Pixels), ("OUTPUTS", tile.Depth), ("SPAN", span), ("GROUPS", operands.Groups), ("IMAGE", image), .. ConvLowering.WindowConstants(x[0], axes, tile.Pixels)]));
        }

        GpuLowering Depthwise() => GpuLowering.To([.. Fitting(step, Depthwises, axes.X.Out, axes.Y.Out).Select(tile =>
        {
            int span = axes.Y.Span(tile.Depth) <= ConvLowering.MostHeld / 2 ? ConvLowering.Span(axes.X, tile.Pixels) : 0, height = span > 0 ? tile.Depth : 1;
            return new GpuCandidate($"conv_i8_depthwise_{tile.Pixels}x{height}",
                operands.Linear("conv_i8_depthwise", ConvTile.Count(axes.X.Out, tile.Pixels) * ConvTile.Count(axes.Y.Out, height) * x[0] * axes.Z.Out * (operands.Channels / 4),
                    [("PIXELS", tile.Pixels), ("ROWS", height), ("SPAN", span), .. ConvLowering.WindowConstants(x[0], axes, tile.Pixels)]));
        }).DistinctBy(candidate => candidate.Name)]);

        GpuCandidate OddDepthwise(int blocks) => new($"conv_i8_depthwise_odd_{blocks}",
            operands.LinearOdd("conv_i8_depthwise_odd", (long)ConvTile.Count((int)(y.Count / operands.Outputs), 4 * blocks) * operands.Channels, [("BLOCKS", blocks), ("COUNT", (int)(y.Count / operands.Outputs)), .. ConvLowering.WindowConstants(x[0], axes, 1)]));

        GpuCandidate General() => new("conv_i8_general",
            operands.Linear("conv_i8_general", (y.Count + 3) / 4, [("COUNT", (int)y.Count), .. ConvLowering.WindowConstants(x[0], axes, 1)]));
    }

    /// <summary>
    /// Products of all pixels by the weights, where outputs come in no fours: four pixels at a time, unless there are so few outputs that three pixels share a word, or so many products that drivers would leave a loop; and
    /// the way for anything, which is the better one where there are few pixels.
    /// </summary>
    public static GpuLowering WithFours(GpuStep step, QuantizedOperands operands, GpuCandidate general)
    {
        if (operands.Outputs < 4 || QuantizedSums.Rejection((long)operands.OutputQuads * (operands.InputQuads + 1)) is not null) return GpuLowering.To(general);
        int pixels = (int)(step.OutputType().Shape.Count / operands.Outputs);
        IEnumerable<GpuCandidate> fours = ((int[])[2, 1]).Select(depth => new GpuCandidate($"conv_i8_fours_{depth}", operands.Linear("conv_i8_fours", ConvTile.Count(pixels, 4), ("OUTPUTS", depth), ("COUNT", pixels))));
        bool isMany = pixels >= (step.Traits.SubgroupSize >= ConvLowering.ChipLanes ? 4096 : 128);
        return GpuLowering.To(isMany ? [.. fours, general] : [general, .. fours]);
    }

    /// <summary>Products of all pixels by the weights.</summary>
    public static GpuLowering Pointwise(GpuStep step, QuantizedOperands operands)
    {
        int pixels = (int)(step.OutputType().Shape.Count / operands.Outputs), quads = operands.OutputQuads;
        return GpuLowering.To([.. Fitting(step, Pointwises, pixels, quads).Select(tile => new GpuCandidate($"conv_i8_pointwise_{tile}",
            operands.Linear("conv_i8_pointwise", ConvTile.Count(pixels, tile.Pixels) * ConvTile.Count(quads, tile.Depth),
                ("PIXELS", tile.Pixels), ("OUTPUTS", tile.Depth), ("COUNT", pixels), ("WIDE", operands.Channels % 16 == 0 ? 1 : 0))))]);
    }

    /// <summary>Those tiles that fit. On a CPU the smallest is for what is smaller than the others.</summary>
    private static IEnumerable<ConvTile> Fitting(GpuStep step, (ConvTile[] Chip, ConvTile[] Cpu) tiles, int pixels, int depth)
    {
        bool isChip = step.Traits.SubgroupSize >= ConvLowering.ChipLanes;
        ConvTile[] fitting = [.. ConvTile.Fitting(isChip ? tiles.Chip : tiles.Cpu, pixels, depth)];
        return fitting.Length > 1 && !isChip ? fitting[..^1] : fitting;
    }
}
