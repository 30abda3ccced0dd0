using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>
/// The input with slices updated: the last axis of the indices is a full or partial position in it. Inputs: x, indices, updates.
/// </summary>
internal sealed class ScatterND : Operator
{
    public ScatterReduction Reduction;

    public override void Attributes(AttributeCodec codec) => codec.Enum("reduction", ref Reduction);

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 3, 3);
        Shape x = inputs[0].Shape, indices = inputs[1].Shape;
        if (inputs[2].DataType != inputs[0].DataType) throw Invalid($"the updates {inputs[2].Type} are not of the type of {inputs[0].Type}.");
        if (x.IsUnranked || indices.IsUnranked || (indices.Rank > 0 && indices[-1] < 0)) return [inputs[0].Type];
        if (indices.Rank < 1 || indices[-1] > x.Rank) throw Invalid($"the indices {inputs[1].Type} do not point into {inputs[0].Type}.");
        if (!new Shape([.. indices.Span[..^1], .. x.Span[indices[-1]..]]).Accepts(inputs[2].Shape))
            throw Invalid($"the updates {inputs[2].Type} do not fit the indices {inputs[1].Type} into {inputs[0].Type}.");
        return [inputs[0].Type];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) =>
        new(inputs[2].Shape.Count, Operators.Cost.Traffic(inputs, outputs));

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        Shape x = inputs[0].Shape;
        int depth = inputs[1].Shape[-1], width = (int)x.Product(depth, x.Rank);
        long[] indices = Integers(inputs[1]);
        var targets = new int[inputs[2].Shape.Count];
        for (int i = 0; i < targets.Length; i++)
        {
            int position = i / width;
            long from = 0;
            for (int d = 0; d < depth; d++) from = from * x[d] + NormalizeIndex(indices[position * depth + d], x[d]);
            targets[i] = (int)(from * width + i % width);
        }
        inputs[0].Bytes.CopyTo(outputs[0].Bytes);
        Scatter.Run(inputs[2], outputs[0], targets, Reduction);
    }
}
