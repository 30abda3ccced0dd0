using System.Runtime.CompilerServices;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>
/// Transposed convolution of lines and pictures: for each output row, the input rows that reach it are multiplied by the kernel row that does, all its taps at once,
/// into scratch memory, and each tap's channels are added where they belong.
/// </summary>
internal sealed unsafe class ConvTransposeKernel<L, V> : CpuKernel where L : struct, ILanes<V> where V : unmanaged
{
    /// <summary>For each kernel row, a matrix of each group.</summary>
    private readonly GemmPanels<L, V>[] panels;
    private readonly UnaryPass? finish;
    private readonly float* x, y, bias, scratch;
    private readonly nint* zeroOffset;
    private readonly int groups, sizeY, sizeX, channels, groupChannels, outY, outX, outputs, groupOutputs, kernelY, kernelX, strideY, strideX, dilationY, dilationX, padY, padX;
    private readonly long scratchFloats;

    private ConvTransposeKernel(CpuBinding binding, ConvTranspose op)
    {
        Window window = op.Window;
        finish = op.Activation.IsNone ? null : UnaryPass.For(op.Activation.Function, op.Activation.Alpha, op.Activation.Beta);
        TensorView weight = binding.Input(1), given = binding.Input(ConvTranspose.Bias);
        Shape from = binding.Input(0).Shape, to = binding.Output(0).Shape;
        int axes = window.Axes, last = axes - 1;
        x = (float*)binding.Input(0).Data;
        y = (float*)binding.Output(0).Data;
        (channels, outputs, groups) = (from[-1], to[-1], op.Groups);
        (groupChannels, groupOutputs) = (channels / groups, outputs / groups);
        (sizeX, outX, kernelX, strideX, dilationX, padX) = (from[axes], to[axes], window.Kernel[last], window.Strides[last], window.Dilations[last], op.PadBegin(from[axes], last));
        (sizeY, outY, kernelY, strideY, dilationY, padY) = axes == 1 ? (1, 1, 1, 1, 1, 0)
            : (from[1], to[1], window.Kernel[0], window.Strides[0], window.Dilations[0], op.PadBegin(from[1], 0));
        bias = given.IsMissing ? (float*)binding.Allocate(outputs * sizeof(float)) : (float*)given.Data;
        zeroOffset = (nint*)binding.Allocate(sizeof(nint));
        scratchFloats = ((long)sizeX * kernelX * groupOutputs + 15) / 16 * 16;
        scratch = (float*)binding.Allocate(scratchFloats * binding.Workers * sizeof(float));

        // The matrices are [channels, taps x outputs]; the weight is [outputs, rows, taps, channels].
        panels = new GemmPanels<L, V>[kernelY * groups];
        int columns = kernelX * groupOutputs;
        using var row = new AlignedBuffer((long)groupChannels * columns * sizeof(float));
        float* matrix = (float*)row.Data, source = (float*)weight.Data;
        for (int i = 0; i < panels.Length; i++)
        {
            int ky = i / groups, firstOutput = i % groups * groupOutputs;
            for (int o = 0; o < groupOutputs; o++)
                for (int kx = 0; kx < kernelX; kx++)
                    for (int c = 0; c < groupChannels; c++)
                        matrix[((long)c * kernelX + kx) * groupOutputs + o] = source[(((long)(firstOutput + o) * kernelY + ky) * kernelX + kx) * groupChannels + c];
            panels[i] = new GemmPanels<L, V>(binding, groupChannels, columns, null, 0, packed: true);
            panels[i].Pack(matrix, columns, 1);
        }
        Tiles = from[0] * outY;
        Name = $"convtranspose_f32_{kernelY}x{kernelX}";
    }

    public override string Name { get; }

    public override int Tiles { get; }

    /// <summary>The kernel for a step.</summary>
    public static CpuKernel Bind(CpuBinding binding, ConvTranspose op) => new ConvTransposeKernel<L, V>(binding, op);

