using System.Runtime.CompilerServices;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>
/// Transposed convolution whose strides are the kernel's size, so that each input pixel becomes a block of output pixels of its own and nothing is added up: a product of
/// matrices, written where it belongs. Rows of blocks that are shorter than a vector are computed together with those below them, and then taken apart.
/// </summary>
internal sealed unsafe class ConvTransposeBlocksKernel<L, V> : CpuKernel where L : struct, ILanes<V> where V : unmanaged
{
    /// <summary>Pixels whose blocks are kept until they are taken apart.</summary>
    private const int Chunk = 64;

    private readonly GemmPanels<L, V>[] panels;
    private readonly FastActivation activation;
    private readonly float* x, y, scratch;
    private readonly nint* zeroOffset;
    private readonly int sizeX, channels, kernelY, width;
    private readonly bool joint;

    private ConvTransposeBlocksKernel(CpuBinding binding, ConvTranspose op, bool joint)
    {
        this.joint = joint;
        activation = new FastActivation(op.Activation);
        TensorView weight = binding.Input(1), given = binding.Input(ConvTranspose.Bias);
        Shape from = binding.Input(0).Shape, to = binding.Output(0).Shape;
        int axes = op.Window.Axes, outputs = to[-1], kernelX = op.Window.Kernel[axes - 1];
        kernelY = axes == 1 ? 1 : op.Window.Kernel[0];
        (sizeX, channels, width) = (from[axes], from[-1], kernelX * outputs);
        x = (float*)binding.Input(0).Data;
        y = (float*)binding.Output(0).Data;
        zeroOffset = (nint*)binding.Allocate(sizeof(nint));

        // Matrices [channels, rows x taps x outputs] of all rows or of one; the weight is [outputs, rows, taps, channels].
        panels = new GemmPanels<L, V>[joint ? 1 : kernelY];
        int columns = joint ? kernelY * width : width;
        using var packed = new AlignedBuffer((long)channels * columns * sizeof(float));
        float* matrix = (float*)packed.Data, source = (float*)weight.Data, bias = null;
        if (!given.IsMissing)
        {
            bias = (float*)binding.Allocate((long)columns * sizeof(float));
            for (int i = 0; i < columns; i++) bias[i] = ((float*)given.Data)[i % outputs];
        }
        for (int p = 0; p < panels.Length; p++)
        {
            for (int column = 0; column < columns; column++)
            {
                int o = column % outputs, tap = p * kernelX + column / outputs;
                for (int c = 0; c < channels; c++) matrix[(long)c * columns + column] = source[((long)o * kernelY * kernelX + tap) * channels + c];
            }
            panels[p] = new GemmPanels<L, V>(binding, channels, columns, bias, 0, packed: true);
            panels[p].Pack(matrix, columns, 1);
        }
        if (joint) scratch = (float*)binding.Allocate((long)Chunk * columns * sizeof(float) * binding.Workers);
        Tiles = from[0] * (axes == 1 ? 1 : from[1]);
        Name = $"convtranspose_f32_{kernelY}x{kernelX}_blocks";
    }

    public override string Name { get; }

    public override int Tiles { get; }

    /// <summary>The kernel for a step.</summary>
    public static CpuKernel Bind(CpuBinding binding, ConvTranspose op, bool joint) => new ConvTransposeBlocksKernel<L, V>(binding, op, joint);

    public override void Run(int first, int last, int worker)
    {
        long row = (long)sizeX * width;
        GemmTile tile = default;
        activation.Set(ref tile);
        tile.AStep = channels;
        tile.Offsets = zeroOffset;
        tile.Segments = 1;
        tile.Length = channels;
        tile.YStep = joint ? kernelY * width : width;
        for (int at = first; at < last; at++)
        {
            float* source = x + (long)at * sizeX * channels, target = y + at * kernelY * row;
            if (joint)
            {
                float* blocks = scratch + (long)worker * Chunk * kernelY * width;
                for (int pixel = 0; pixel < sizeX; pixel += Chunk)
                {
                    int count = Math.Min(Chunk, sizeX - pixel);
                    tile.A = source + (long)pixel * channels;
                    tile.Y = blocks;
                    panels[0].Multiply(ref tile, count, 0, panels[0].Count);
                    for (int ky = 0; ky < kernelY; ky++) Take(blocks + ky * width, target + ky * row + (long)pixel * width, count);
                }
            }
            else
            {
                for (int ky = 0; ky < panels.Length; ky++)
                {
                    tile.A = source;
                    tile.Y = target + ky * row;
                    panels[ky].Multiply(ref tile, sizeX, 0, panels[ky].Count);
                }
            }
            activation.Rest?.Apply(target, target, kernelY * row);
        }
    }

    /// <summary>One row of each of some blocks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Take(float* blocks, float* target, int count)
    {
        int step = kernelY * width;
        if (width == 2)
        {
            for (int i = 0; i < count; i++, blocks += step, target += 2) *(ulong*)target = *(ulong*)blocks;
            return;
        }
        for (int i = 0; i < count; i++, blocks += step, target += width)
            for (int j = 0; j < width; j++) target[j] = blocks[j];
    }
}

/// <summary>Tells transposed convolutions whose blocks do not meet, and binds them.</summary>
internal static class ConvTransposeBlocks
{
    /// <summary>From this width on a row of blocks is a product by itself.</summary>
    private const int LeastWidth = 8;

    /// <summary>True when the output is made of blocks, one for each input pixel.</summary>
    public static bool Fit(ConvTranspose op, Shape x, Shape y)
    {
        if (op.Groups != 1) return false;
        for (int axis = 0; axis < op.Window.Axes; axis++)
        {
            int kernel = op.Window.Kernel[axis], size = x[axis + 1];
            if (op.Window.Strides[axis] != kernel || op.Window.Dilations[axis] != 1 || op.PadBegin(size, axis) != 0 || y[axis + 1] != (long)size * kernel) return false;
        }
        return true;
    }

    /// <summary>The kernel for a step that fits.</summary>
    public static CpuKernel Bind(CpuBinding binding, ConvTranspose op)
    {
        int width = op.Window.Kernel[^1] * binding.Output(0).Shape[-1];
        bool joint = width < LeastWidth && op.Window.Axes == 2;
        return LanesChoice.Widest(new Maker(binding, op, joint), joint ? width * op.Window.Kernel[0] : width);
    }

    private sealed record Maker(CpuBinding Binding, ConvTranspose Op, bool Joint) : ILanesMaker
    {
        public CpuKernel Make<L, V>() where L : struct, ILanes<V> where V : unmanaged => ConvTransposeBlocksKernel<L, V>.Bind(Binding, Op, Joint);
    }
}
