using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>Permutes the axes: output axis i is input axis permutation[i]. An empty permutation reverses them.</summary>
internal sealed class Transpose : Operator
{
    public int[] Permutation = [];

    public override void Attributes(AttributeCodec codec) => codec.Ints("permutation", ref Permutation);

    /// <summary>The permutation for a rank.</summary>
    public int[] For(int rank)
    {
        if (Permutation.Length == 0) return [.. Enumerable.Range(0, rank).Reverse()];
        if (Permutation.Length != rank || !Permutation.Order().SequenceEqual(Enumerable.Range(0, rank)))
            throw Invalid($"[{string.Join(' ', Permutation)}] is no permutation of {rank} axes.");
        return Permutation;
    }

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 1, 1);
        Shape x = inputs[0].Shape;
        if (x.IsUnranked) return [inputs[0].Type with { Shape = Permutation.Length == 0 ? x : Shape.OfRank(Permutation.Length) }];
        return [inputs[0].Type with { Shape = new Shape([.. For(x.Rank).Select(axis => x[axis])]) }];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) =>
        new(0, Operators.Cost.Traffic(inputs, outputs));

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var action = new Action { Permutation = For(inputs[0].Shape.Rank), X = inputs[0], Y = outputs[0] };
        TypeDispatch.Bits(inputs[0].DataType, ref action);
    }

    private ref struct Action : IBitsAction
    {
        public int[] Permutation;
        public TensorView X, Y;

        public readonly void Invoke<T>() where T : unmanaged, IEquatable<T>
        {
            Span<T> x = TypeDispatch.View<T>(X), y = TypeDispatch.View<T>(Y);
            Span<long> own = stackalloc long[Shape.MaxRank], permuted = stackalloc long[Shape.MaxRank];
            Broadcast.Strides(X.Shape, own);
            for (int i = 0; i < Permutation.Length; i++) permuted[i] = own[Permutation[i]];
            var walk = new IndexWalk(Y.Shape, permuted);
            for (int i = 0; walk.Next(); i++) y[i] = x[(int)walk.Offset0];
        }
    }
}
