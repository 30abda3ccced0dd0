using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Graphs;

/// <summary>
/// Large weights that are widened when a model is loaded: simple steps, each of which reads what the one before made, and constants. They are folded together, by whoever runs graphs fast, since definitions
/// take ten times as long and each of them another copy. The steps are those whose kernels give the definition's bits.
/// </summary>
internal static class ConstantChain
{
    /// <summary>What is smaller is folded by definitions before a plan is made.</summary>
    private const long LeastBytes = 64 * 1024;

    /// <summary>The nodes of the chain that a node begins, in order; empty when it begins none.</summary>
    /// <param name="first">The node, all of whose inputs are constant.</param>
    /// <param name="graph">The graph.</param>
    public static List<Node> From(Node first, Graph graph)
    {
        List<Node> chain = [];
        for (Node? node = first; node is not null && IsSimple(node);)
        {
            chain.Add(node);
            Value result = node.Outputs[0];
            node = !graph.IsOutput(result) && result.Consumers.Count == 1 && ReadsConstantsBut(result.Consumers[0], result) ? result.Consumers[0] : null;
        }
        return chain;
    }

    /// <summary>The chain as a graph without inputs.</summary>
    /// <param name="chain">Its nodes.</param>
    /// <param name="operands">What the first one reads.</param>
    public static Graph Cut(List<Node> chain, ReadOnlySpan<Value?> operands)
    {
        var builder = new GraphBuilder(chain[0].Name);
        Value? result = null;
        foreach (Node node in chain)
        {
            Value?[] given = result is null ? Array.ConvertAll(operands.ToArray(), v => v?.Copy()) : Array.ConvertAll(node.InputArray, v => v?.Constant is null ? result : v.Copy());
            result = builder.Add1(node.Name, node.Operator, given);
        }
        builder.Output(chain[^1].Name, result!);
        return builder.Build(isInferred: true);
    }

    private static bool ReadsConstantsBut(Node node, Value value)
    {
        foreach (Value? input in node.InputArray)
            if (input is null || (input != value && input.Constant is null)) return false;
        return true;
    }

    private static bool IsSimple(Node node)
    {
        TensorType type = node.Outputs[0].Type;
        if (type.DataType != DataType.F32 || !type.Shape.IsStatic || type.ByteCount < LeastBytes) return false;
        return node.Operator switch
        {
            Cast => node.InputArray[0]!.Type.DataType is DataType.I8 or DataType.U8 or DataType.F16,
            Binary binary => binary.Function is BinaryFunction.Add or BinaryFunction.Sub or BinaryFunction.Mul && binary.Activation.IsNone && binary.Result.IsNone,
            Transpose or Reshape or Unsqueeze or Squeeze => true,
            _ => false,
        };
    }
}
