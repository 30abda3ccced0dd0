using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Gpu.Lowering;

/// <summary>Transposed convolutions: one ordinary convolution for each phase, that is for all output pixels that are a stride apart.</summary>
internal static class ConvTransposeLowering
{
    private static readonly ConvTile[] Tiles = [new(4, 1), new(4, 2), new(1, 1)];

    public static GpuLowering Lower(GpuStep step)
    {
        var conv = (ConvTranspose)step.Operator;
        // No operator has a residual there: position 3 is beyond its inputs.
        if (ConvOperands.Of(step, conv.Activation, conv.Groups, ConvTranspose.Bias, 3, out string reason) is not { } operands) return GpuLowering.Reject(reason);
        Shape input = step.InputType(0).Shape, output = step.OutputType().Shape;
        var axes = ConvAxis.Of(conv.Window, input, output, conv.PadBegin);
        if (!axes.Z.Fits || !axes.Y.Fits || !axes.X.Fits) return GpuLowering.Reject("the window reaches farther than 32 bits can number");
        if (!ConvPhases.Fits(axes.Z) || !ConvPhases.Fits(axes.Y) || !ConvPhases.Fits(axes.X)) return GpuLowering.Reject("the strides are too large");
        ConvPhases z = ConvPhases.Of(axes.Z), y = ConvPhases.Of(axes.Y), x = ConvPhases.Of(axes.X);
        int inputQuads = operands.InputQuads, outputQuads = operands.OutputQuads;
        long taps = (long)z.Taps * y.Taps * x.Taps, phases = (long)z.Count * y.Count * x.Count;
        if (taps > int.MaxValue || phases > int.MaxValue || taps * phases > int.MaxValue || taps * phases * operands.Groups * outputQuads * inputQuads > int.MaxValue / 16)
            return GpuLowering.Reject("the weight is too large");

        BufferRef weight = step.Pack((int)(taps * phases) * operands.Groups * outputQuads * inputQuads * 16, packed => Pack(operands, axes, z, y, x, packed));
        BufferRef table = step.PackIntegers([.. z.Table, .. y.Table, .. x.Table]);
        long lines = input[0] * ConvTile.Count(axes.Z.Out, axes.Z.Stride) * ConvTile.Count(axes.Y.Out, axes.Y.Stride);
        int columns = (int)ConvTile.Count(axes.X.Out, axes.X.Stride);
        return GpuLowering.To([.. ConvTile.Fitting(Tiles, columns, outputQuads).Select(tile => new GpuCandidate(
            $"conv_transposed_{tile}",
            operands.Linear("conv_transposed", weight,
                ConvTile.Count(columns, tile.Pixels) * lines * phases * ConvTile.Count(outputQuads, tile.Depth) * operands.Groups,
                [
                    ("PIXELS", tile.Pixels), ("OUTPUTS", tile.Depth), ("GROUPS", operands.Groups), ("BATCH", input[0]),
                    .. Axis("Z", axes.Z, z), .. Axis("Y", axes.Y, y), .. Axis("X", axes.X, x),
                ],
                table)))]);
    }

    private static KernelConstant[] Axis(string name, ConvAxis axis, ConvPhases phases) =>
    [
        ("SIZE_" + name, axis.Size), ("OUT_" + name, axis.Out), ("STRIDE_" + name, axis.Stride),
        ("PHASES_" + name, phases.Count), ("TAPS_" + name, phases.Taps), ("STEP_" + name, phases.Step),
    ];

    /// <summary>[O][z][y][x][C/G] to [phases][G][O/G/4][taps z][taps y][C/G/4][taps x][4][4], zero where a phase has fewer taps than others.</summary>
    private static void Pack(ConvOperands operands, (ConvAxis Z, ConvAxis Y, ConvAxis X) axes, ConvPhases z, ConvPhases y, ConvPhases x, Span<float> packed)
    {
        ReadOnlySpan<float> weight = operands.Weight.Span<float>();
        int channels = operands.GroupChannels, outputs = operands.GroupOutputs;
        for (int phase = 0; phase < z.Count * y.Count * x.Count; phase++)
        {
            int phaseZ = phase / (y.Count * x.Count), phaseY = phase / x.Count % y.Count, phaseX = phase % x.Count;
            for (int o = 0; o < operands.Outputs; o++)
            {
                int quad = (phase * operands.Groups + o / outputs) * operands.OutputQuads + o % outputs / 4;
                for (int tz = 0; tz < z.TapsOf(phaseZ); tz++)
                    for (int ty = 0; ty < y.TapsOf(phaseY); ty++)
                        for (int tx = 0; tx < x.TapsOf(phaseX); tx++)
                        {
                            int tap = (z.Tap(phaseZ, tz) * axes.Y.Kernel + y.Tap(phaseY, ty)) * axes.X.Kernel + x.Tap(phaseX, tx);
                            int from = (o * axes.Z.Kernel * axes.Y.Kernel * axes.X.Kernel + tap) * channels;
                            for (int c = 0; c < channels; c++)
                            {
                                int place = (((quad * z.Taps + tz) * y.Taps + ty) * operands.InputQuads + c / 4) * x.Taps + tx;
                                packed[(place * 4 + c % 4) * 4 + o % outputs % 4] = weight[from + c];
                            }
                        }
            }
        }
    }
}
