using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>
/// The matrix [frequencies, mel bins] of triangular filters that turns a spectrum into a mel spectrum (ONNX MelWeightMatrix-17).
/// Scalar inputs: number of mel bins, DFT length, sample rate, lower and upper edge in Hz.
/// </summary>
internal sealed class MelWeights : Operator
{
    public DataType To = DataType.F32;

    public override Tolerance Tolerance => Tolerance.Rounding;

    public override void Attributes(AttributeCodec codec) => codec.DataType("to", ref To);

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 5, 5);
        int bins = Shape.Unknown, frequencies = Shape.Unknown;
        if (Elements.Scalar(inputs[0]) is { } mel) bins = mel is >= 0 and <= 1 << 20 ? (int)mel : throw Invalid($"{mel} mel bins are not possible.");
        if (Elements.Scalar(inputs[1]) is { } length) frequencies = length is >= 0 and <= 1 << 24 ? (int)length / 2 + 1 : throw Invalid($"a DFT of length {length} is not possible.");
        return [new TensorType(To, frequencies, bins)];
    }

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        int bins = outputs[0].Shape[1], frequencies = outputs[0].Shape[0];
        double length = Elements.Read(inputs[1])[0], rate = Elements.Read(inputs[2])[0];
        double low = ToMel(Elements.Read(inputs[3])[0]), step = (ToMel(Elements.Read(inputs[4])[0]) - low) / (bins + 2);
        var edges = new int[bins + 2];
        for (int i = 0; i < edges.Length; i++)
        {
            double hertz = 700 * (Math.Pow(10, (low + i * step) / 2595) - 1), edge = Math.Floor((length + 1) * hertz / rate);
            edges[i] = edge >= 0 && edge < frequencies ? (int)edge : throw Invalid($"the edge {hertz} Hz lies outside of the spectrum.");
        }
        var y = new double[outputs[0].Shape.Count];
        for (int i = 0; i < bins; i++)
        {
            int from = edges[i], centre = edges[i + 1], to = edges[i + 2];
            for (int j = from; j <= centre; j++) y[j * bins + i] = centre == from ? 1 : (j - from) / (double)(centre - from);
            for (int j = centre; j < to; j++) y[j * bins + i] = (to - j) / (double)(to - centre);
        }
        Elements.Write(outputs[0], y);
    }

    private static double ToMel(double hertz) => 2595 * Math.Log10(1 + hertz / 700);
}
