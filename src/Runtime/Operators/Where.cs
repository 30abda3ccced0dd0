using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>Elements of input 1 where input 0 (Bool) is true, else of input 2; all three broadcast.</summary>
internal sealed class Where : Operator
{
    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 3, 3);
        if (inputs[0].DataType != DataType.Bool || inputs[1].DataType != inputs[2].DataType)
            throw Invalid($"{inputs[0].Type} cannot choose between {inputs[1].Type} and {inputs[2].Type}.");
        return [new TensorType(inputs[1].DataType, Broadcast.Shapes(inputs[0].Shape, Broadcast.Shapes(inputs[1].Shape, inputs[2].Shape)))];
    }

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var action = new Action { Condition = inputs[0], A = inputs[1], B = inputs[2], Y = outputs[0] };
        TypeDispatch.Bits(inputs[1].DataType, ref action);
    }

    private ref struct Action : IBitsAction
    {
        public TensorView Condition, A, B, Y;

        public readonly void Invoke<T>() where T : unmanaged, IEquatable<T>
        {
            Span<long> strides0 = stackalloc long[Shape.MaxRank], strides1 = stackalloc long[Shape.MaxRank], strides2 = stackalloc long[Shape.MaxRank];
            Broadcast.Strides(Condition.Shape, Y.Shape, strides0);
            Broadcast.Strides(A.Shape, Y.Shape, strides1);
            Broadcast.Strides(B.Shape, Y.Shape, strides2);
            Span<byte> condition = Condition.Span<byte>();
            Span<T> a = TypeDispatch.View<T>(A), b = TypeDispatch.View<T>(B), y = TypeDispatch.View<T>(Y);
            var walk = new IndexWalk(Y.Shape, strides0, strides1, strides2);
            for (int i = 0; walk.Next(); i++) y[i] = condition[(int)walk.Offset0] != 0 ? a[(int)walk.Offset1] : b[(int)walk.Offset2];
        }
    }
}
