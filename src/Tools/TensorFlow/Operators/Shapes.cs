using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.TensorFlow.Operators;

/// <summary>The shape of tensors, and elements under another shape or type.</summary>
internal static class Shapes
{
    public static readonly (string Name, TensorFlowImport Import)[] All =
    [
        ("Shape", n => [ShapeOf(n, n.Input(0))]),
        ("ShapeN", n => [.. n.AllInputs().Select(x => ShapeOf(n, x))]),
        ("Size", n => [n.Int32(n.Add1(new ShapeOf { Product = true }, n.Input(0)))]),
        ("Rank", n => [n.Scalar(DataType.I32, n.Rank(n.Input(0)))]),
        ("Reshape", Reshape),
        ("ExpandDims", n => [n.Add1(new Unsqueeze { Axes = [n.Integer(1)] }, n.Input(0))]),
        ("Squeeze", Squeeze),
        ("Cast", n => [n.Cast(n.Input(0), n.Attributes.Type("DstT", DataType.F32))]),
        ("BroadcastTo", n => [Constants.Filled(n, n.Input(0), 1)]),
        ("Tile", Tile),
        ("DepthToSpace", n => BlockMove(n, DepthSpaceFunction.DepthToSpace)),
        ("SpaceToDepth", n => BlockMove(n, DepthSpaceFunction.SpaceToDepth)),
    ];

    private static Value ShapeOf(TensorFlowNode node, Value x) => node.Int32(node.Add1(new ShapeOf(), x));

    /// <summary>A size of 0 is one here; nothing stands for "as it was".</summary>
    private static TensorFlowResult[] Reshape(TensorFlowNode node)
    {
        (long[] target, Value? computed) = node.Known(1);
        return [node.Add1(new Reshape { Target = target, AllowZero = true }, node.Input(0), computed)];
    }

    private static TensorFlowResult[] Squeeze(TensorFlowNode node)
    {
        int[] axes = node.Attributes.Ints(node.Attributes.Has("squeeze_dims") ? "squeeze_dims" : "axis");
        return [node.Add1(new Squeeze { Axes = Array.ConvertAll(axes, axis => (long)axis) }, node.Input(0))];
    }

    private static TensorFlowResult[] Tile(TensorFlowNode node)
    {
        (long[] repeats, Value? computed) = node.Known(1);
        return [node.Add1(new Tile { Repeats = repeats }, node.Input(0), computed)];
    }

    private static TensorFlowResult[] BlockMove(TensorFlowNode node, DepthSpaceFunction function)
    {
        if (node.Attributes.OneOf("data_format", "NHWC", "NCHW") != "NHWC") throw node.Problem("blocks are moved with channels last only");
        return [node.Add1(new DepthSpace { Function = function, Block = node.Attributes.Int("block_size", 1) }, node.Input(0))];
    }
}
