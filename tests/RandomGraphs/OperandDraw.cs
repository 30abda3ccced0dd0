using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tests.RandomGraphs;

/// <summary>Draws types and elements of operands: ends of the range more often than chance has them, zero points at the ends, scales of any size.</summary>
internal sealed class OperandDraw(Random random)
{
    private static readonly int[] Sizes = [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 13], ChannelCounts = [1, 2, 3, 4, 5, 7, 8, 12, 15, 16, 17, 24, 31, 32, 33, 48];

    /// <summary>The number of channels of something.</summary>
    public int Channels() => Pick(ChannelCounts);

    /// <summary>One of several.</summary>
    public T Pick<T>(params ReadOnlySpan<T> choices) => choices[random.Next(choices.Length)];

    /// <summary>The shape of an input: mostly a picture.</summary>
    public Shape InputShape()
    {
        int batch = random.Next(4) == 0 ? 2 : 1;
        return random.Next(12) switch
        {
            // Sums of many products: of hundreds of channels, in few pixels.
            3 => new Shape(1, Pick<int>(1, 2, 3), Pick<int>(1, 2, 3), Pick<int>(64, 100, 131, 256, 515)),
            0 => new Shape(batch, Pick(Sizes) * 3, Channels()),
            1 => new Shape(Pick(Sizes), Channels()),
            2 => new Shape(batch, Pick<int>(1, 2, 3, 4), Pick<int>(1, 3, 5), Pick<int>(1, 2, 5), Channels()),
            _ => new Shape(batch, Pick(Sizes), Pick(Sizes), Channels()),
        };
    }

    /// <summary>The type of activations.</summary>
    public TensorType Activation(in Shape shape)
    {
        DataType type = Type();
        return new TensorType(type, shape, new Quantization(Scale(0.02f), Zero(type)));
    }

    /// <summary>Mostly U8.</summary>
    public DataType Type() => random.Next(3) > 0 ? DataType.U8 : DataType.I8;

    /// <summary>A scale, seldom one that is far off.</summary>
    public float Scale(float usual) => usual * MathF.Pow(2, random.NextSingle() * 4 - 2) * (random.Next(16) == 0 ? MathF.Pow(10, random.Next(-5, 6)) : 1);

    /// <summary>A zero point, often at an end.</summary>
    public int Zero(DataType type)
    {
        (int low, int high) = Requantize.Range(type);
        return random.Next(5) switch { 0 => low, 1 => high, 2 => (low + high + 1) / 2, _ => random.Next(low, high + 1) };
    }

    /// <summary>How an operator is to write its result, with a scale that is yet to be found.</summary>
    public QuantizedResult Result(bool mayBeReal = false)
    {
        if (mayBeReal && random.Next(8) == 0) return new QuantizedResult(DataType.F32);
        DataType type = Type();
        return new QuantizedResult(type, Scale(0.05f), Zero(type));
    }

    /// <summary>A zero point as an operand.</summary>
    public static Tensor ZeroPoint(DataType type, int zero)
    {
        var tensor = new Tensor(new TensorType(type));
        tensor.View.Bytes[0] = unchecked((byte)zero);
        return tensor;
    }

    /// <summary>Weights with a scale for each index along an axis, or one: pair-bounded I8, any I8, or U8 with zero points.</summary>
    /// <param name="shape">Their shape.</param>
    /// <param name="axis">Axis of the output channels: the first of convolutions, the last of matrices.</param>
    public Tensor Weights(in Shape shape, int axis)
    {
        int kind = random.Next(5), count = shape[axis];
        DataType type = kind == 4 ? DataType.U8 : DataType.I8;
        bool hasZeros = kind >= 3;
        Quantization quantization;
        if (random.Next(4) == 0) quantization = new Quantization(Scale(0.01f), hasZeros ? Zero(type) : 0);
        else
        {
            var scales = new float[count];
            var zeros = new int[count];
            float usual = Scale(0.01f);
            for (int i = 0; i < count; i++) (scales[i], zeros[i]) = (usual * MathF.Pow(2, random.NextSingle() * 6 - 3), hasZeros ? Zero(type) : 0);
            quantization = new Quantization(scales, zeros, axis);
        }
        Tensor tensor = Elements(new TensorType(type, shape, quantization));
        if (kind < 2) Bound(tensor, axis);
        return tensor;
    }

    /// <summary>Biases of sums of about that size, seldom of the largest.</summary>
    public Tensor Biases(int count, long inner)
    {
        var tensor = new Tensor(new TensorType(DataType.I32, count));
        int usual = (int)Math.Min(1 << 28, 4000 * Math.Sqrt(inner) + 1);
        bool extreme = random.Next(16) == 0;
        foreach (ref int bias in tensor.Span<int>()) bias = extreme ? random.Next(int.MinValue, int.MaxValue) : random.Next(-usual, usual);
        return tensor;
    }

    /// <summary>Gains of channels: about 1, seldom far off or none.</summary>
    public Tensor Gains(int count)
    {
        var tensor = new Tensor(new TensorType(DataType.F32, count));
        foreach (ref float gain in tensor.Span<float>()) gain = random.Next(20) == 0 ? Pick(0f, -1f, 1e30f, 1e-30f) : MathF.Pow(2, random.NextSingle() * 4 - 2);
        return tensor;
    }

    /// <summary>Elements of a type.</summary>
    public Tensor Elements(in TensorType type)
    {
        var tensor = new Tensor(type);
        if (type.DataType == DataType.F32)
        {
            foreach (ref float value in tensor.Span<float>())
                value = random.Next(24) == 0 ? Pick(0f, -0f, float.NaN, float.PositiveInfinity, float.NegativeInfinity, 1e30f, 1e-40f) : (random.NextSingle() * 2 - 1) * 4;
            return tensor;
        }
        Span<byte> bytes = tensor.View.Bytes;
        switch (random.Next(12))
        {
            case 0: bytes.Fill(Pick<byte>(0, 127, 128, 255)); break;
            case 1:
                for (int i = 0; i < bytes.Length; i++) bytes[i] = unchecked((byte)i);
                break;
            default:
                foreach (ref byte number in bytes) number = random.Next(8) switch { 0 => 0, 1 => 255, 2 => 127, 3 => 128, _ => (byte)random.Next(256) };
                break;
        }
        return tensor;
    }

    /// <summary>Makes pairs keep to the bound: the second of each takes what the first leaves.</summary>
    private static void Bound(Tensor tensor, int axis)
    {
        Span<sbyte> weights = tensor.Span<sbyte>();
        int count = tensor.Shape[axis], inner = weights.Length / count, step = axis == 0 ? 1 : count;
        for (int channel = 0; channel < count; channel++)
            for (int i = 0; i + 1 < inner; i += 2)
            {
                int at = axis == 0 ? channel * inner + i : i * count + channel, room = PairBound.Limit - Math.Abs((int)weights[at]);
                weights[at + step] = (sbyte)Math.Clamp((int)weights[at + step], -room, Math.Min(room, sbyte.MaxValue));
            }
    }
}
