using System.Runtime.CompilerServices;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>
/// Normalisation of floats [N, pixels, groups, channels of a group] over the pixels and channels of each group: mean, then variance, then the elements.
/// Lanes are channels of a group.
/// </summary>
internal sealed unsafe class GroupNormKernel<L, V> : CpuKernel where L : struct, ILanes<V> where V : unmanaged
{
    /// <summary>Pixels that are summed as floats; the sums of these are summed as doubles.</summary>
    private const int BlockPixels = 32;

    private readonly float* x, y;
    private readonly float epsilon;
    private readonly long pixels, groups, width;

    private GroupNormKernel(CpuBinding binding, GroupNorm op, long pixels, long width)
    {
        x = (float*)binding.Input(0).Data;
        y = (float*)binding.Output(0).Data;
        (epsilon, groups) = (op.Epsilon, op.Groups);
        (this.pixels, this.width) = (pixels, width);
        Tiles = (int)(binding.Output(0).Shape.Count / (pixels * width));
    }

    public override string Name => "groupnorm_f32";

    public override int Tiles { get; }

    /// <summary>The kernel for a step.</summary>
    public static CpuKernel Bind(CpuBinding binding, GroupNorm op, long pixels, long width) => new GroupNormKernel<L, V>(binding, op, pixels, width);

    public override void Run(int first, int last, int worker)
    {
        long pitch = groups * width;
        for (int at = first; at < last; at++)
        {
            (long image, long group) = Math.DivRem(at, groups);
            long start = image * pixels * pitch + group * width;
            Group(x + start, y + start, pitch);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Group(float* from, float* to, long pitch)
    {
        // Lanes: channels of the group. Tail: one channel at a time. Equals: to[p, c] = (from[p, c] - mean) / sqrt(mean of (from[q, d] - mean)^2 + epsilon).
        double total = 0, squares = 0;
        for (long pixel = 0; pixel < pixels; pixel += BlockPixels) total += Sum(from + pixel * pitch, pitch, Math.Min(BlockPixels, pixels - pixel));
        float mean = (float)(total / (pixels * width));
        for (long pixel = 0; pixel < pixels; pixel += BlockPixels) squares += Squares(from + pixel * pitch, pitch, Math.Min(BlockPixels, pixels - pixel), mean);
        float factor = (float)(1 / Math.Sqrt(squares / (pixels * width) + epsilon));
        V means = L.All(mean), factors = L.All(factor);
        for (long pixel = 0; pixel < pixels; pixel++, from += pitch, to += pitch)
        {
            long c = 0;
            for (; c <= width - L.Count; c += L.Count) L.Store(L.Mul(L.Sub(L.Load(from + c), means), factors), to + c);
            for (; c < width; c++) to[c] = (from[c] - mean) * factor;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double Sum(float* from, long pitch, long count)
    {
        V sums = default;
        float tail = 0;
        for (long pixel = 0; pixel < count; pixel++, from += pitch)
        {
            long c = 0;
            for (; c <= width - L.Count; c += L.Count) sums = L.Add(sums, L.Load(from + c));
            for (; c < width; c++) tail += from[c];
        }
        return (double)L.Sum(sums) + tail;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double Squares(float* from, long pitch, long count, float mean)
    {
        V sums = default, means = L.All(mean);
        float tail = 0;
        for (long pixel = 0; pixel < count; pixel++, from += pitch)
        {
            long c = 0;
            for (; c <= width - L.Count; c += L.Count)
            {
                V distance = L.Sub(L.Load(from + c), means);
                sums = L.MultiplyAdd(distance, distance, sums);
            }
            for (; c < width; c++) tail += (from[c] - mean) * (from[c] - mean);
        }
        return (double)L.Sum(sums) + tail;
    }
}

/// <summary>Binds normalisations by groups.</summary>
internal static class GroupNormMaker
{
    /// <summary>The kernel for a step; null when the elements are no floats. One group, and groups of one channel, are plain normalisations.</summary>
    public static CpuKernel? Make(CpuBinding binding)
    {
        var op = (GroupNorm)binding.Operator;
        Shape x = binding.Input(0).Shape;
        if (!CpuBinding.Are(DataType.F32, binding.Input(0), binding.Output(0)) || x.Count == 0) return null;
        long pixels = x.Product(1, x.Rank - 1), width = x[-1] / op.Groups;
        if (op.Groups == 1) return NormalizeMaker.Make(binding, center: true, op.Epsilon, new AxisBlock(x[0], pixels * width, 1));
        if (width == 1) return NormalizeMaker.Make(binding, center: true, op.Epsilon, new AxisBlock(x[0], pixels, op.Groups));
        return LanesChoice.Widest(new Maker(binding, op, pixels, width), (int)width);
    }

    private sealed record Maker(CpuBinding Binding, GroupNorm Op, long Pixels, long Width) : ILanesMaker
    {
        public CpuKernel Make<L, V>() where L : struct, ILanes<V> where V : unmanaged => GroupNormKernel<L, V>.Bind(Binding, Op, Pixels, Width);
    }
}
