using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.TensorFlow.Operators;

/// <summary>Parts of tensors, and tensors of parts.</summary>
internal static class Slices
{
    public static readonly (string Name, TensorFlowImport Import)[] All =
    [
        ("Slice", Slice),
        ("StridedSlice", n => [StridedSlices.Import(n)]),
        ("ConcatV2", n => [Concat(n, n.AllInputs()[..^1], n.Integer(n.InputCount - 1))]),
        ("Concat", n => [Concat(n, n.AllInputs()[1..], n.Integer(0))]),
        ("Pack", n => [Pack(n, n.AllInputs(), n.Attributes.Int("axis", 0))]),
        ("Unpack", n => [.. Unpack(n, n.Input(0), n.Attributes.Int("axis", 0), n.Attributes.Int("num", 0))]),
        ("Split", n => [.. n.Add(new Split { Axis = n.Integer(0), Parts = n.Attributes.Int("num_split", 1) }, n.Input(1))]),
        ("SplitV", SplitV),
        ("Reverse", n => [Reverse(n)]),
        ("ReverseV2", n => [Reverse(n)]),
    ];

    /// <summary>Tensors of one shape, joined along a new axis.</summary>
    public static Value Pack(TensorFlowNode node, IReadOnlyList<Value> values, int axis)
    {
        if (values.Count == 0) throw node.Problem("it joins no tensors");
        Value[] rows = [.. values.Select(v => node.Prepare(new Unsqueeze { Axes = [axis] }, node.Cast(v, values[0].Type.DataType)))];
        int rank = node.Rank(rows[0]);
        return rows.Length == 1 ? rows[0] : node.Add1(new Concat { Axis = axis < 0 ? axis + rank : axis }, rows);
    }

    /// <summary>The slices along an axis, without it.</summary>
    public static Value[] Unpack(TensorFlowNode node, Value x, int axis, int count)
    {
        int rank = node.Rank(x), at = axis < 0 ? axis + rank : axis;
        if (at < 0 || at >= rank) throw node.Problem($"{x.Type} has no axis {axis}");
        int size = x.Type.Shape[at];
        if (size < 0) size = count;
        if (size is < 1 or > 1 << 16 || (count > 0 && count != size)) throw node.Problem($"{x.Type} cannot be cut into {count} slices along axis {at}");
        Value[] parts = size == 1 ? [x] : node.Add(new Split { Axis = at, Parts = size }, x);
        return [.. parts.Select(p => node.Prepare(new Squeeze { Axes = [at] }, p))];
    }

    private static Value Concat(TensorFlowNode node, Value[] values, int axis)
    {
        if (values.Length == 0) throw node.Problem("it joins no tensors");
        return values.Length == 1 ? values[0] : node.Add1(new Concat { Axis = axis }, [.. values.Select(v => node.Cast(v, values[0].Type.DataType))]);
    }

    /// <summary>From a begin, as many as a size says; -1 for all there are.</summary>
    private static TensorFlowResult[] Slice(TensorFlowNode node)
    {
        Value x = node.Input(0), begin = node.Input(1), size = node.Input(2);
        if (begin.Constant is not null && size.Constant is not null)
        {
            long[] starts = node.Integers(begin), sizes = node.Integers(size);
            if (starts.Length != sizes.Length) throw node.Problem($"{starts.Length} begins and {sizes.Length} sizes do not fit each other");
            return [node.Add1(new Slice { Starts = starts, Ends = [.. starts.Zip(sizes, (from, count) => count == -1 ? int.MaxValue : checked(from + count))] }, x)];
        }
        Value all = node.Binary(BinaryFunction.Equal, size, node.Scalar(size.Type.DataType, -1));
        Value ends = node.Prepare(new Where(), all, node.Scalar(begin.Type.DataType, int.MaxValue), node.Binary(BinaryFunction.Add, begin, size));
        return [node.Add1(new Slice(), x, begin, ends)];
    }

    private static TensorFlowResult[] SplitV(TensorFlowNode node)
    {
        Value x = node.Input(0);
        long[] sizes = node.Integers(1);
        int axis = node.Integer(2), rank = node.Rank(x), at = axis < 0 ? axis + rank : axis;
        // One size may be left open.
        int open = Array.IndexOf(sizes, -1);
        if (open >= 0 && at >= 0 && at < rank && x.Type.Shape[at] >= 0) sizes[open] = x.Type.Shape[at] - sizes.Where(s => s >= 0).Sum();
        return [.. node.Add(new Split { Axis = axis, Parts = sizes.Length, Sizes = sizes }, x)];
    }

    /// <summary>Older graphs have a truth value for each axis instead of the axes.</summary>
    private static Value Reverse(TensorFlowNode node)
    {
        Value x = node.Input(0), given = node.Input(1);
        long[] axes = given is { Type.DataType: DataType.Bool, Constant: { } flags }
            ? [.. Enumerable.Range(0, (int)flags.Shape.Count).Where(i => flags.View.Bytes[i] != 0).Select(i => (long)i)]
            : node.Integers(given);
        if (axes.Length == 0) return x;
        return node.Add1(new Slice { Axes = axes, Starts = [.. axes.Select(_ => long.MaxValue)], Ends = [.. axes.Select(_ => -(long)int.MaxValue)], Steps = [.. axes.Select(_ => -1L)] }, x);
    }
}
