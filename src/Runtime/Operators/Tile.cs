using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>Repeats the whole input along each axis, as often as the attribute says, or input 1 when given.</summary>
internal sealed class Tile : Operator
{
    public long[] Repeats = [];

    public override void Attributes(AttributeCodec codec) => codec.Longs("repeats", ref Repeats);

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 1, 2);
        Shape x = inputs[0].Shape;
        if (x.IsUnranked) return [Moved(inputs[0].Type, x)];
        if (Integers(inputs, 1, Repeats) is not { } repeats) return [Moved(inputs[0].Type, Shape.OfRank(x.Rank))];
        if (repeats.Length != x.Rank || Array.Exists(repeats, v => v is < 0 or > int.MaxValue))
            throw Invalid($"{inputs[0].Type} cannot be repeated [{string.Join(' ', repeats)}] times.");
        Span<int> y = stackalloc int[x.Rank];
        for (int i = 0; i < x.Rank; i++) y[i] = repeats[i] == 1 ? x[i] : x[i] < 0 ? Shape.Unknown : checked((int)(x[i] * repeats[i]));
        return [Moved(inputs[0].Type, new Shape(y))];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) =>
        new(0, Operators.Cost.Traffic(inputs, outputs));

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var action = new Action { X = inputs[0], Y = outputs[0] };
        TypeDispatch.Bits(inputs[0].DataType, ref action);
    }

    private ref struct Action : IBitsAction
    {
        public TensorView X, Y;

        public readonly void Invoke<T>() where T : unmanaged, IEquatable<T>
        {
            Span<T> x = TypeDispatch.View<T>(X), y = TypeDispatch.View<T>(Y);
            Span<long> strides = stackalloc long[Shape.MaxRank];
            Broadcast.Strides(X.Shape, strides);
            var at = new IndexWalk(Y.Shape, []);
            for (int i = 0; at.Next(); i++)
            {
                long from = 0;
                for (int axis = 0; axis < X.Shape.Rank; axis++) from += at[axis] % X.Shape[axis] * strides[axis];
                y[i] = x[(int)from];
            }
        }
    }
}
