namespace EdgeRuntime.Tests.Backends;

/// <summary>A 1x1 convolution of bytes as it is defined, one value at a time, with its operands in the order of the kernels.</summary>
/// <param name="Pixels">Number of pixels.</param>
/// <param name="Inputs">Channels of the input; the kernel sees them padded to four.</param>
/// <param name="Outputs">Channels of the output; the kernel sees them padded to four.</param>
internal sealed record Int8Convolution(int Pixels, int Inputs, int Outputs)
{
    /// <summary>Words of four channels of the input.</summary>
    public int C4 { get; } = (Inputs + 3) / 4;

    /// <summary>Words of four channels of the output.</summary>
    public int O4 { get; } = (Outputs + 3) / 4;

    /// <summary>Added after requantization.</summary>
    public int ZeroPoint { get; init; }

    /// <summary>Least result.</summary>
    public int Lowest { get; init; }

    /// <summary>Greatest result.</summary>
    public int Highest { get; init; } = 255;

    /// <summary>The input, by pixel and padded channel.</summary>
    public byte[] X { get; private set; } = [];

    /// <summary>The weights, by padded output and padded input.</summary>
    public sbyte[] Weight { get; private set; } = [];

    /// <summary>What is added to each output's sum.</summary>
    public int[] Bias { get; private set; } = [];

    /// <summary>Factor of each output, in [2^30, 2^31).</summary>
    public int[] Multiplier { get; private set; } = [];

    /// <summary>Places that each output is shifted to the left before, and to the right after.</summary>
    public (int Left, int Right)[] Shift { get; private set; } = [];

    /// <summary>Values from the whole range of each; what pads the input is as random, what pads the weights is zero.</summary>
    public Int8Convolution Random(int seed)
    {
        var random = new Random(seed);
        X = new byte[Pixels * C4 * 4];
        random.NextBytes(X);
        Allocate();
        for (int o = 0; o < Outputs; o++)
        {
            for (int c = 0; c < Inputs; c++) Weight[o * C4 * 4 + c] = (sbyte)random.Next(-128, 128);
            Bias[o] = random.Next(-100_000, 100_000);
            Multiplier[o] = (int)random.NextInt64(1L << 30, 1L << 31);
            // Sums are about 10^4 times the root of the number of inputs: results over the range and beyond.
            Shift[o] = (0, 3 + random.Next(6));
        }
        return this;
    }

    /// <summary>The same values everywhere.</summary>
    public Int8Convolution Filled(byte x, sbyte weight, int bias, int multiplier, int left, int right)
    {
        X = new byte[Pixels * C4 * 4];
        X.AsSpan().Fill(x);
        Allocate();
        for (int o = 0; o < Outputs; o++) Weight.AsSpan(o * C4 * 4, Inputs).Fill(weight);
        Bias.AsSpan(0, Outputs).Fill(bias);
        Multiplier.AsSpan(0, Outputs).Fill(multiplier);
        Shift.AsSpan(0, Outputs).Fill((left, right));
        return this;
    }

    /// <summary>An input of nothing: each output is its bias requantized.</summary>
    public Int8Convolution Requantizing(IReadOnlyList<(int Sum, int Multiplier, int Left, int Right)> cases)
    {
        X = new byte[Pixels * C4 * 4];
        Allocate();
        for (int o = 0; o < Outputs; o++) (Bias[o], Multiplier[o], Shift[o]) = (cases[o].Sum, cases[o].Multiplier, (cases[o].Left, cases[o].Right));
        return this;
    }

    /// <summary>The result by definition, by pixel and padded output.</summary>
    public byte[] Evaluate()
    {
        byte[] y = new byte[Pixels * O4 * 4];
        for (int p = 0; p < Pixels; p++)
            for (int o = 0; o < O4 * 4; o++)
            {
                int sum = Bias[o];
                for (int c = 0; c < C4 * 4; c++) sum = checked(sum + X[p * C4 * 4 + c] * Weight[o * C4 * 4 + c]);
                y[p * O4 * 4 + o] = Requantize(sum, Multiplier[o], Shift[o].Left, Shift[o].Right);
            }
        return y;
    }

    /// <summary>The operands x, weight, channel and y in words.</summary>
    public uint[][] Operands()
    {
        uint[] x = Words(X), weight = new uint[O4 * C4 * 4], channel = new uint[O4 * 12];
        for (int o = 0; o < O4 * 4; o++)
        {
            for (int c = 0; c < C4; c++)
                weight[(o / 4 * C4 + c) * 4 + o % 4] = BitConverter.ToUInt32([.. Weight.AsSpan((o * C4 + c) * 4, 4).ToArray().Select(w => (byte)w)]);
            channel[o / 4 * 12 + o % 4] = (uint)Bias[o];
            channel[o / 4 * 12 + 4 + o % 4] = (uint)Multiplier[o];
            channel[o / 4 * 12 + 8 + o % 4] = (uint)(Shift[o].Right + 256 * Shift[o].Left);
        }
        return [x, weight, channel, new uint[Pixels * O4]];
    }

    /// <summary>Four bytes in a word, the first in its lowest bits.</summary>
    public static uint[] Words(byte[] bytes)
    {
        uint[] words = new uint[bytes.Length / 4];
        System.Buffer.BlockCopy(bytes, 0, words, 0, bytes.Length);
        return words;
    }

    /// <summary>sum · multiplier / 2^(32 + right - left) rounded to the nearest, a half up, with no step that could round before.</summary>
    private byte Requantize(int sum, int multiplier, int left, int right)
    {
        Int128 numerator = ((Int128)sum * multiplier) << left, half = Int128.One << (31 + right);
        Int128 rounded = (numerator + half) >> (32 + right);
        return (byte)Int128.Clamp(rounded + ZeroPoint, Lowest, Highest);
    }

    private void Allocate()
    {
        Weight = new sbyte[O4 * 4 * C4 * 4];
        Bias = new int[O4 * 4];
        Multiplier = new int[O4 * 4];
        Shift = new (int, int)[O4 * 4];
        Multiplier.AsSpan().Fill(1 << 30);
        Shift.AsSpan().Fill((0, 1));
    }
}
