using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Onnx.Operators;

/// <summary>Sequences and optional values. What is known at conversion is not made at run time: the third of three known elements is that value.</summary>
internal static class Sequences
{
    public static readonly (string Name, OnnxImport Import)[] All =
    [
        ("SequenceEmpty", n => [Construct(n, [], new OnnxType(new TensorType(n.Attributes.DataType("dtype", DataType.F32), Shape.Unranked)))]),
        ("SequenceConstruct", n => [Construct(n, n.AllInputs(), Common(n, n.AllInputs()))]),
        ("SequenceAt", n => [At(n, n.Input(0), n.Input(1))]),
        ("SequenceInsert", SequenceInsert),
        ("SequenceErase", SequenceErase),
        ("SequenceLength", n => [Length(n, n.Input(0))]),
        ("ConcatFromSequence", ConcatFromSequence),
        ("SplitToSequence", SplitToSequence),
        ("SequenceMap", n => SequenceMapping.Import(n)),
        ("Optional", Optional),
        ("OptionalHasElement", n => [HasElement(n)]),
        ("OptionalGetElement", n => [OnnxNode.IsSequence(n.Input(0)) ? Get(n) : n.Input(0)]),
    ];

    private static Value Construct(OnnxNode node, Value[] elements, OnnxType element) => node.Holding(node.Add1(new SequenceConstruct(), elements), element);

    /// <summary>The type that all the values have, their shapes as far as they agree.</summary>
    private static OnnxType Common(OnnxNode node, Value[] values)
    {
        if (values.Length == 0) throw node.Problem("it has no inputs");
        OnnxType first = node.TypeOf(values[0]);
        if (first.Element is not null) return first;
        Shape shape = first.Tensor.Shape;
        foreach (Value value in values)
        {
            if (value.Type.Shape.Rank != shape.Rank) shape = Shape.Unranked;
            for (int axis = 0; axis < shape.Rank; axis++)
                if (value.Type.Shape[axis] != shape[axis] || shape[axis] < 0) shape = shape.With(axis, Shape.Unknown);
        }
        return new OnnxType(new TensorType(first.Tensor.DataType, shape));
    }

    /// <summary>The elements where they are known to be these values, else null.</summary>
    private static Value[]? Known(OnnxNode node, Value sequence)
    {
        if (sequence.Producer?.Operator is SequenceConstruct) return [.. sequence.Producer.Inputs.Select(v => v!)];
        return sequence.Constant is null ? null : Array.ConvertAll(TensorSequence.Read(sequence.Constant.View), element =>
        {
            var copy = new Tensor(element.Type);
            element.Bytes.CopyTo(copy.View.Bytes);
            Value value = node.Constant(copy);
            return node.Typed(value, node.ElementOf(sequence));
        });
    }

    private static Value At(OnnxNode node, Value sequence, Value position)
    {
        OnnxType element = node.ElementOf(sequence);
        if (position.Constant is not null && Known(node, sequence) is { } known) return known[Index(node, position, known.Length, known.Length - 1)];
        return node.Typed(node.Add1(element.Taken, sequence, position), element);
    }

    private static Value[] SequenceInsert(OnnxNode node)
    {
        Value sequence = node.Input(0), more = node.Input(1);
        OnnxType held = node.ElementOf(sequence), element = held;
        // Elements may differ in shape, and what is empty so far says nothing about it.
        if (held.Element is null) element = new OnnxType(held.Tensor with { Shape = held.Tensor.Shape.Accepts(more.Type.Shape) ? held.Tensor.Shape : Shape.Unranked });
        Value? position = node.Optional(2);
        if (position is null or { Constant: not null } && Known(node, sequence) is { } known)
        {
            int at = position is null ? known.Length : Index(node, position, known.Length, known.Length);
            Value[] all = [.. known[..at], more, .. known[at..]];
            return [Construct(node, all, Common(node, all))];
        }
        return [node.Holding(node.Add1(new SequenceInsert(), sequence, more, position), element)];
    }

    private static Value[] SequenceErase(OnnxNode node)
    {
        Value sequence = node.Input(0);
        Value? position = node.Optional(1);
        OnnxType element = node.ElementOf(sequence);
        if (position is null or { Constant: not null } && Known(node, sequence) is { } known)
        {
            int at = position is null ? known.Length - 1 : Index(node, position, known.Length, known.Length - 1);
            return [Construct(node, [.. known[..at], .. known[(at + 1)..]], element)];
        }
        return [node.Holding(node.Add1(new SequenceErase(), sequence, position), element)];
    }

