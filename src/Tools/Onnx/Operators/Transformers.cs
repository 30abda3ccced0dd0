using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;
using Range = EdgeRuntime.Operators.Range;

namespace EdgeRuntime.Tools.Onnx.Operators;

/// <summary>The fused operators that ONNX Runtime's optimizer makes of transformers, built of plain ones again.</summary>
internal static class Transformers
{
    public static readonly (string Name, OnnxImport Import)[] All =
    [
        ("com.microsoft.FastGelu", FastGelu),
        ("com.microsoft.SkipLayerNormalization", SkipLayerNormalization),
        ("com.microsoft.EmbedLayerNormalization", EmbedLayerNormalization),
        ("com.microsoft.Attention", Attention),
    ];

    private static Value[] FastGelu(OnnxNode node)
    {
        Value x = node.Input(0);
        if (node.Optional(1) is { } bias) x = node.Binary(BinaryFunction.Add, x, bias);
        return [node.Unary(UnaryFunction.GeluTanh, x)];
    }

    /// <summary>Inputs: x, skip, scale, bias of the norm, bias of the sum. Outputs: the norm, nothing, nothing, the sum.</summary>
    private static Value[] SkipLayerNormalization(OnnxNode node)
    {
        if (node.Wants(1) || node.Wants(2)) throw node.Problem("its mean and deviation are not supported");
        Value sum = node.Binary(BinaryFunction.Add, node.Input(0), node.Input(1));
        if (node.Optional(4) is { } bias) sum = node.Binary(BinaryFunction.Add, sum, bias);
        Value norm = Normalize(node, sum, node.Input(2), node.Optional(3));
        return [norm, norm, norm, sum];
    }

    /// <summary>Inputs: words, segments, tables of words, positions and segments, scale, bias, mask, positions. Outputs: norm, mask index, sum.</summary>
    private static Value[] EmbedLayerNormalization(OnnxNode node)
    {
        if (node.Optional(7) is not null) throw node.Problem("its mask is not supported");
        Value words = node.Input(0);
        Value positions = node.Optional(8) ?? Positions(node, Length(node, words, 1));
        Value sum = node.Binary(BinaryFunction.Add, node.Prepare(new Gather(), node.Input(2), words), node.Prepare(new Gather(), node.Input(3), positions));
        if (node.Optional(1) is { } segments) sum = node.Binary(BinaryFunction.Add, sum, node.Prepare(new Gather(), node.Input(4), segments));
        // Without a mask there is no sequence length to tell: zeros.
        Value none = node.Prepare(new Expand(), node.Scalar(DataType.I32, 0), node.Prepare(new ShapeOf { End = 1 }, words));
        return [Normalize(node, sum, node.Input(5), node.Optional(6)), none, sum];
    }

    /// <summary>
    /// Inputs: x [batch, length, width], weight and bias of query, key and value side by side, mask [batch, total length], past [2, batch, heads,
    /// past length, head]. Outputs: the mix of values, and past and present together.
    /// </summary>
    private static Value[] Attention(OnnxNode node)
    {
        OnnxAttributes given = node.Attributes;
        int heads = given.Int32("num_heads", 0);
        if (node.Input(1).Type.Shape is not { Rank: 2 } weight || weight[1] < 0 || heads < 1 || weight[1] % (3 * heads) != 0)
            throw node.Problem($"its weight {node.Input(1).Type} cannot be split among {heads} heads");
        if (given.Has("qkv_hidden_sizes") || given.Bool("do_rotary", false) || node.Inputs.Skip(5).Any(v => v is not null))
            throw node.Problem("sizes of their own, rotation and biases of scores are not supported");
        int size = weight[1] / 3 / heads;
        Value x = node.Input(0);
        DataType type = x.Type.DataType;
        Value all = node.Prepare(new MatMul(), x, node.Input(1), node.Optional(2));
        Value[] parts = node.Add(new Split { Axis = 2, Parts = 3 }, all);
        Value query = Heads(node, parts[0], heads, size), key = Heads(node, parts[1], heads, size), value = Heads(node, parts[2], heads, size);
        if (node.Optional(4) is { } past)
        {
            key = node.Prepare(new Concat { Axis = 2 }, node.Prepare(new Gather(), past, node.Scalar(DataType.I64, 0)), key);
            value = node.Prepare(new Concat { Axis = 2 }, node.Prepare(new Gather(), past, node.Scalar(DataType.I64, 1)), value);
        }

        float scale = given.Float("scale", 0);
        Value scores = node.Prepare(new MatMul { TransposeB = true, Scale = scale > 0 ? scale : 1 / MathF.Sqrt(size) }, query, key);
        Value blocked = node.Scalar(type, given.Float("mask_filter_value", -10000));
        if (given.Bool("unidirectional", false)) scores = node.Prepare(new Where(), Causal(node, query, key), scores, blocked);
        if (node.Optional(3) is { } mask)
        {
            if (mask.Type.Shape.Rank != 2) throw node.Problem($"a mask of type {mask.Type} is not supported; it must be [batch, total length]");
            Value open = node.Prepare(new Unsqueeze { Axes = [1, 2] }, node.Cast(mask, DataType.Bool));
            scores = node.Prepare(new Where(), open, scores, node.Binary(BinaryFunction.Add, scores, blocked));
        }
        Value mixed = node.Prepare(new MatMul(), node.Prepare(new Softmax(), scores), value);
        Value result = node.Reshape(node.Transpose(mixed, 0, 2, 1, 3), 0, 0, (long)heads * size);
        if (!node.Wants(1)) return [result];
        Value present = node.Prepare(new Concat(), node.Prepare(new Unsqueeze { Axes = [0] }, key), node.Prepare(new Unsqueeze { Axes = [0] }, value));
        return [result, present];
    }

    /// <summary>[batch, length, heads·size] as [batch, heads, length, size].</summary>
    private static Value Heads(OnnxNode node, Value x, int heads, int size) => node.Transpose(node.Reshape(x, 0, 0, heads, size), 0, 2, 1, 3);

    /// <summary>True where a query may look: at its own position, which counts from the end of the keys, and before.</summary>
    private static Value Causal(OnnxNode node, Value query, Value key)
    {
        Value total = Length(node, key, 2), before = node.Binary(BinaryFunction.Sub, total, Length(node, query, 2));
        Value own = node.Prepare(new Range(), before, total, node.Scalar(DataType.I64, 1));
        return node.Binary(BinaryFunction.LessOrEqual, Positions(node, total), node.Prepare(new Unsqueeze { Axes = [1] }, own));
    }

    private static Value Positions(OnnxNode node, Value length) =>
        node.Prepare(new Range(), node.Scalar(DataType.I64, 0), length, node.Scalar(DataType.I64, 1));

    private static Value Length(OnnxNode node, Value x, int axis) => node.Prepare(new ShapeOf { Start = axis, End = axis + 1, Product = true }, x);

    private static Value Normalize(OnnxNode node, Value x, Value scale, Value? bias)
    {
        var normalize = new Normalize { Axes = [-1], Epsilon = node.Attributes.Float("epsilon", 1e-12f) };
        Value norm = node.Binary(BinaryFunction.Mul, node.Prepare(normalize, x), scale);
        return bias is null ? norm : node.Binary(BinaryFunction.Add, norm, bias);
    }
}
