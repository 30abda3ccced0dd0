using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Quantizing;

/// <summary>Weights in 8 bits with a scale for each index along an axis, for arithmetic in floats: all of -127 to 127 is used, as no sum of pairs has to be bounded.</summary>
internal static class ChannelWeights
{
    /// <summary>The numbers, in the shape of the weights, and the scales.</summary>
    public static (Tensor Integers, Tensor Scales) Of(Tensor weights, int axis)
    {
        Shape shape = weights.Shape;
        int channels = shape[axis], inner = (int)shape.Product(axis + 1, shape.Rank);
        var integers = new Tensor(new TensorType(DataType.I8, shape));
        float[] scales = new float[channels];
        ReadOnlySpan<float> reals = weights.Span<float>();
        Span<sbyte> numbers = integers.Span<sbyte>();
        for (int i = 0; i < reals.Length; i++)
        {
            ref float scale = ref scales[i / inner % channels];
            scale = Math.Max(scale, Math.Abs(reals[i]) / 127);
        }
        // A channel of zeros needs a scale all the same.
        for (int i = 0; i < channels; i++)
            if (!(scales[i] > 1e-30f)) scales[i] = 1e-30f;
        for (int i = 0; i < reals.Length; i++) numbers[i] = (sbyte)Math.Clamp(MathF.Round(reals[i] / scales[i / inner % channels]), -127, 127);
        return (integers, Tensor.Vector<float>(scales));
    }
}
