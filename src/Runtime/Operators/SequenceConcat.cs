using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>All elements of a sequence as one tensor, joined along an axis, or along a new one.</summary>
internal sealed class SequenceConcat : Operator
{
    public int Axis;
    public bool NewAxis;

    /// <summary>The type of the elements, which a sequence does not tell before there is one.</summary>
    public DataType To = DataType.F32;

    /// <summary>The rank of the result, or -1 where it is not known.</summary>
    public int Rank = -1;

    public override void Attributes(AttributeCodec codec)
    {
        codec.Int("axis", ref Axis);
        codec.Bool("new_axis", ref NewAxis);
        codec.DataType("to", ref To);
        codec.Int("rank", ref Rank);
    }

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 1, 1);
        if (inputs[0].DataType != DataType.Sequence || To == DataType.None || Rank is < -1 or > Shape.MaxRank) throw Invalid($"{inputs[0].Type} is no sequence of {To} of rank {Rank}.");
        if (inputs[0].Value is { } sequence) return [Joined(Elements(sequence))];
        return [new TensorType(To, Rank < 0 ? Shape.Unranked : Shape.OfRank(Rank))];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) => new(0, 2 * outputs[0].ByteCount);

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        TensorView[] elements = Elements(inputs[0]);
        if (Joined(elements).Shape != outputs[0].Shape) throw Invalid($"the elements give {Joined(elements)}, expected {outputs[0].Type}.");
        new Concat { Axis = Axis }.Evaluate(elements, outputs);
    }

    private TensorView[] Elements(in TensorView sequence)
    {
        TensorView[] elements = TensorSequence.Read(sequence);
        if (elements.Length == 0) throw Invalid("a sequence without elements cannot be joined.");
        if (elements[0].DataType != To) throw Invalid($"the elements are {elements[0].Type}, expected {To}.");
        if (!NewAxis) return elements;
        return Array.ConvertAll(elements, e =>
        {
            int axis = NormalizeAxis(Axis, e.Shape.Rank + 1);
            return e.As(new TensorType(e.DataType, [.. e.Shape.Span[..axis], 1, .. e.Shape.Span[axis..]]));
        });
    }

    private TensorType Joined(TensorView[] elements)
    {
        TensorType type = new Concat { Axis = Axis }.Infer(Operand.Known(elements))[0];
        return Rank < 0 || type.Shape.Rank == Rank ? type : throw Invalid($"the elements give {type}, expected rank {Rank}.");
    }
}
