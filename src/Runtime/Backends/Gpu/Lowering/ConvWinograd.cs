using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Gpu.Lowering;

/// <summary>
/// Winograd's convolution F(2x2, 3x3): 16 products instead of 36 for four output pixels, at the price of carrying the transformed input and
/// the products through memory. Exact arithmetic would give the same sums; floats of 32 bits stay within the operator's tolerance.
/// </summary>
internal static class ConvWinograd
{
    /// <summary>Channels and outputs from which on the products saved are worth more than the memory's traffic; measured on a CPU's driver.</summary>
    private const int Least = 64;

    private const int Places = 16;

    /// <summary>Tiles x quads of outputs computed by an invocation of the product.</summary>
    private static readonly ConvTile Product = new(8, 2);

    /// <summary>The way to execute a convolution, or null where it is none or would not pay.</summary>
    public static GpuCandidate? Of(GpuStep step, ConvOperands operands, Shape x, (ConvAxis Z, ConvAxis Y, ConvAxis X) axes)
    {
        int channels = operands.Channels, outputs = operands.Outputs, rows = (axes.Y.Out + 1) / 2, columns = (axes.X.Out + 1) / 2;
        long tiles = (long)x[0] * rows * columns;
        if (step.Traits.Precision != GpuPrecision.Float32 || operands.Groups != 1 || channels < Least || outputs < Least || channels % 4 != 0 || outputs % 4 != 0
            || !axes.Z.IsPointwise || !IsThree(axes.Y) || !IsThree(axes.X)
            || Places * tiles * Math.Max(channels, outputs) * sizeof(float) > Math.Min(step.Traits.MaxBufferBytes, int.MaxValue)) return null;

        BufferRef transformed = step.Scratch(Places * tiles * channels), products = step.Scratch(Places * tiles * outputs);
        BufferRef weight = step.Pack(Places * channels * outputs, packed => Pack(operands, packed));
        int inputQuads = channels / 4, outputQuads = outputs / 4;
        KernelConstant[] picture = [("BATCH", x[0]), ("TILES_Y", rows), ("TILES_X", columns)];
        return new("conv_winograd_2x2",
            Linear("conv_winograd_input", tiles * inputQuads, [step.Input(0), transformed],
                [.. picture, ("SIZE_Y", axes.Y.Size), ("SIZE_X", axes.X.Size), ("PAD_Y", axes.Y.Pad), ("PAD_X", axes.X.Pad), ("CQ", inputQuads)]),
            Linear("conv_winograd_product", Places * ConvTile.Count((int)tiles, Product.Pixels) * ConvTile.Count(outputQuads, Product.Depth), [transformed, weight, products],
                [("PIXELS", Product.Pixels), ("OUTPUTS", Product.Depth), ("COUNT", (int)tiles), ("CQ", inputQuads), ("OQ", outputQuads)]),
            operands.Linear("conv_winograd_output", operands.Bias, tiles * outputQuads, [.. picture, ("OUT_Y", axes.Y.Out), ("OUT_X", axes.X.Out)], products));

        Dispatch Linear(string kernel, long invocations, BufferRef[] buffers, KernelConstant[] constants) =>
            new(kernel, buffers, Grid.Linear(invocations, ConvOperands.GroupSize, step.Traits.MaxGroups), new Grid(ConvOperands.GroupSize), constants);
    }

    private static bool IsThree(ConvAxis axis) => axis.Kernel == 3 && axis.Stride == 1 && axis.Dilation == 1;

    /// <summary>[O][3][3][C] to G g G' as [16][O/4][C/4][4][4].</summary>
    private static void Pack(ConvOperands operands, Span<float> packed)
    {
        ReadOnlySpan<float> weight = operands.Weight.Span<float>();
        int channels = operands.Channels, quads = operands.InputQuads;
        Span<float> half = stackalloc float[12], whole = stackalloc float[Places];
        for (int o = 0; o < operands.Outputs; o++)
            for (int c = 0; c < channels; c++)
            {
                for (int column = 0; column < 3; column++)
                    Transform(weight[((o * 3) * 3 + column) * channels + c], weight[((o * 3 + 1) * 3 + column) * channels + c],
                        weight[((o * 3 + 2) * 3 + column) * channels + c], half[column..], 3);
                for (int row = 0; row < 4; row++) Transform(half[row * 3], half[row * 3 + 1], half[row * 3 + 2], whole[(row * 4)..], 1);
                for (int place = 0; place < Places; place++)
                    packed[(((place * operands.OutputQuads + o / 4) * quads + c / 4) * 4 + c % 4) * 4 + o % 4] = whole[place];
            }
    }

    /// <summary>G times three elements: four, <paramref name="step"/> apart.</summary>
    private static void Transform(float a, float b, float c, Span<float> to, int step)
    {
        to[0] = a;
        to[step] = (a + b + c) / 2;
        to[2 * step] = (a - b + c) / 2;
        to[3 * step] = c;
    }
}
