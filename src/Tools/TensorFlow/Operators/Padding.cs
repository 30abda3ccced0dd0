using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.TensorFlow.Operators;

/// <summary>Padding, and the moves between space and batch that stand for dilated convolutions.</summary>
internal static class Padding
{
    public static readonly (string Name, TensorFlowImport Import)[] All =
    [
        ("Pad", n => Pad(n, null)),
        ("PadV2", n => Pad(n, n.Input(2))),
        ("MirrorPad", MirrorPad),
        ("SpaceToBatchND", SpaceToBatch),
        ("BatchToSpaceND", BatchToSpace),
    ];

    private static TensorFlowResult[] Pad(TensorFlowNode node, Value? value)
    {
        var op = new Pad();
        Value x = node.Input(0), pads = node.Input(1);
        if (value is { Constant: not null, Type.DataType: DataType.F32 })
        {
            op.Value = (float)node.Number(value, 0);
            value = null;
        }
        else if (value is not null) value = node.Cast(value, x.Type.DataType);
        if (pads.Constant is null)
        {
            // [begin end] of each axis as all begins, then all ends.
            Value listed = node.Reshape(node.Transpose(pads, 1, 0), -1);
            return [node.Add1(op, x, listed, value)];
        }
        op.Pads = Listed(node.Integers(pads));
        return [node.Add1(op, x, null, value)];
    }

    /// <summary>Begin and end of each axis in turn as all begins, then all ends.</summary>
    private static long[] Listed(long[] pairs) => [.. pairs.Where((_, i) => i % 2 == 0), .. pairs.Where((_, i) => i % 2 == 1)];

    /// <summary>Reflections leave the border itself out; symmetric ones repeat it, which is a choice of elements along each axis.</summary>
    private static TensorFlowResult[] MirrorPad(TensorFlowNode node)
    {
        Value x = node.Input(0);
        long[] pairs = node.Integers(1);
        if (node.Attributes.OneOf("mode", "REFLECT", "SYMMETRIC") == "REFLECT") return [node.Add1(new Pad { Mode = PadMode.Reflect, Pads = Listed(pairs) }, x)];
        int rank = node.Rank(x);
        if (pairs.Length != 2 * rank) throw node.Problem($"the paddings [{string.Join(' ', pairs)}] do not fit {x.Type}");
        for (int axis = 0; axis < rank; axis++)
        {
            long before = pairs[2 * axis], after = pairs[2 * axis + 1], size = x.Type.Shape[axis];
            if (before == 0 && after == 0) continue;
            if (size < 0 || before < 0 || after < 0 || before > size || after > size) throw node.Problem($"axis {axis} of {x.Type} cannot be mirrored by {before} and {after}");
            long[] from = [.. Range(before).Reverse(), .. Range(size), .. Range(after).Select(i => size - 1 - i)];
            x = node.Add1(new Gather { Axis = axis }, x, node.Integers(from));
        }
        return [x];

        static IEnumerable<long> Range(long count) => Enumerable.Range(0, (int)count).Select(i => (long)i);
    }

    /// <summary>[N, s·b, …] as [b·N, s, …]: every b-th element along each spatial axis goes into a picture of its own.</summary>
    private static TensorFlowResult[] SpaceToBatch(TensorFlowNode node)
    {
        Value x = node.Input(0);
        long[] block = node.Integers(1), pairs = node.Integers(2);
        int rank = node.Rank(x), axes = block.Length;
        Check(node, x, block, pairs);
        long[] begins = new long[rank], ends = new long[rank];
        for (int i = 0; i < axes; i++) (begins[i + 1], ends[i + 1]) = (pairs[2 * i], pairs[2 * i + 1]);
        if (pairs.Any(p => p != 0)) x = node.Add1(new Pad { Pads = [.. begins, .. ends] }, x);

        // Axes of the split tensor: batch, size and block of each spatial axis, and what is left.
        var split = new List<long> { 0 };
        for (int i = 0; i < axes; i++) split.AddRange([x.Type.Shape[i + 1] / block[i], block[i]]);
        long[] rest = Sizes(x, axes + 1), sizes = [.. Enumerable.Range(0, axes).Select(i => x.Type.Shape[i + 1] / block[i])];
        if (Enumerable.Range(0, axes).Any(i => x.Type.Shape[i + 1] % block[i] != 0)) throw node.Problem($"{x.Type} cannot be divided into blocks of [{string.Join(' ', block)}]");
        Value parts = node.Reshape(x, [.. split, .. rest]);
        int[] order = [.. Enumerable.Range(0, axes).Select(i => 2 * i + 2), 0, .. Enumerable.Range(0, axes).Select(i => 2 * i + 1), .. Enumerable.Range(2 * axes + 1, rest.Length)];
        return [node.Reshape(node.Transpose(parts, order), [-1, .. sizes, .. rest])];
    }

    /// <summary>The way back, and what is cropped in the end.</summary>
    private static TensorFlowResult[] BatchToSpace(TensorFlowNode node)
    {
        Value x = node.Input(0);
        long[] block = node.Integers(1), pairs = node.Integers(2);
        int axes = block.Length;
        Check(node, x, block, pairs);
        long[] rest = Sizes(x, axes + 1), sizes = Sizes(x, 1)[..axes];
        Value parts = node.Reshape(x, [.. block, -1, .. sizes, .. rest]);
        int[] order = [axes, .. Enumerable.Range(0, axes).SelectMany(i => new[] { axes + 1 + i, i }), .. Enumerable.Range(2 * axes + 1, rest.Length)];
        Value whole = node.Reshape(node.Transpose(parts, order), [-1, .. sizes.Zip(block, (size, b) => size * b), .. rest]);
        if (pairs.All(p => p == 0)) return [whole];
        var crop = new Slice
        {
            Axes = [.. Enumerable.Range(1, axes).Select(axis => (long)axis)],
            Starts = [.. Enumerable.Range(0, axes).Select(i => pairs[2 * i])],
            Ends = [.. Enumerable.Range(0, axes).Select(i => sizes[i] * block[i] - pairs[2 * i + 1])],
        };
        return [node.Add1(crop, whole)];
    }

    private static void Check(TensorFlowNode node, Value x, long[] block, long[] pairs)
    {
        int rank = node.Rank(x);
        if (block.Length < 1 || block.Length > 3 || block.Length >= rank || pairs.Length != 2 * block.Length || Array.Exists(block, b => b is < 1 or > 1 << 16) || Array.Exists(pairs, p => p is < 0 or > 1 << 24))
            throw node.Problem($"blocks of [{string.Join(' ', block)}] with paddings [{string.Join(' ', pairs)}] do not fit {x.Type}");
        for (int axis = 1; axis < rank; axis++)
            if (x.Type.Shape[axis] < 0) throw node.Problem($"the sizes of {x.Type} must be known; fix the input shapes when converting");
    }

    private static long[] Sizes(Value x, int from) => [.. x.Type.Shape.Span[from..].ToArray().Select(size => (long)size)];
}
