using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>
/// Each element replaced by the value that belongs to it: inputs are the elements, keys of their type, as many values, and one value more for what is no
/// key. Elements are keys when their bits are equal.
/// </summary>
internal sealed class KeyMap : Operator
{
    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 4, 4);
        if (inputs[0].DataType != inputs[1].DataType || inputs[2].DataType != inputs[3].DataType) throw Invalid($"{inputs[1].Type} and {inputs[2].Type} are no map for {inputs[0].Type} and {inputs[3].Type}.");
        if (inputs[1].Shape.IsStatic && inputs[2].Shape.IsStatic && inputs[3].Shape.IsStatic && (inputs[1].Shape.Count != inputs[2].Shape.Count || inputs[3].Shape.Count != 1))
            throw Invalid($"there are keys {inputs[1].Type}, values {inputs[2].Type} and others {inputs[3].Type}.");
        return [new TensorType(inputs[2].DataType, inputs[0].Shape)];
    }

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var action = new Action { X = inputs[0], Keys = inputs[1], Values = inputs[2], Other = inputs[3], Y = outputs[0] };
        TypeDispatch.Bits(inputs[0].DataType, ref action);
    }

    private ref struct Action : IBitsAction
    {
        public TensorView X, Keys, Values, Other, Y;

        public readonly void Invoke<T>() where T : unmanaged, IEquatable<T>
        {
            Span<T> x = TypeDispatch.View<T>(X), keys = TypeDispatch.View<T>(Keys);
            var places = new Dictionary<T, int>();
            for (int i = 0; i < keys.Length; i++) places.TryAdd(keys[i], i);
            int size = Y.DataType.Size();
            Span<byte> values = Values.Bytes, y = Y.Bytes;
            for (int i = 0; i < x.Length; i++)
                (places.TryGetValue(x[i], out int place) ? values.Slice(place * size, size) : Other.Bytes).CopyTo(y[(i * size)..]);
        }
    }
}
