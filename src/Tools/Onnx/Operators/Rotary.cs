using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Onnx.Operators;

/// <summary>Rotary embedding: pairs of elements are turned by an angle that grows with the position.</summary>
internal static class Rotary
{
    public static readonly (string Name, OnnxImport Import)[] All =
    [
        ("RotaryEmbedding", n => Embedding(n, n.Input(1), n.Input(2), n.Optional(3))),
        ("com.microsoft.RotaryEmbedding", n => Embedding(n, n.Input(2), n.Input(3), n.Input(1))),
    ];

    /// <summary>x is [batch, heads, length, size] or [batch, length, heads·size].</summary>
    private static Value[] Embedding(OnnxNode node, Value cosines, Value sines, Value? positions)
    {
        Value x = node.Input(0);
        int rotated = node.Attributes.Int32("rotary_embedding_dim", 0), heads = node.Attributes.Int32("num_heads", 0);
        float scale = node.Attributes.Float("scale", 1);
        if (scale != 1) throw node.Problem("attribute 'scale' is not supported");
        bool flat = node.Rank(x) == 3;
        if (flat)
        {
            int width = x.Type.Shape[2], half = cosines.Type.Shape[-1];
            if (heads == 0 && rotated == 0 && width > 0 && half > 0 && width % (2 * half) == 0) heads = width / (2 * half);
            if (heads < 1) throw node.Problem("attribute 'num_heads' is missing");
            x = Attentions.Heads(node, x, heads);
        }
        if (positions is not null)
        {
            positions = node.Cast(positions, DataType.I64);
            // One number is the position of the first element of all.
            if (positions.Type.Shape.Rank <= 1)
                positions = node.Prepare(new Unsqueeze { Axes = [0] }, node.Binary(BinaryFunction.Add, Attentions.Positions(node, Attentions.Length(node, x, 2)), positions));
        }
        Value y = Rotate(node, x, cosines, sines, positions, node.Attributes.Bool("interleaved", false), rotated);
        return [flat ? Attentions.Flat(node, y) : y];
    }

    /// <summary>Turns the first elements of each head.</summary>
    /// <param name="node">The node.</param>
    /// <param name="x">[batch, heads, length, size].</param>
    /// <param name="cosines">A row of cosines for each position; without positions [batch, length, half].</param>
    /// <param name="sines">Likewise.</param>
    /// <param name="positions">[batch, length], or null.</param>
    /// <param name="interleaved">Pairs are neighbours instead of halves.</param>
    /// <param name="rotated">How many elements are turned; 0 for twice as many as there are cosines.</param>
    public static Value Rotate(OnnxNode node, Value x, Value cosines, Value sines, Value? positions, bool interleaved, int rotated)
    {
        int size = x.Type.Shape[3];
        if (rotated == 0) rotated = cosines.Type.Shape[-1] > 0 ? 2 * cosines.Type.Shape[-1] : size;
        if (rotated < 2 || rotated % 2 != 0 || (size >= 0 && rotated > size)) throw node.Problem($"{rotated} elements of {x.Type} cannot be turned");
        Value cos = Angles(cosines), sin = Angles(sines);
        Value turned = rotated == size ? x : Part(x, 0, rotated);
        Value first, second;
        if (interleaved)
        {
            Value pairs = node.Reshape(turned, 0, 0, 0, rotated / 2, 2);
            first = node.Prepare(new Gather { Axis = 4 }, pairs, node.Scalar(DataType.I64, 0));
            second = node.Prepare(new Gather { Axis = 4 }, pairs, node.Scalar(DataType.I64, 1));
        }
        else (first, second) = (Part(turned, 0, rotated / 2), Part(turned, rotated / 2, rotated));
        Value a = node.Binary(BinaryFunction.Sub, node.Binary(BinaryFunction.Mul, first, cos), node.Binary(BinaryFunction.Mul, second, sin));
        Value b = node.Binary(BinaryFunction.Add, node.Binary(BinaryFunction.Mul, first, sin), node.Binary(BinaryFunction.Mul, second, cos));
        Value result = !interleaved ? node.Prepare(new Concat { Axis = 3 }, a, b) : node.Reshape(node.Prepare(new Concat { Axis = 4 },
            node.Prepare(new Unsqueeze { Axes = [4] }, a), node.Prepare(new Unsqueeze { Axes = [4] }, b)), 0, 0, 0, rotated);
        return rotated == size ? result : node.Prepare(new Concat { Axis = 3 }, result, Part(x, rotated, int.MaxValue));

        Value Part(Value of, long from, long to) => node.Prepare(new Slice { Starts = [from], Ends = [to], Axes = [3] }, of);
        Value Angles(Value table)
        {
            Value rows = positions is null ? table : node.Prepare(new Gather(), table, positions);
            return node.Cast(node.Prepare(new Unsqueeze { Axes = [1] }, rows), x.Type.DataType);
        }
    }
}
