using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>
/// The discrete Fourier transform along an axis. The last axis holds real and imaginary part, the latter optional in the input; input 1,
/// when given, is the length, to which the signal is cut or filled up with zeros.
/// </summary>
internal sealed class Dft : Operator
{
    public int Axis = 1;
    public bool Inverse;

    /// <summary>Gives only the frequencies up to the half of the length.</summary>
    public bool OneSided;

    public override Tolerance Tolerance => Tolerance.Accumulation;

    public override void Attributes(AttributeCodec codec)
    {
        codec.Int("axis", ref Axis);
        codec.Bool("inverse", ref Inverse);
        codec.Bool("one_sided", ref OneSided);
    }

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 1, 2);
        Shape x = inputs[0].Shape;
        if (x.IsUnranked) return [new TensorType(inputs[0].DataType, x)];
        int axis = x.Rank < 2 ? -1 : NormalizeAxis(Axis, x.Rank);
        if (axis < 0 || axis == x.Rank - 1 || x[-1] > 2 || x[-1] == 0) throw Invalid($"{inputs[0].Type} holds no signal along axis {Axis}.");
        int length = x[axis];
        if (inputs.Length > 1 && !inputs[1].IsMissing)
        {
            length = Shape.Unknown;
            if (Elements.Scalar(inputs[1]) is { } given) length = given is >= 1 and <= 1 << 24 ? (int)given : throw Invalid($"the length {given} is not possible.");
        }
        int bins = OneSided ? length < 0 ? Shape.Unknown : length / 2 + 1 : length;
        return [new TensorType(inputs[0].DataType, x.With(axis, bins).With(-1, 2))];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) =>
        Operators.Cost.Elementwise(inputs, outputs, 4L * inputs[0].Shape[Axis]);

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        Shape x = inputs[0].Shape, y = outputs[0].Shape;
        int axis = NormalizeAxis(Axis, x.Rank), parts = x[-1], size = x[axis], bins = y[axis];
        int length = inputs.Length > 1 && !inputs[1].IsMissing ? (int)Elements.Read(inputs[1])[0] : size;
        int outer = (int)x.Product(0, axis), inner = (int)x.Product(axis + 1, x.Rank - 1);
        double[] signal = Elements.Read(inputs[0]), spectrum = new double[y.Count];
        for (int o = 0; o < outer; o++)
            for (int i = 0; i < inner; i++)
                for (int k = 0; k < bins; k++)
                {
                    double real = 0, imaginary = 0;
                    for (int n = 0; n < Math.Min(length, size); n++)
                    {
                        int from = ((o * size + n) * inner + i) * parts;
                        Add(signal[from], parts == 2 ? signal[from + 1] : 0, k, n, length, Inverse, ref real, ref imaginary);
                    }
                    int to = ((o * bins + k) * inner + i) * 2;
                    spectrum[to] = Inverse ? real / length : real;
                    spectrum[to + 1] = Inverse ? imaginary / length : imaginary;
                }
        Elements.Write(outputs[0], spectrum);
    }

    /// <summary>Adds (re + i·im)·e^(∓2πi·k·n/length).</summary>
    public static void Add(double re, double im, long k, long n, int length, bool inverse, ref double real, ref double imaginary)
    {
        double angle = (inverse ? 2 : -2) * Math.PI * (k * n % length) / length;
        (double sin, double cos) = Math.SinCos(angle);
        real += re * cos - im * sin;
        imaginary += re * sin + im * cos;
    }
}
