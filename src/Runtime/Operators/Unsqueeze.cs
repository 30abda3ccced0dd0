using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>The same elements with further axes of size 1, at the result's axes of the attribute or of input 1 when given.</summary>
internal sealed class Unsqueeze : Operator
{
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
            int added = inputs[1].Shape.Rank == 1 ? inputs[1].Shape[0] : Shape.Unknown;
            return [Moved(inputs[0].Type, added >= 0 && x.Rank + added <= Shape.MaxRank ? Shape.OfRank(x.Rank + added) : Shape.Unranked)];
        }
        int rank = x.Rank + axes.Length;
        if (rank > Shape.MaxRank) throw Invalid($"{inputs[0].Type} with {axes.Length} more axes exceeds rank {Shape.MaxRank}.");
        Span<bool> isNew = stackalloc bool[rank];
        isNew.Clear();
        foreach (long axis in axes)
        {
            int i = NormalizeAxis(axis, rank);
            if (isNew[i]) throw Invalid($"axis {i} is added twice.");
            isNew[i] = true;
        }
        Span<int> y = stackalloc int[rank];
        for (int i = 0, from = 0; i < rank; i++) y[i] = isNew[i] ? 1 : x[from++];
        return [Moved(inputs[0].Type, new Shape(y))];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) => default;

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) =>
        inputs[0].Bytes.CopyTo(outputs[0].Bytes);
}
