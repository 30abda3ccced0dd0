using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>Quantizes by the range of the very data: one pass to find it, one to quantize.</summary>
internal sealed unsafe class DynamicQuantizeKernel : CpuKernel
{
    private readonly float* x, scale;
    private readonly byte* y, zero;
    private readonly nint count;

    private DynamicQuantizeKernel(CpuBinding binding)
    {
        x = (float*)binding.Input(0).Data;
        y = (byte*)binding.Output(0).Data;
        scale = (float*)binding.Output(1).Data;
        zero = (byte*)binding.Output(2).Data;
        count = (nint)binding.Input(0).Shape.Count;
    }

    public override string Name => "dynamicquantize_u8";

    /// <summary>A maker; see <see cref="CpuKernels"/>.</summary>
    public static CpuKernel? Make(CpuBinding binding) => binding.Input(0).Shape.Count > 0 && CpuBinding.Are(DataType.F32, binding.Input(0)) ? new DynamicQuantizeKernel(binding) : null;

    public override void Run(int first, int last, int worker)
    {
        (float low, float high) = Range();
        float step = high == low ? 1 : (high - low) / 255;
        byte point = byte.CreateSaturating(MathF.Round(-low / step, MidpointRounding.ToEven));
        *scale = step;
        *zero = point;
        ByteQuantizer.Quantize(x, y, count, step, point, 0, 255);
    }

    /// <summary>The smallest and largest number, zero included. NaN, as for Math.Min and Math.Max, is both.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private (float Low, float High) Range()
    {
        float low = 0, high = 0;
        nint i = 0;
        if (Vector256.IsHardwareAccelerated && count >= 8)
        {
            Vector256<float> least = default, most = default;
            for (; i + 8 <= count; i += 8)
            {
                Vector256<float> value = Vector256.Load(x + i);
                least = Vector256.Min(least, value);
                most = Vector256.Max(most, value);
            }
            for (int lane = 0; lane < 8; lane++) (low, high) = (Math.Min(low, least[lane]), Math.Max(high, most[lane]));
        }
        for (; i < count; i++) (low, high) = (Math.Min(low, x[i]), Math.Max(high, x[i]));
        return (low, high);
    }
}
