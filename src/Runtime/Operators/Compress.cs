using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>The slices along an axis, or the elements of the flattened input, whose entry of input 1 (Bool vector) is true.</summary>
internal sealed class Compress : Operator
{
    public int Axis;

    /// <summary>Chooses single elements, ignoring the axis.</summary>
    public bool Flat;

    public override void Attributes(AttributeCodec codec)
    {
        codec.Int("axis", ref Axis);
        codec.Bool("flat", ref Flat);
    }

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 2, 2);
        Shape x = inputs[0].Shape;
        int count = inputs[1].Value is { } condition ? condition.Span<byte>().Length - condition.Span<byte>().Count((byte)0) : Shape.Unknown;
        if (Flat) return [Moved(inputs[0].Type, new Shape(count))];
        if (x.IsUnranked) return [Moved(inputs[0].Type, x)];
        return [Moved(inputs[0].Type, x.With(NormalizeAxis(Axis, x.Rank), count))];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) =>
        new(0, Operators.Cost.Traffic(inputs, outputs));

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        Span<byte> condition = inputs[1].Span<byte>();
        var indices = new List<long>();
        for (int i = 0; i < condition.Length; i++)
            if (condition[i] != 0) indices.Add(i);
        TensorView x = Flat ? inputs[0].As(inputs[0].Type with { Shape = new Shape(checked((int)inputs[0].Shape.Count)) }) : inputs[0];
        using Tensor chosen = Tensor.Vector<long>([.. indices]);
        new Gather { Axis = Flat ? 0 : Axis }.Evaluate([x, chosen.View], outputs);
    }
}
