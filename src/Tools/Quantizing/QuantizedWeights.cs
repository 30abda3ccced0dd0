using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Quantizing;

/// <summary>The weights of a product in 8 bits, with a scale for each output channel, and its bias in units of the sums.</summary>
/// <param name="Integers">I8, in the shape of the weights.</param>
/// <param name="Scales">One for each output channel.</param>
/// <param name="Bias">I32, one for each output channel; null where there is none.</param>
internal sealed record QuantizedWeights(Tensor Integers, float[] Scales, int[]? Bias)
{
    /// <summary>Sums stay below this, so that adding a bias to them cannot wrap around.</summary>
    private const double LargestBias = 1 << 29;

    /// <summary>Quantizes the weights and bias of a product.</summary>
    /// <param name="product">The product; see <see cref="NodeKind.Product"/>.</param>
    /// <param name="inputScale">Scale of its input.</param>
    /// <param name="seen">What was seen of its input; null where that is unknown.</param>
    /// <param name="inFloats">True where the product is of floats: no pairs are bounded, and all weights matter alike, as nothing else of the layer is rounded.</param>
    public static QuantizedWeights Of(Node product, float inputScale, ValueStatistics? seen = null, bool inFloats = false)
    {
        Tensor constant = product.Inputs[1]!.Constant!;
        int axis = QuantizableNode.ChannelAxis(product), channels = constant.Shape[axis];
        int inner = (int)(constant.Shape.Count / Math.Max(1, channels));
        bool paired = !inFloats && IsPaired(product);
        InputMoments moments = InputMoments.Of(product, seen);
        double[]? bias = Reals(product.Input(Conv.Bias), channels) ?? (moments.IsKnown ? new double[channels] : null);
        var integers = new Tensor(new TensorType(DataType.I8, constant.Shape));
        float[] chosen = new float[channels];
        int[]? sums = bias is null ? null : new int[channels];
        float[] row = new float[inner];
        sbyte[] rounded = new sbyte[inner];
        for (int channel = 0; channel < channels; channel++)
        {
            Read(constant, axis, channel, row);
            float scale = WeightQuantizer.BestScale(row, inFloats ? [] : moments.Importance(channel, row.Length), paired);
            // A channel of zeros, or one that is tiny beside its bias, gets a scale that leaves room for the bias.
            if (bias is not null) scale = Math.Max(scale, (float)(Math.Abs(bias[channel]) / (inputScale * LargestBias)));
            if (!(scale > 1e-30f)) scale = 1e-30f;
            chosen[channel] = scale = Short(scale);
            WeightQuantizer.Round(row, scale, paired, rounded);
            Write(integers, axis, channel, rounded);
            // What rounding adds to the sums on average, the bias takes away.
            if (bias is not null) bias[channel] -= moments.MeanError(channel, row, rounded, scale);
            if (bias is not null) sums![channel] = (int)Math.Clamp(Math.Round(bias[channel] / ((double)inputScale * scale)), -LargestBias, LargestBias);
        }
        return new QuantizedWeights(integers, chosen, sums) { InputScale = inputScale };
    }

    /// <summary>Scale of the product's input.</summary>
    public float InputScale { get; private init; }

    /// <summary>Energy of what rounding takes from the weights by that of the weights, each counted by what it is multiplied by.</summary>
    /// <param name="product">The product.</param>
    /// <param name="seen">What was seen of its input; null where that is unknown.</param>
    public double Noise(Node product, ValueStatistics? seen)
    {
        Tensor constant = product.Inputs[1]!.Constant!;
        int axis = QuantizableNode.ChannelAxis(product), channels = Scales.Length, inner = (int)(constant.Shape.Count / Math.Max(1, channels));
        InputMoments moments = InputMoments.Of(product, seen);
        ReadOnlySpan<sbyte> integers = Integers.Span<sbyte>();
        float[] row = new float[inner];
        double noise = 0, signal = 0;
        for (int channel = 0; channel < channels; channel++)
        {
            Read(constant, axis, channel, row);
            for (int i = 0; i < inner; i++)
            {
                double d = row[i] - integers[axis == 0 ? channel * inner + i : i * channels + channel] * (double)Scales[channel], matters = moments.Energy(channel, i);
                noise += d * d * matters;
                signal += (double)row[i] * row[i] * matters;
            }
        }
        return signal > 0 ? noise / signal : 0;
    }

