using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Onnx.Operators;

/// <summary>The fused operators that ONNX Runtime's optimizer makes of transformers, built of plain ones again.</summary>
internal static class Transformers
{
    public static readonly (string Name, OnnxImport Import)[] All =
    [
        ("com.microsoft.FastGelu", FastGelu),
        ("com.microsoft.SkipLayerNormalization", SkipLayerNormalization),
        ("com.microsoft.EmbedLayerNormalization", EmbedLayerNormalization),
        ("com.microsoft.SkipSimplifiedLayerNormalization", SkipSimplifiedLayerNormalization),
        ("SimplifiedLayerNormalization", n => SimplifiedLayerNormalization(n, n.Input(0), n.Input(1), 1e-5f)),
        ("com.microsoft.SimplifiedLayerNormalization", n => SimplifiedLayerNormalization(n, n.Input(0), n.Input(1), 1e-5f)),
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

    /// <summary>Inputs: x, skip, scale, bias of the sum. Outputs: the norm, nothing, nothing, the sum.</summary>
    private static Value[] SkipSimplifiedLayerNormalization(OnnxNode node)
    {
        if (node.Wants(1) || node.Wants(2)) throw node.Problem("its mean and deviation are not supported");
        Value sum = node.Binary(BinaryFunction.Add, node.Input(0), node.Input(1));
        if (node.Optional(3) is { } bias) sum = node.Binary(BinaryFunction.Add, sum, bias);
        Value norm = SimplifiedLayerNormalization(node, sum, node.Input(2), 1e-12f)[0];
        return [norm, norm, norm, sum];
    }

    /// <summary>Without a mean: x / √(mean of squares + ε) · scale, and the reciprocal of that root.</summary>
    private static Value[] SimplifiedLayerNormalization(OnnxNode node, Value x, Value scale, float epsilon)
    {
        int rank = node.Rank(x), axis = node.Attributes.Int32("axis", -1);
        if (axis < 0) axis += rank;
        if (axis < 0 || axis >= rank) throw node.Problem($"attribute 'axis' is outside of rank {rank}");
        int[] axes = [.. Enumerable.Range(axis, rank - axis)];
        epsilon = node.Attributes.Float("epsilon", epsilon);
        Value y = node.Binary(BinaryFunction.Mul, node.Prepare(new Normalize { Axes = axes, Epsilon = epsilon, Center = false }, x), node.Cast(scale, x.Type.DataType));
        if (!node.Wants(1)) return [y];
        Value squares = node.Prepare(new Reduce { Function = ReduceFunction.Mean, Axes = [.. axes.Select(a => (long)a)] }, node.Unary(UnaryFunction.Square, x));
        Value root = node.Unary(UnaryFunction.Sqrt, node.Binary(BinaryFunction.Add, squares, node.Scalar(x.Type.DataType, epsilon)));
        return [y, node.Unary(UnaryFunction.Reciprocal, root)];
    }

    /// <summary>Inputs: words, segments, tables of words, positions and segments, scale, bias, mask, positions. Outputs: norm, mask index, sum.</summary>
    private static Value[] EmbedLayerNormalization(OnnxNode node)
    {
        Value words = node.Input(0);
        Value positions = node.Optional(8) ?? Attentions.Positions(node, Attentions.Length(node, words, 1));
        Value sum = node.Binary(BinaryFunction.Add, node.Prepare(new Gather(), node.Input(2), words), node.Prepare(new Gather(), node.Input(3), positions));
        if (node.Optional(1) is { } segments) sum = node.Binary(BinaryFunction.Add, sum, node.Prepare(new Gather(), node.Input(4), segments));
        // How many words of each entry count. Without a mask there is no such number to tell: zeros.
        Value counts = node.Optional(7) is { } mask ? node.Prepare(new Reduce { Function = ReduceFunction.Sum, Axes = [1], KeepDims = false }, mask)
            : node.Prepare(new Expand(), node.Scalar(DataType.I32, 0), node.Prepare(new ShapeOf { End = 1 }, words));
        return [Normalize(node, sum, node.Input(5), node.Optional(6)), counts, sum];
    }

    private static Value Normalize(OnnxNode node, Value x, Value scale, Value? bias)
    {
        var normalize = new Normalize { Axes = [-1], Epsilon = node.Attributes.Float("epsilon", 1e-12f) };
        Value norm = node.Binary(BinaryFunction.Mul, node.Prepare(normalize, x), scale);
        return bias is null ? norm : node.Binary(BinaryFunction.Add, norm, bias);
    }
}
