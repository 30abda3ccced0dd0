using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;

namespace EdgeRuntime.Tools.Onnx.Operators;

/// <summary>Reductions along axes, running sums, and losses.</summary>
internal static class Reductions
{
    public static readonly (string Name, OnnxImport Import)[] All =
    [
        ("ReduceSum", n => Reduce(n, ReduceFunction.Sum)),
        ("ReduceMean", n => Reduce(n, ReduceFunction.Mean)),
        ("ReduceMax", n => Reduce(n, ReduceFunction.Max)),
        ("ReduceMin", n => Reduce(n, ReduceFunction.Min)),
        ("ReduceProd", n => Reduce(n, ReduceFunction.Prod)),
        ("ReduceL1", n => Reduce(n, ReduceFunction.L1)),
        ("ReduceL2", n => Reduce(n, ReduceFunction.L2)),
        ("ReduceSumSquare", n => Reduce(n, ReduceFunction.SumSquare)),
        ("ReduceLogSum", n => Reduce(n, ReduceFunction.LogSum)),
        ("ReduceLogSumExp", n => Reduce(n, ReduceFunction.LogSumExp)),
        ("ArgMax", n => Arg(n, smallest: false)),
        ("ArgMin", n => Arg(n, smallest: true)),
        ("CumSum", CumSum),
    ];

    /// <summary>Axes are an attribute in older operator sets, an input in newer ones, which becomes an attribute when it is constant.</summary>
    private static Value[] Reduce(OnnxNode node, ReduceFunction function)
    {
        Value? axes = node.Optional(1);
        bool known = axes is null or { Constant: not null };
        var op = new Reduce
        {
            Function = function,
            Axes = known ? node.Integers("axes", 1) ?? [] : [],
            KeepDims = node.Attributes.Bool("keepdims", true),
            NoopWithEmptyAxes = node.Attributes.Bool("noop_with_empty_axes", false),
        };
        return [node.Add1(op, node.Input(0), known ? null : axes)];
    }

    private static Value[] Arg(OnnxNode node, bool smallest)
    {
        var op = new ArgMax
        {
            Axis = node.Attributes.Int32("axis", 0),
            KeepDims = node.Attributes.Bool("keepdims", true),
            SelectLast = node.Attributes.Bool("select_last_index", false),
            Smallest = smallest,
        };
        return [node.Add1(op, node.Input(0))];
    }

    private static Value[] CumSum(OnnxNode node)
    {
        var op = new CumSum { Exclusive = node.Attributes.Bool("exclusive", false), Reverse = node.Attributes.Bool("reverse", false) };
        return [node.Add1(op, node.Input(0), node.Input(1))];
    }
}
