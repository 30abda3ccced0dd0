using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>The same elements without some axes of size 1: those of the attribute, or of input 1 when given, or all.</summary>
internal sealed class Squeeze : Operator
{
    /// <summary>The axes; empty for all of size 1.</summary>
    public long[] Axes = [];

    public override bool IsView => true;

    public override void Attributes(AttributeCodec codec) => codec.Longs("axes", ref Axes);

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 1, 2);
        Shape x = inputs[0].Shape;
        long[]? axes = Integers(inputs, 1, Axes);
        if (x.IsUnranked) return [Moved(inputs[0].Type, Shape.Unranked)];
        if (axes is null)
        {
            int dropped = inputs[1].Shape.Rank == 1 ? inputs[1].Shape[0] : Shape.Unknown;
            // No axes at all would mean every axis of size 1.
            return [Moved(inputs[0].Type, dropped > 0 && dropped <= x.Rank ? Shape.OfRank(x.Rank - dropped) : Shape.Unranked)];
        }
        if (axes.Length == 0 && !x.IsStatic) return [Moved(inputs[0].Type, Shape.Unranked)];

        Span<bool> drop = stackalloc bool[x.Rank];
        drop.Clear();
        foreach (long axis in axes)
        {
            int i = NormalizeAxis(axis, x.Rank);
            if (x[i] >= 0 && x[i] != 1) throw Invalid($"axis {i} of {inputs[0].Type} has not size 1.");
            drop[i] = true;
        }
        Span<int> y = stackalloc int[x.Rank];
        int rank = 0;
        for (int i = 0; i < x.Rank; i++)
            if (axes.Length == 0 ? x[i] != 1 : !drop[i]) y[rank++] = x[i];
        return [Moved(inputs[0].Type, new Shape(y[..rank]))];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) => default;

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) =>
        inputs[0].Bytes.CopyTo(outputs[0].Bytes);
}
