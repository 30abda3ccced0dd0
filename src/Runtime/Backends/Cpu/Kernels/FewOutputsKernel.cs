using System.Runtime.CompilerServices;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>
/// Convolution by 1x1 windows to at most four outputs, as the heads of detectors are. So few do not fill vectors: here lanes are channels of a pixel, and each
/// output is the sum of a vector's lanes in the end.
/// </summary>
internal sealed unsafe class FewOutputsKernel<L, V> : CpuKernel where L : struct, ILanes<V> where V : unmanaged
{
    /// <summary>Pixels of a tile.</summary>
    private const int TilePixels = 128;

    private readonly FastActivation activation;
    private readonly float* x, y, bias, weight;
    private readonly int channels, outputs;
    private readonly long pixels;

    private FewOutputsKernel(CpuBinding binding, Conv op, ConvGeometry geometry)
    {
        activation = new FastActivation(op.Activation);
        TensorView given = binding.Input(1), added = binding.Input(Conv.Bias);
        x = (float*)binding.Input(0).Data;
        y = (float*)binding.Output(0).Data;
        (channels, outputs, pixels) = (geometry.Channels, given.Shape[0], geometry.Pixels);
        bias = added.IsMissing ? (float*)binding.Allocate(outputs * sizeof(float)) : (float*)added.Data;
        // Outputs that are missing have weights of zeros.
        weight = (float*)binding.Allocate((long)FewOutputs.Most * channels * sizeof(float));
        given.Span<float>().CopyTo(new Span<float>(weight, FewOutputs.Most * channels));
        Tiles = checked((int)((pixels + TilePixels - 1) / TilePixels));
        Name = $"conv1x1_f32_{(outputs == 1 ? "4x1" : "2x4")}_by_{L.Count}_channels";
    }

    public override string Name { get; }

    public override int Tiles { get; }

    /// <summary>The kernel for a step.</summary>
    public static CpuKernel Bind(CpuBinding binding, Conv op, ConvGeometry geometry) => new FewOutputsKernel<L, V>(binding, op, geometry);

    public override void Run(int first, int last, int worker)
    {
        for (int tile = first; tile < last; tile++)
        {
            long from = (long)tile * TilePixels;
            int count = (int)Math.Min(TilePixels, pixels - from);
            float* target = y + from * outputs;
            if (outputs == 1) One(x + from * channels, target, count);
            else Four(x + from * channels, target, count);
            activation.Rest?.Apply(target, target, (long)count * outputs);
        }
    }

    /// <summary>Four pixels at a time to one output.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void One(float* source, float* target, int count)
    {
        // Lanes: channels. Tails: one channel at a time; missing pixels repeat the last one. Equals: y[i] = act(sum over c of x[i, c] * w[c] + bias).
        int length = channels;
        float* w = weight;
        for (int i = 0; i < count; i += 4)
        {
            int last = count - 1 - i;
            float* a0 = source + (long)i * length;
            float* a1 = last < 1 ? a0 : a0 + length;
            float* a2 = last < 2 ? a1 : a1 + length;
            float* a3 = last < 3 ? a2 : a2 + length;
            V c0 = default, c1 = default, c2 = default, c3 = default;
            int k = 0;
            for (; k <= length - L.Count; k += L.Count)
            {
                V b = L.Load(w + k);
                c0 = L.MultiplyAdd(L.Load(a0 + k), b, c0);
                c1 = L.MultiplyAdd(L.Load(a1 + k), b, c1);
                c2 = L.MultiplyAdd(L.Load(a2 + k), b, c2);
                c3 = L.MultiplyAdd(L.Load(a3 + k), b, c3);
            }
            float s0 = L.Sum(c0), s1 = L.Sum(c1), s2 = L.Sum(c2), s3 = L.Sum(c3);
            for (; k < length; k++)
            {
                s0 += a0[k] * w[k];
                s1 += a1[k] * w[k];
                s2 += a2[k] * w[k];
                s3 += a3[k] * w[k];
            }
            target[i] = Finished(s0, 0);
            if (last >= 1) target[i + 1] = Finished(s1, 0);
            if (last >= 2) target[i + 2] = Finished(s2, 0);
            if (last >= 3) target[i + 3] = Finished(s3, 0);
        }
    }

