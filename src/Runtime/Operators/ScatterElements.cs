using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>
/// The input with updates: each stands at its own position but for one axis, where its index stands. The inverse of
/// <see cref="GatherElements"/>. Inputs: x, indices, updates.
/// </summary>
internal sealed class ScatterElements : Operator
{
    public int Axis;
    public ScatterReduction Reduction;

    public override void Attributes(AttributeCodec codec)
    {
        codec.Int("axis", ref Axis);
        codec.Enum("reduction", ref Reduction);
    }

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 3, 3);
        Shape x = inputs[0].Shape, indices = inputs[1].Shape;
        if (inputs[2].DataType != inputs[0].DataType) throw Invalid($"the updates {inputs[2].Type} are not of the type of {inputs[0].Type}.");
        if (!indices.Accepts(inputs[2].Shape)) throw Invalid($"the updates {inputs[2].Type} do not fit the indices {inputs[1].Type}.");
        if (x.IsUnranked || indices.IsUnranked) return [inputs[0].Type];
        int axis = NormalizeAxis(Axis, x.Rank);
        if (indices.Rank != x.Rank) throw Invalid($"{inputs[0].Type} and indices {inputs[1].Type} differ in rank.");
        for (int i = 0; i < x.Rank; i++)
            if (i != axis && x[i] >= 0 && indices[i] > x[i]) throw Invalid($"the indices {inputs[1].Type} exceed {inputs[0].Type}.");
        return [inputs[0].Type];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) =>
        new(inputs[2].Shape.Count, Operators.Cost.Traffic(inputs, outputs));

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        Shape x = inputs[0].Shape;
        int axis = NormalizeAxis(Axis, x.Rank);
        long[] indices = Integers(inputs[1]);
        var targets = new int[indices.Length];
        Span<long> strides = stackalloc long[Shape.MaxRank];
        Broadcast.Strides(x, strides);
        var at = new IndexWalk(inputs[1].Shape, strides);
        for (int i = 0; at.Next(); i++)
            targets[i] = (int)(at.Offset0 + (NormalizeIndex(indices[i], x[axis]) - at[axis]) * strides[axis]);
        inputs[0].Bytes.CopyTo(outputs[0].Bytes);
        Scatter.Run(inputs[2], outputs[0], targets, Reduction);
    }
}
