using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;

namespace EdgeRuntime.Tools.TensorFlow.Operators;

/// <summary>What takes elements together along axes.</summary>
internal static class Reductions
{
    public static readonly (string Name, TensorFlowImport Import)[] All =
    [
        ("Sum", n => Reduce(n, ReduceFunction.Sum)),
        ("Mean", n => Reduce(n, ReduceFunction.Mean)),
        ("Max", n => Reduce(n, ReduceFunction.Max)),
        ("Min", n => Reduce(n, ReduceFunction.Min)),
        ("Prod", n => Reduce(n, ReduceFunction.Prod)),
        ("All", n => Reduce(n, ReduceFunction.Min)),
        ("Any", n => Reduce(n, ReduceFunction.Max)),
        ("EuclideanNorm", n => Reduce(n, ReduceFunction.L2)),
        ("ArgMax", n => Arg(n, smallest: false)),
        ("ArgMin", n => Arg(n, smallest: true)),
        ("Cumsum", n => [n.Add1(new CumSum { Exclusive = n.Attributes.Bool("exclusive", false), Reverse = n.Attributes.Bool("reverse", false) }, n.Input(0), n.Input(1))]),
    ];

    /// <summary>No axes mean that nothing is taken together.</summary>
    private static TensorFlowResult[] Reduce(TensorFlowNode node, ReduceFunction function)
    {
        (long[] axes, Value? computed) = node.Known(1);
        bool keep = node.Attributes.Bool(node.Attributes.Has("keepDims") ? "keepDims" : "keep_dims", false);
        return [node.Add1(new Reduce { Function = function, Axes = axes, KeepDims = keep, NoopWithEmptyAxes = true }, node.Input(0), computed)];
    }

    private static TensorFlowResult[] Arg(TensorFlowNode node, bool smallest)
    {
        int axis = node.InputCount > 1 ? node.Integer(1) : 0;
        return [node.Int32(node.Add1(new ArgMax { Axis = axis, KeepDims = false, Smallest = smallest }, node.Input(0)))];
    }
}