    private static Value Length(OnnxNode node, Value sequence) => Known(node, sequence) is { } known
        ? node.Scalar(DataType.I64, known.Length) : node.Add1(new SequenceLength(), sequence);

    private static Value[] ConcatFromSequence(OnnxNode node)
    {
        Value sequence = node.Input(0);
        int axis = node.Attributes.Int32("axis", 0);
        bool newAxis = node.Attributes.Bool("new_axis", false);
        if (Known(node, sequence) is { Length: > 0 } known)
        {
            if (newAxis) known = [.. known.Select(v => node.Prepare(new Unsqueeze { Axes = [axis] }, v))];
            return [node.Add1(new Concat { Axis = axis }, known)];
        }
        TensorType element = node.ElementOf(sequence).Tensor;
        int rank = element.Shape.IsUnranked ? -1 : element.Shape.Rank + (newAxis ? 1 : 0);
        return [node.Add1(new SequenceConcat { Axis = axis, NewAxis = newAxis, To = element.DataType, Rank = rank }, sequence)];
    }

    /// <summary>Where the parts are known to be few, they are outputs of one node, so that taking one of them costs nothing.</summary>
    private static Value[] SplitToSequence(OnnxNode node)
    {
        const int MostOutputs = 256;
        Value x = node.Input(0);
        Value? split = node.Optional(1);
        int axis = node.Attributes.Int32("axis", 0), rank = node.Rank(x), along = axis < 0 ? axis + rank : axis;
        if (along < 0 || along >= rank) throw node.Problem($"attribute 'axis' is outside of rank {rank}");
        bool keep = split is not null || node.Attributes.Bool("keepdims", true);
        int length = x.Type.Shape[along];
        long[]? sizes = split is null ? length < 0 ? null : [.. Enumerable.Repeat(1L, Math.Min(length, MostOutputs + 1))]
            : split.Constant is null ? null
            : split.Type.Shape.Rank > 0 ? node.Integers(split)
            : length < 0 ? null : Equal(node, length, node.Integers(split)[0], MostOutputs + 1);
        if (sizes is { Length: > 0 and <= MostOutputs })
        {
            Value[] parts = node.Add(new Split { Axis = along, Parts = sizes.Length, Sizes = sizes }, x);
            if (!keep) parts = Array.ConvertAll(parts, p => node.Prepare(new Squeeze { Axes = [along] }, p));
            return [Construct(node, parts, Common(node, parts))];
        }
        Shape shape = x.Type.Shape.With(along, Shape.Unknown);
        if (!keep) shape = new Shape([.. shape.Span[..along], .. shape.Span[(along + 1)..]]);
        for (int i = 0; i < shape.Rank; i++) shape = shape.With(i, Math.Max(shape[i], Shape.Unknown));
        return [node.Holding(node.Add1(new SequenceSplit { Axis = along, KeepDims = keep }, x, split), new OnnxType(new TensorType(x.Type.DataType, shape)))];
    }

    private static long[] Equal(OnnxNode node, int length, long size, int most)
    {
        if (size < 1) throw node.Problem($"parts cannot be of size {size}");
        long count = length == 0 ? 0 : Math.Min((length - 1) / size + 1, most);
        return [.. Enumerable.Range(0, (int)count).Select(i => Math.Min(size, length - i * size))];
    }

    private static Value[] Optional(OnnxNode node)
    {
        if (node.Optional(0) is { } value) return [Construct(node, [value], node.TypeOf(value))];
        return [Construct(node, [], OnnxType.From(node.Attributes.Type("type")))];
    }

    /// <summary>Since operator set 18, the operator takes plain tensors, too, which are there always, and nothing, which never is.</summary>
    private static Value HasElement(OnnxNode node)
    {
        if (node.Optional(0) is not { } value) return node.Cast(node.Scalar(DataType.I64, 0), DataType.Bool);
        if (!OnnxNode.IsSequence(value)) return node.Cast(node.Scalar(DataType.I64, 1), DataType.Bool);
        return node.Cast(Length(node, value), DataType.Bool);
    }

    private static Value Get(OnnxNode node) => At(node, node.Input(0), node.Scalar(DataType.I64, 0));

    private static int Index(OnnxNode node, Value position, int count, int last)
    {
        if (node.Integers(position) is not [long index]) throw node.Problem($"'{position.Name}' is no position");
        if (index < 0) index += count;
        return index >= 0 && index <= last ? (int)index : throw node.Problem($"position {index} is outside of {count} elements");
    }
}