    public override void Run(int first, int last, int worker)
    {
        float* products = scratch + worker * scratchFloats;
        for (int tile = first; tile < last; tile++)
        {
            int image = tile / outY, row = tile % outY;
            float* target = y + (long)tile * outX * outputs;
            for (int column = 0; column < outX; column++)
                new ReadOnlySpan<float>(bias, outputs).CopyTo(new Span<float>(target + (long)column * outputs, outputs));
            for (int ky = 0; ky < kernelY; ky++)
            {
                int position = row + padY - ky * dilationY;
                if (position < 0 || position % strideY != 0 || position / strideY >= sizeY) continue;
                float* source = x + ((long)image * sizeY + position / strideY) * sizeX * channels;
                for (int group = 0; group < groups; group++)
                {
                    Multiply(panels[ky * groups + group], source + (long)group * groupChannels, products);
                    Scatter(products, target + (long)group * groupOutputs);
                }
            }
            finish?.Apply(target, target, (long)outX * outputs);
        }
    }

    private void Multiply(GemmPanels<L, V> matrix, float* source, float* products)
    {
        GemmTile tile = default;
        new FastActivation(default).Set(ref tile);
        tile.A = source;
        tile.AStep = channels;
        tile.Offsets = zeroOffset;
        tile.Segments = 1;
        tile.Length = groupChannels;
        tile.Y = products;
        tile.YStep = kernelX * groupOutputs;
        matrix.Multiply(ref tile, sizeX, 0, matrix.Count);
    }

    /// <summary>Adds tap kx of input pixel i to output pixel i · stride + kx · dilation - pad.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Scatter(float* products, float* target)
    {
        // Lanes: channels. Tail: one channel at a time. Equals: target[column, o] += products[i, kx, o].
        for (int i = 0; i < sizeX; i++)
            for (int kx = 0; kx < kernelX; kx++, products += groupOutputs)
            {
                int column = i * strideX + kx * dilationX - padX;
                if (column < 0 || column >= outX) continue;
                float* to = target + (long)column * outputs;
                int o = 0;
                for (; o <= groupOutputs - L.Count; o += L.Count) L.Store(L.Add(L.Load(to + o), L.Load(products + o)), to + o);
                for (; o < groupOutputs; o++) to[o] += products[o];
            }
    }
}

/// <summary>Binds transposed convolutions of floats with constant weights.</summary>
internal static class ConvTransposeMaker
{
    /// <summary>Positions are computed in 32 bits, and strides, dilations and pads come from files: no tensor bounds them.</summary>
    private const long Farthest = 1 << 30, LargestScratch = 1 << 28;

    /// <summary>The kernel for a step; null for volumes.</summary>
    public static CpuKernel? Make(CpuBinding binding)
    {
        var op = (ConvTranspose)binding.Operator;
        TensorView bias = binding.Input(ConvTranspose.Bias);
        if (!CpuBinding.Are(DataType.F32, binding.Input(0), binding.Input(1), binding.Output(0)) || !binding.IsConstant(1)) return null;
        if (op.Window.Axes > 2 || binding.Output(0).Shape.Count == 0 || binding.Input(0).Shape.Count == 0 || (!bias.IsMissing && bias.DataType != DataType.F32)) return null;
        Shape x = binding.Input(0).Shape, y = binding.Output(0).Shape;
        long products = (long)x[op.Window.Axes] * op.Window.Kernel[^1] * y[-1];
        for (int axis = 0; axis < op.Window.Axes; axis++)
            if (Reach(op, x[axis + 1], y[axis + 1], axis) > Farthest) return null;
        if (products > LargestScratch) return null;
        if (ConvTransposeBlocks.Fit(op, x, y)) return ConvTransposeBlocks.Bind(binding, op);
        return LanesChoice.Padded(new Maker(binding, op), y[-1] / op.Groups * op.Window.Kernel[^1]);
    }

    /// <summary>More than any position along an axis can be.</summary>
    private static long Reach(ConvTranspose op, int size, int output, int axis) => output + Math.Abs((long)op.PadBegin(size, axis))
        + (long)size * op.Window.Strides[axis] + (long)op.Window.Kernel[axis] * op.Window.Dilations[axis];

    private sealed record Maker(CpuBinding Binding, ConvTranspose Op) : ILanesMaker
    {
        public CpuKernel Make<L, V>() where L : struct, ILanes<V> where V : unmanaged => ConvTransposeKernel<L, V>.Bind(Binding, Op);
    }
}
