using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>
/// The I32 convolution of 8-bit tensors less their zero points, laid out as for <see cref="Conv"/>; padding stands for real zeros.
/// Inputs: x, weight, and optionally the zero point of x (a scalar) and of the weight (a scalar, or one for each output channel). With a scale (a scalar, or one for each
/// output channel), the result is F32: the sums times the scale, plus the bias of input 5 where it is given.
/// </summary>
internal sealed class ConvInteger : Operator
{
    public Window Window = new();
    public int Groups = 1;

    /// <summary>Positions of the optional inputs that make the result F32.</summary>
    public const int Scale = 4, Bias = 5;

    public override void Attributes(AttributeCodec codec)
    {
        Window.Visit(codec);
        codec.Int("groups", ref Groups);
    }

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 2, 6);
        if (inputs[0].DataType is not (DataType.I8 or DataType.U8) || inputs[1].DataType is not (DataType.I8 or DataType.U8))
            throw Invalid($"{inputs[0].Type} and {inputs[1].Type} are not of 8 bits.");
        if (ScaledSums.Problem(inputs, inputs[1].Shape.IsUnranked ? Shape.Unknown : inputs[1].Shape[0]) is { } problem) throw Invalid(problem);
        return [new TensorType(ScaledSums.TypeOf(inputs), new Conv { Window = Window, Groups = Groups }.Infer(inputs[..2])[0].Shape)];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) =>
        new Conv { Window = Window, Groups = Groups }.Cost(inputs, outputs);

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        // Doubles hold every sum of 8-bit products exactly.
        using Tensor x = Centre(inputs[0], inputs.Length > 2 ? inputs[2] : default);
        using Tensor w = Centre(inputs[1], inputs.Length > 3 ? inputs[3] : default);
        using var sums = new Tensor(new TensorType(DataType.F64, outputs[0].Shape));
        new Conv { Window = Window, Groups = Groups }.Evaluate([x.View, w.View], [sums.View]);
        int[] wrapped = Array.ConvertAll(sums.Span<double>().ToArray(), sum => unchecked((int)(long)sum));
        ScaledSums.Write(wrapped, inputs, outputs[0]);
    }

    private static Tensor Centre(TensorView x, TensorView zero)
    {
        double[] values = Elements.Read(x), zeros = Elements.Read(zero);
        if (zeros.Length > 0)
            for (int i = 0; i < values.Length; i++) values[i] -= zeros[(int)((long)i * zeros.Length / values.Length)];
        return Tensor.From<double>(x.Shape, values);
    }
}
