using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>Sums and means of quantized numbers, or extremes of 8-bit ones, over neighbouring axes; a tile is what lies before these.</summary>
internal sealed unsafe class ByteReduceKernel : CpuKernel
{
    private readonly byte* x, y;
    private readonly int* sums;
    private readonly long reduced, inner;
    private readonly bool signed, writes, smallest;
    private readonly int shift, zero, low, high;
    private readonly float multiplier;

    private ByteReduceKernel(CpuBinding binding, Reduce op, ReduceAxes axes)
    {
        TensorView input = binding.Input(0);
        x = (byte*)input.Data;
        y = (byte*)binding.Output(0).Data;
        (reduced, inner) = (axes.Reduced, axes.Inner);
        signed = input.DataType == DataType.I8;
        smallest = op.Function == ReduceFunction.Min;
        writes = !op.Result.IsNone;
        if (writes)
        {
            var mean = new QuantizedMean(input.Type, op.Result);
            multiplier = mean.Multiplier(op.Function == ReduceFunction.Mean ? (int)reduced : 1);
            shift = unchecked((int)(-reduced * mean.Zero));
            zero = op.Result.ZeroPoint;
            (low, high) = Requantize.Range(op.Result.Type);
            sums = (int*)binding.Allocate(inner * binding.Workers * sizeof(int));
        }
        Tiles = (int)axes.Outer;
        Name = $"{op.Function.ToString().ToLowerInvariant()}_{(signed ? "i8" : "u8")}";
    }

    public override string Name { get; }

    public override int Tiles { get; }

    /// <summary>A maker; see <see cref="CpuKernels"/>.</summary>
    public static CpuKernel? Make(CpuBinding binding)
    {
        var op = (Reduce)binding.Operator;
        if (binding.Input(0).DataType is not (DataType.U8 or DataType.I8) || (op.Result.IsNone && op.Function is not (ReduceFunction.Max or ReduceFunction.Min))) return null;
        return ReduceAxes.Of(binding) is { Reduced: <= int.MaxValue } axes ? new ByteReduceKernel(binding, op, axes) : null;
    }

    public override void Run(int first, int last, int worker)
    {
        int* own = sums + worker * inner;
        for (int tile = first; tile < last; tile++)
        {
            byte* source = x + tile * reduced * inner, target = y + tile * inner;
            if (!writes)
            {
                if (inner == 1) *target = Extreme(source);
                else
                {
                    new ReadOnlySpan<byte>(source, (int)inner).CopyTo(new Span<byte>(target, (int)inner));
                    for (long row = 1; row < reduced; row++) ByteSums.Extreme(source + row * inner, target, (nint)inner, signed, smallest);
                }
                continue;
            }
            if (inner == 1) *own = ByteSums.Total(source, (nint)reduced, signed);
            else
            {
                new Span<int>(own, (int)inner).Clear();
                for (long row = 0; row < reduced; row++) ByteSums.Add(source + row * inner, own, (nint)inner, signed);
            }
            ByteSums.Requantized(own, target, (nint)inner, shift, multiplier, zero, low, high);
        }
    }

    private byte Extreme(byte* source)
    {
        byte best = *source;
        for (long i = 1; i < reduced; i++)
        {
            int difference = signed ? (sbyte)source[i] - (sbyte)best : source[i] - best;
            if (smallest ? difference < 0 : difference > 0) best = source[i];
        }
        return best;
    }
}
