using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>
/// Spectra of windows that slide over a signal [batch, length] or [batch, length, parts]: [batch, frames, frequencies, 2]. Inputs:
/// signal, step, window (optional), frame length (optional when there is a window). ONNX STFT-17.
/// </summary>
internal sealed class Stft : Operator
{
    /// <summary>Gives only the frequencies up to the half of the frame's length.</summary>
    public bool OneSided = true;

    public override Tolerance Tolerance => Tolerance.Accumulation;

    public override void Attributes(AttributeCodec codec) => codec.Bool("one_sided", ref OneSided);

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 2, 4);
        Shape x = inputs[0].Shape;
        if (x.IsUnranked) return [new TensorType(inputs[0].DataType, Shape.OfRank(4))];
        if (x.Rank is < 2 or > 3 || (x.Rank == 3 && (x[2] > 2 || x[2] == 0))) throw Invalid($"{inputs[0].Type} holds no signal [batch, length, parts].");
        bool hasWindow = inputs.Length > 2 && !inputs[2].IsMissing;
        int frame = Shape.Unknown, frames = Shape.Unknown;
        if (inputs.Length > 3 && !inputs[3].IsMissing)
        {
            if (Elements.Scalar(inputs[3]) is { } length) frame = length is >= 1 and <= 1 << 24 ? (int)length : throw Invalid($"the frame length {length} is not possible.");
            if (hasWindow && frame >= 0 && !new Shape(frame).Accepts(inputs[2].Shape)) throw Invalid($"the window {inputs[2].Type} has not the frame length {frame}.");
        }
        else if (!hasWindow) throw Invalid("neither window nor frame length is given.");
        else if (inputs[2].Shape.Rank == 1) frame = inputs[2].Shape[0];

        if (frame == 0) throw Invalid("the window is empty.");
        if (Elements.Scalar(inputs[1]) is { } step)
        {
            if (step < 1) throw Invalid($"the step {step} is not possible.");
            if (x[1] >= 0 && frame >= 0) frames = x[1] < frame ? throw Invalid($"{inputs[0].Type} is shorter than the frame of {frame}.") : 1 + (int)((x[1] - frame) / step);
        }
        return [new TensorType(inputs[0].DataType, x[0], frames, frame < 0 ? Shape.Unknown : OneSided ? frame / 2 + 1 : frame, 2)];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) =>
        Operators.Cost.Elementwise(inputs, outputs, 4L * outputs[0].Shape[2]);

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        Shape x = inputs[0].Shape, y = outputs[0].Shape;
        double[] signal = Elements.Read(inputs[0]), window = inputs.Length > 2 ? Elements.Read(inputs[2]) : [], spectra = new double[y.Count];
        int step = (int)Elements.Read(inputs[1])[0], parts = x.Rank == 3 ? x[2] : 1;
        int frame = inputs.Length > 3 && !inputs[3].IsMissing ? (int)Elements.Read(inputs[3])[0] : window.Length;
        var at = new IndexWalk(new Shape(y.Span[..3]), []);
        for (int to = 0; at.Next(); to += 2)
            for (int n = 0; n < frame; n++)
            {
                int from = (at[0] * x[1] + at[1] * step + n) * parts;
                double weight = window.Length > 0 ? window[n] : 1;
                Dft.Add(signal[from] * weight, parts == 2 ? signal[from + 1] * weight : 0, at[2], n, frame, false, ref spectra[to], ref spectra[to + 1]);
            }
        Elements.Write(outputs[0], spectra);
    }
}
