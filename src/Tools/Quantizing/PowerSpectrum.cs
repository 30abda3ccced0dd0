using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Quantizing;

/// <summary>
/// Finds the power spectrum that a graph for sound begins with, and whose logarithm the network looks at. It spans many powers of ten and the small ones count as much as the large ones, which no range of 8 bits holds:
/// so all of it stays in floats. It is what lies between an input and a logarithm when no activation function is in between.
/// </summary>
internal static class PowerSpectrum
{
    /// <summary>Of fewer weights the scales would be most of the file.</summary>
    private const int FewestWeights = 1024;

    /// <summary>The nodes of all power spectra, their logarithms included.</summary>
    public static HashSet<Node> Of(Graph graph)
    {
        var found = new HashSet<Node>();
        foreach (Node node in graph.Nodes)
        {
            if (node.Operator is not Unary { Function: UnaryFunction.Log }) continue;
            var before = new HashSet<Node> { node };
            if (Collect(graph, node, before) && before.Any(n => n.Operator is Conv or MatMul)) found.UnionWith(before);
        }
        return found;
    }

    /// <summary>
    /// Keeps the weights of spectra in 8 bits, by channel: they are sines and cosines, of which the file would otherwise have more than of all the rest. They are made floats when the file is loaded.
    /// </summary>
    public static void NarrowWeights(Graph graph)
    {
        foreach (Node node in Of(graph))
        {
            if (node.Operator is not (Conv or MatMul) || node.Input(1) is not { Constant: { Type: { DataType: DataType.F32, Quantization: null } } constant, Consumers.Count: 1 } weight) continue;
            if (constant.Shape.Count < FewestWeights || graph.IsOutput(weight)) continue;
            int axis = node.Operator is MatMul product ? constant.Shape.Rank - (product.TransposeB ? 2 : 1) : 0;
            (Tensor integers, Tensor scales) = ChannelWeights.Of(constant, axis);
            var patch = new GraphPatch();
            graph.Apply(patch.Replace(weight, patch.Add1($"{weight.Name}/f32", new Dequantize { Axis = axis }, patch.Constant(weight.Name, integers), patch.Constant($"{weight.Name}/scale", scales))));
        }
    }

    /// <summary>Adds what a node is computed from; false where that is no spectrum of an input.</summary>
    private static bool Collect(Graph graph, Node start, HashSet<Node> before)
    {
        bool readsInput = false;
        var open = new Stack<Node>([start]);
        while (open.TryPop(out Node? node))
        {
            foreach (Value? value in node.Inputs)
            {
                if (value is null || value.Constant is not null) continue;
                readsInput |= graph.Inputs.Contains(value);
                if (value.Producer is not { } maker || before.Contains(maker)) continue;
                if (!IsPart(maker)) return false;
                before.Add(maker);
                open.Push(maker);
            }
        }
        return readsInput;
    }

    private static bool IsPart(Node node) => node.Operator switch
    {
        Conv conv => conv.Activation is not { IsNone: false },
        MatMul product => product.Activation is not { IsNone: false },
        Unary unary => unary.Function is UnaryFunction.Abs or UnaryFunction.Sqrt or UnaryFunction.Square,
        Binary or Pad => true,
        Reduce reduce => reduce.Function is ReduceFunction.Sum or ReduceFunction.Mean or ReduceFunction.SumSquare or ReduceFunction.L2,
        _ => QuantizableNode.KindOf(node) == NodeKind.Movement,
    };
}
