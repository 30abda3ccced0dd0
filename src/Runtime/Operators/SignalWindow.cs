using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>The window functions.</summary>
internal enum SignalWindowFunction
{
    Hann, Hamming, Blackman,
}

/// <summary>A window function as a vector, as long as the scalar input says.</summary>
internal sealed class SignalWindow : Operator
{
    public SignalWindowFunction Function;

    /// <summary>One period of the function without its end; else the end equals the beginning.</summary>
    public bool Periodic = true;
    public DataType To = DataType.F32;

    public override Tolerance Tolerance => Tolerance.Rounding;

    public override void Attributes(AttributeCodec codec)
    {
        codec.Enum("function", ref Function);
        codec.Bool("periodic", ref Periodic);
        codec.DataType("to", ref To);
    }

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 1, 1);
        if (Elements.Scalar(inputs[0]) is not { } length) return [new TensorType(To, Shape.Unknown)];
        if (length is not (>= 0 and <= int.MaxValue)) throw Invalid($"the length {length} is not possible.");
        return [new TensorType(To, (int)length)];
    }

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var y = new double[outputs[0].Shape.Count];
        (double a0, double a1, double a2) = Function switch
        {
            SignalWindowFunction.Hann => (0.5, 0.5, 0.0),
            SignalWindowFunction.Hamming => (25 / 46.0, 21 / 46.0, 0),
            _ => (0.42, 0.5, 0.08),
        };
        int period = Math.Max(1, Periodic ? y.Length : y.Length - 1);
        for (int n = 0; n < y.Length; n++)
        {
            double angle = 2 * Math.PI * n / period;
            y[n] = a0 - a1 * Math.Cos(angle) + a2 * Math.Cos(2 * angle);
        }
        Elements.Write(outputs[0], y);
    }
}
