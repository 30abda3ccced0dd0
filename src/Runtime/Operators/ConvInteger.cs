using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>
/// The I32 convolution of 8-bit tensors less their zero points, laid out as for <see cref="Conv"/>; padding stands for real zeros.
/// Inputs: x, weight, and optionally the zero point of x (a scalar) and of the weight (a scalar, or one for each output channel).
/// </summary>
internal sealed class ConvInteger : Operator
{
    public Window Window = new();
    public int Groups = 1;

    public override void Attributes(AttributeCodec codec)
    {
        Window.Visit(codec);
        codec.Int("groups", ref Groups);
    }

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 2, 4);
        if (inputs[0].DataType is not (DataType.I8 or DataType.U8) || inputs[1].DataType is not (DataType.I8 or DataType.U8))
            throw Invalid($"{inputs[0].Type} and {inputs[1].Type} are not of 8 bits.");
        return [new Conv { Window = Window, Groups = Groups }.Infer(inputs[..2])[0] with { DataType = DataType.I32 }];
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
        Elements.Write(outputs[0], sums.Span<double>());
    }

    private static Tensor Centre(TensorView x, TensorView zero)
    {
        double[] values = Elements.Read(x), zeros = Elements.Read(zero);
        if (zeros.Length > 0)
            for (int i = 0; i < values.Length; i++) values[i] -= zeros[(int)((long)i * zeros.Length / values.Length)];
        return Tensor.From<double>(x.Shape, values);
    }
}
