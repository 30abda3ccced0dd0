using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>How random numbers are spread.</summary>
internal enum RandomDistribution
{
    /// <summary>Evenly from α up to, but not including, β.</summary>
    Uniform,

    /// <summary>Normally, with mean α and deviation β.</summary>
    Normal,
}

/// <summary>
/// Pseudo-random numbers in the shape of the input: the same for the same seed, run and device, so that what a model does can be repeated. Each is
/// made of the seed and its own position by the finalizer of SplitMix64; two such make a normal one by Box and Muller.
/// </summary>
internal sealed class RandomValues : Operator
{
    public RandomDistribution Distribution;
    public float Alpha;
    public float Beta = 1;
    public long Seed;
    public DataType To = DataType.F32;

    public override bool ReadsOnlyShapes => true;

    public override Tolerance Tolerance => Tolerance.Rounding;

    public override void Attributes(AttributeCodec codec)
    {
        codec.Enum("distribution", ref Distribution);
        codec.Float("alpha", ref Alpha);
        codec.Float("beta", ref Beta);
        codec.Long("seed", ref Seed);
        codec.DataType("to", ref To);
    }

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 1, 1);
        if (To is not (DataType.F16 or DataType.F32 or DataType.F64)) throw Invalid($"random numbers cannot be {To}.");
        return [new TensorType(To, inputs[0].Shape)];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) => Operators.Cost.Elementwise(inputs, outputs, 20);

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        double[] y = new double[outputs[0].Shape.Count];
        for (int i = 0; i < y.Length; i++)
        {
            if (Distribution == RandomDistribution.Uniform)
            {
                y[i] = Alpha + (Beta - (double)Alpha) * Fraction(i);
                continue;
            }
            double radius = Math.Sqrt(-2 * Math.Log(1 - Fraction(2L * i)));
            y[i] = Alpha + Beta * radius * Math.Cos(2 * Math.PI * Fraction(2L * i + 1));
        }
        Elements.Write(outputs[0], y);
    }

    /// <summary>A number from 0 up to 1, in steps of 2^-24 so that a float holds it exactly.</summary>
    private double Fraction(long position)
    {
        ulong z = unchecked((ulong)Seed + 0x9E3779B97F4A7C15UL * ((ulong)position + 1));
        z = unchecked((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL);
        z = unchecked((z ^ (z >> 27)) * 0x94D049BB133111EBUL);
        return ((z ^ (z >> 31)) >> 40) * (1.0 / (1 << 24));
    }
}
