using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>
/// Normalisation of x [N, spatial…, C] over all pixels and the channels of a group together: (x - mean) / √(variance + ε). Scale and
/// bias are products and sums of their own.
/// </summary>
internal sealed class GroupNorm : Operator
{
    public int Groups = 1;
    public float Epsilon = 1e-5f;

    public override Tolerance Tolerance => Tolerance.Accumulation;

    public override void Attributes(AttributeCodec codec)
    {
        codec.Int("groups", ref Groups);
        codec.Float("epsilon", ref Epsilon);
    }

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 1, 1);
        Shape x = inputs[0].Shape;
        if (Groups < 1 || (!x.IsUnranked && (x.Rank < 2 || (x[-1] >= 0 && x[-1] % Groups != 0))))
            throw Invalid($"the channels of {inputs[0].Type} cannot be split into {Groups} groups.");
        return [inputs[0].Type];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) => Operators.Cost.Elementwise(inputs, outputs, 6);

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        // The same bytes seen as [N, pixels, groups, channels of a group].
        Shape x = inputs[0].Shape;
        var split = new Shape(x[0], (int)x.Product(1, x.Rank - 1), Groups, x[-1] / Groups);
        TensorType type = inputs[0].Type with { Shape = split };
        new Normalize { Axes = [1, 3], Epsilon = Epsilon }.Evaluate([inputs[0].As(type)], [outputs[0].As(type)]);
    }
}