    /// <summary>True where kernels add products in pairs: everywhere but in depthwise convolutions.</summary>
    public static bool IsPaired(Node product) => product.Operator is not Conv || product.Inputs[1]!.Type.Shape[-1] > 1;

    /// <summary>The weights of one output channel, in the order in which kernels walk them.</summary>
    public static void Read(Tensor weights, int axis, int channel, Span<float> row)
    {
        ReadOnlySpan<float> all = weights.Span<float>();
        if (axis == 0) all.Slice(channel * row.Length, row.Length).CopyTo(row);
        else for (int i = 0; i < row.Length; i++) row[i] = all[i * weights.Shape[axis] + channel];
    }

    /// <summary>The next number that is not less and has 8 bits of mantissa, which costs nothing in accuracy and halves what scales take in a file.</summary>
    private static float Short(float scale) => BitConverter.UInt32BitsToSingle((BitConverter.SingleToUInt32Bits(scale) + 0xFFFF) & 0xFFFF_0000);

    private static void Write(Tensor integers, int axis, int channel, ReadOnlySpan<sbyte> row)
    {
        Span<sbyte> all = integers.Span<sbyte>();
        if (axis == 0) row.CopyTo(all.Slice(channel * row.Length, row.Length));
        else for (int i = 0; i < row.Length; i++) all[i * integers.Shape[axis] + channel] = row[i];
    }

    /// <summary>A float bias as one number for each channel.</summary>
    public static double[]? Reals(Value? bias, int channels)
    {
        if (bias?.Constant is not { } constant) return null;
        double[] reals = new double[channels];
        ReadOnlySpan<float> floats = constant.Span<float>();
        for (int i = 0; i < channels; i++) reals[i] = floats[floats.Length == 1 ? 0 : i];
        return reals;
    }

    /// <summary>The reals that the integers stand for.</summary>
    /// <param name="axis">The axis of the output channels.</param>
    public Tensor Reals(int axis)
    {
        Shape shape = Integers.Shape;
        int inner = (int)shape.Product(axis + 1, shape.Rank);
        var reals = new Tensor(new TensorType(DataType.F32, shape));
        ReadOnlySpan<sbyte> from = Integers.Span<sbyte>();
        Span<float> to = reals.Span<float>();
        for (int i = 0; i < to.Length; i++) to[i] = from[i] * Scales[i / inner % Scales.Length];
        return reals;
    }

    /// <summary>Adds the weight as dequantized integers.</summary>
    public Value AddWeight(GraphPatch patch, Node product)
    {
        string name = product.Inputs[1]!.Name;
        return patch.Add1($"{name}/real", new Dequantize { Axis = QuantizableNode.ChannelAxis(product) }, patch.Constant(name, Integers), patch.Constant($"{name}/scale", Tensor.Vector<float>(Scales)));
    }

    /// <summary>Adds weight and bias as dequantized integers.</summary>
    public (Value Weight, Value? Bias) Add(GraphPatch patch, Node product)
    {
        Value weight = AddWeight(patch, product);
        if (Bias is null) return (weight, null);
        string name = product.Input(Conv.Bias)?.Name ?? $"{product.Name}/bias";
        float[] units = Array.ConvertAll(Scales, s => InputScale * s);
        return (weight, patch.Add1($"{name}/real", new Dequantize { Axis = 0 }, patch.Constant(name, Tensor.Vector<int>(Bias)), patch.Constant($"{name}/scale", Tensor.Vector<float>(units))));
    }
}
