using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>One element of a sequence (input 0) at a position (input 1, one integer; negative ones count from the end).</summary>
internal sealed class SequenceAt : Operator
{
    /// <summary>The type of the elements, which a sequence does not tell before there is one.</summary>
    public DataType To = DataType.F32;

    /// <summary>Dimensions of the elements as far as all have the same, -1 for others; where not even the rank is known, <see cref="Ranked"/> is false.</summary>
    public long[] Dimensions = [];
    public bool Ranked;

    public override void Attributes(AttributeCodec codec)
    {
        codec.DataType("to", ref To);
        codec.Longs("dimensions", ref Dimensions);
        codec.Bool("ranked", ref Ranked);
    }

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 2, 2);
        if (inputs[0].DataType != DataType.Sequence || To == DataType.None) throw Invalid($"{inputs[0].Type} is no sequence of {To}.");
        if (Dimensions.Length > Shape.MaxRank || Array.Exists(Dimensions, d => d is < -1 or > int.MaxValue)) throw Invalid($"elements cannot have the dimensions [{string.Join(' ', Dimensions)}].");
        Shape known = Ranked ? new Shape(Array.ConvertAll(Dimensions, d => (int)d)) : Shape.Unranked;
        if (inputs[0].Value is { } sequence && inputs[1].Value is { } position) return [Find(sequence, position, known).Type];
        return [new TensorType(To, known)];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) => new(0, 2 * outputs[0].ByteCount);

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        TensorView element = Find(inputs[0], inputs[1], outputs[0].Shape);
        if (element.Shape != outputs[0].Shape) throw Invalid($"the element is {element.Type}, expected {outputs[0].Type}.");
        element.Bytes.CopyTo(outputs[0].Bytes);
    }

    private TensorView Find(in TensorView sequence, in TensorView position, in Shape known)
    {
        TensorView[] elements = TensorSequence.Read(sequence);
        if (Integers(position) is not [long index]) throw Invalid($"{position.Type} is no position.");
        TensorView element = elements[NormalizeIndex(index, elements.Length)];
        if (element.DataType != To || !known.Accepts(element.Shape)) throw Invalid($"element {index} is {element.Type}, expected {new TensorType(To, known)}.");
        return element;
    }
}
