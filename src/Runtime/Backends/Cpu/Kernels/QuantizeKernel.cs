using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>Reals to 8-bit numbers, or 8-bit numbers to reals, with scales and zero points for the whole tensor or along an axis; they are read on each run.</summary>
internal sealed unsafe class QuantizeKernel : CpuKernel
{
    private const int TileElements = 16 * 1024;

    private readonly bool dequantize, signed;
    private readonly byte* bytes, zeros;
    private readonly float* reals, scales;
    private readonly long count, inner;
    private readonly int channels, low, high;

    private QuantizeKernel(CpuBinding binding, TensorView numbers, TensorView values, int axis)
    {
        dequantize = binding.Operator is Dequantize;
        signed = numbers.DataType == DataType.I8;
        (low, high) = Requantize.Range(numbers.DataType);
        bytes = (byte*)numbers.Data;
        reals = (float*)values.Data;
        scales = (float*)binding.Input(1).Data;
        zeros = (byte*)binding.Input(2).Data;
        count = numbers.Shape.Count;
        (int step, channels) = Quantize.Blocks(numbers.Shape, binding.Input(1).Shape, axis);
        inner = channels == 1 ? count : step;
        Tiles = (int)Math.Max(1, (count + TileElements - 1) / TileElements);
        Name = $"{(dequantize ? "dequantize" : "quantize")}_{(signed ? "i8" : "u8")}{(channels > 1 ? "_axis" : "")}";
    }

    public override string Name { get; }

    public override int Tiles { get; }

    /// <summary>A maker; see <see cref="CpuKernels"/>.</summary>
    public static CpuKernel? Quantizing(CpuBinding binding) =>
        binding.Operator is Quantize { BlockSize: 0 } op ? Make(binding, binding.Output(0), binding.Input(0), op.Axis) : null;

    /// <summary>A maker; see <see cref="CpuKernels"/>.</summary>
    public static CpuKernel? Dequantizing(CpuBinding binding) =>
        binding.Operator is Dequantize { BlockSize: 0 } op ? Make(binding, binding.Input(0), binding.Output(0), op.Axis) : null;

    public override void Run(int first, int last, int worker)
    {
        long from = (long)first * TileElements, to = Math.Min((long)last * TileElements, count);
        while (from < to)
        {
            long run = from / inner, end = Math.Min(to, (run + 1) * inner);
            int channel = (int)(run % channels), zero = zeros == null ? 0 : signed ? (sbyte)zeros[channel] : zeros[channel];
            if (dequantize) ByteQuantizer.Dequantize(bytes + from, reals + from, (nint)(end - from), signed, scales[channel], zero);
            else ByteQuantizer.Quantize(reals + from, bytes + from, (nint)(end - from), scales[channel], zero, low, high);
            from = end;
        }
    }

    private static CpuKernel? Make(CpuBinding binding, TensorView numbers, TensorView values, int axis) =>
        numbers.DataType is DataType.I8 or DataType.U8 && (binding.Input(2).IsMissing || binding.Input(2).DataType == numbers.DataType) && CpuBinding.Are(DataType.F32, values, binding.Input(1)) && numbers.Shape.Count > 0 ? new QuantizeKernel(binding, numbers, values, axis) : null;
}