    /// <summary>Two pixels at a time to up to four outputs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Four(float* source, float* target, int count)
    {
        // Lanes: channels. Tails: one channel at a time; a missing pixel repeats the last one. Equals: y[i, o] = act(sum over c of x[i, c] * w[o, c] + bias[o]).
        int length = channels, step = outputs;
        float* w0 = weight, w1 = w0 + length, w2 = w1 + length, w3 = w2 + length;
        for (int i = 0; i < count; i += 2)
        {
            float* a = source + (long)i * length;
            float* b = i + 1 < count ? a + length : a;
            V a0 = default, a1 = default, a2 = default, a3 = default, b0 = default, b1 = default, b2 = default, b3 = default;
            int k = 0;
            for (; k <= length - L.Count; k += L.Count)
            {
                V p = L.Load(a + k), q = L.Load(b + k), w = L.Load(w0 + k);
                a0 = L.MultiplyAdd(p, w, a0);
                b0 = L.MultiplyAdd(q, w, b0);
                w = L.Load(w1 + k);
                a1 = L.MultiplyAdd(p, w, a1);
                b1 = L.MultiplyAdd(q, w, b1);
                w = L.Load(w2 + k);
                a2 = L.MultiplyAdd(p, w, a2);
                b2 = L.MultiplyAdd(q, w, b2);
                w = L.Load(w3 + k);
                a3 = L.MultiplyAdd(p, w, a3);
                b3 = L.MultiplyAdd(q, w, b3);
            }
            for (int pixel = 0; pixel < 2 && i + pixel < count; pixel++)
            {
                float* row = pixel == 0 ? a : b, to = target + (long)(i + pixel) * step;
                float s0 = L.Sum(pixel == 0 ? a0 : b0), s1 = L.Sum(pixel == 0 ? a1 : b1), s2 = L.Sum(pixel == 0 ? a2 : b2), s3 = L.Sum(pixel == 0 ? a3 : b3);
                for (int c = k; c < length; c++)
                {
                    s0 += row[c] * w0[c];
                    s1 += row[c] * w1[c];
                    s2 += row[c] * w2[c];
                    s3 += row[c] * w3[c];
                }
                to[0] = Finished(s0, 0);
                to[1] = Finished(s1, 1);
                if (step > 2) to[2] = Finished(s2, 2);
                if (step > 3) to[3] = Finished(s3, 3);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private float Finished(float sum, int output)
    {
        sum += bias[output];
        if (sum < 0) sum *= activation.Slope;
        return Math.Min(activation.High, Math.Max(activation.Low, sum));
    }
}

/// <summary>Binds convolutions to few outputs.</summary>
internal static class FewOutputs
{
    /// <summary>More outputs than this are columns of a product.</summary>
    public const int Most = 4;

    /// <summary>With fewer channels, adding up lanes takes longer than it saves: measured for one output, and for four.</summary>
    private const int LeastOfOne = 32, LeastOfFour = 128;

    /// <summary>The kernel for a step; null where it is none, or not likely to be faster than a product.</summary>
    public static CpuKernel? Make(CpuBinding binding)
    {
        if (ConvMaker.Geometry(binding) is not { IsPointwise: true } geometry || !binding.Input(Conv.Residual).IsMissing) return null;
        var op = (Conv)binding.Operator;
        int outputs = binding.Output(0).Shape[-1];
        if (op.Groups != 1 || outputs > Most || (!binding.IsAsked && geometry.Channels < (outputs == 1 ? LeastOfOne : LeastOfFour))) return null;
        return LanesChoice.Widest(new Maker(binding, op, geometry), geometry.Channels);
    }

    private sealed record Maker(CpuBinding Binding, Conv Op, ConvGeometry Geometry) : ILanesMaker
    {
        public CpuKernel Make<L, V>() where L : struct, ILanes<V> where V : unmanaged => FewOutputsKernel<L, V>.Bind(Binding, Op, Geometry);
    }
}
