using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Gpu.Lowering;

/// <summary>Pooling: windows over one to three axes, of four channels at a time where they come in fours; whole pictures are reduced.</summary>
internal static class PoolLowering
{
    private const int GroupSize = 64;

    public static GpuLowering Lower(GpuStep step)
    {
        var pool = (Pool)step.Operator;
        TensorType x = step.InputType(0), y = step.OutputType();
        bool bytes = QuantizedNumbers.Are(x.DataType) && (!pool.Result.IsNone || pool.Function == PoolFunction.Max);
        if (x.DataType != DataType.F32 && !bytes) return GpuLowering.Reject($"{x.DataType} has no pooling shader");
        if (pool.WithIndices) return GpuLowering.Reject("no pooling shader tells the indices of maxima");
        if (pool.Function == PoolFunction.Lp && pool.P is < 1 or > 64) return GpuLowering.Reject($"no pooling shader takes powers of {pool.P}");
        if (x.Shape.Count == 0 || y.Shape.Count == 0) return GpuLowering.Reject("there are no elements");

        var axes = new Axis[3];
        for (int i = 0; i < 3; i++)
        {
            // The picture's own axes are the last; those before are of size 1.
            int a = i - 3 + pool.Window.Axes;
            axes[i] = a < 0 ? Axis.None : Axis.Of(pool.Window, a, x.Shape[a + 1], y.Shape[a + 1]);
        }
        if (pool.Function != PoolFunction.Lp && Array.TrueForAll(axes, a => a.IsWhole))
        {
            var together = new bool[x.Shape.Rank];
            together.AsSpan(1, x.Shape.Rank - 2).Fill(true);
            ReduceFunction function = pool.Function == PoolFunction.Max ? ReduceFunction.Max : ReduceFunction.Mean;
            return bytes ? ReduceLowering.Bytes(step, RowLayout.OfBytes(x.Shape, together), function, pool.Result) : ReduceLowering.Rows(step, RowLayout.Of(x.Shape, together), function);
        }
        if (bytes) return Bytes(step, pool, axes);
        int width = x.Shape[-1] % 4 == 0 ? 4 : 1, channels = x.Shape[-1] / width;
        BinaryFunction joins = pool.Function switch { PoolFunction.Max => BinaryFunction.Max, PoolFunction.Average => BinaryFunction.Add, _ => BinaryFunction.Pow };
        return axes[2].Output < 4 ? GpuLowering.To(Candidate(1)) : GpuLowering.To(Candidate(1), Candidate(4));

        GpuCandidate Candidate(int outputs)
        {
            long invocations = (long)x.Shape[0] * axes[0].Output * axes[1].Output * ((axes[2].Output + outputs - 1) / outputs) * channels;
            return new($"pool_{width}x{outputs}", new Dispatch("pool", [step.Input(0), step.Input(0), step.Output(), step.Output()],
                Grid.Linear(invocations, GroupSize, step.Traits.MaxGroups), new Grid(GroupSize),
                [
                    ("WIDTH", width), ("OUTPUTS", outputs), ("COUNT", x.Shape[0]), ("CHANNELS", channels), .. Constants(pool, axes),
                    ("FUNCTION", (int)joins), ("POWER", pool.P),
                ]));
        }
    }

    /// <summary>Windows of quantized numbers: their largest, or their mean.</summary>
    private static GpuLowering Bytes(GpuStep step, Pool pool, Axis[] axes)
    {
        TensorType x = step.InputType(0), y = step.OutputType();
        if (y.Shape.Count > int.MaxValue - 4) return GpuLowering.Reject("there are too many elements for a dispatch");
        int width = x.Shape[-1] % 4 == 0 ? 4 : 1, flip = QuantizedNumbers.Flip(x.DataType);
        bool largest = pool.Function == PoolFunction.Max;
        int[] multipliers = [0], parameters = [flip, flip, 0, 0, 0, 0];
        if (!largest)
        {
            var mean = new QuantizedMean(x, pool.Result);
            (int low, int high) = Requantize.Range(pool.Result.Type);
            multipliers = [0, .. Enumerable.Range(1, (int)new Shape(pool.Window.Kernel).Count).Select(count => Dispatch.Bits(mean.Multiplier(count)))];
            parameters = [flip, 0, QuantizedNumbers.Zero(x), pool.Result.ZeroPoint, low, high];
        }
        return GpuLowering.To(new GpuCandidate($"{(largest ? "maxpool" : "meanpool")}_i8_{width}", new Dispatch("pool_i8", [step.Input(0), step.PackIntegers(multipliers), step.Output()],
            Grid.Linear((y.Shape.Count + 3) / 4, GroupSize, step.Traits.MaxGroups), new Grid(GroupSize),
            [("WIDTH", width), ("COUNT", (int)y.Shape.Count), ("CHANNELS", x.Shape[-1]), .. Constants(pool, axes), ("FUNCTION", (int)(largest ? BinaryFunction.Max : BinaryFunction.Add))], parameters)));
    }

    private static IEnumerable<KernelConstant> Constants(Pool pool, Axis[] axes) =>
    [
        .. axes.SelectMany((axis, i) => axis.Constants(i)), ("PADDED", Array.TrueForAll(axes, a => a.IsInside) ? 0 : 1), ("COUNT_PADS", pool.CountIncludePad ? 1 : 0),
    ];

    /// <summary>A window along one axis; the limit is where pixels cease to count when padding counts.</summary>
    private readonly record struct Axis(int Size, int Output, int Kernel, int Stride, int Dilation, int Pad, int Limit)
    {
        public static Axis None => new(1, 1, 1, 1, 1, 0, 1);

        public bool IsWhole => Output == 1 && Pad == 0 && Dilation == 1 && Kernel == Size;

        public bool IsInside => Pad <= 0 && (Output - 1) * Stride - Pad + (Kernel - 1) * Dilation < Size;

        public static Axis Of(Window window, int axis, int size, int output) => new(size, output, window.Kernel[axis], window.Strides[axis], window.Dilations[axis],
            window.PadBegin(size, axis), window.AutoPad == AutoPad.Explicit ? size + window.Pads[axis + window.Axes] : int.MaxValue);

        public KernelConstant[] Constants(int i) =>
        [
            ($"SIZE{i}", Size), ($"OUT{i}", Output), ($"KERNEL{i}", Kernel), ($"STRIDE{i}", Stride), ($"DILATION{i}", Dilation), ($"PAD{i}", Pad), ($"LIMIT{i}", Limit),
        ];
    }
}
