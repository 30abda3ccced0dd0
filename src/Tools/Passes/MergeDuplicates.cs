using EdgeRuntime.Graphs;

namespace EdgeRuntime.Tools.Passes;

/// <summary>Computes once what is computed twice: nodes of the same operator on the same inputs.</summary>
internal static class MergeDuplicates
{
    /// <summary>How many readers of a value are compared with a node: of a value that thousands read, hardly two do the same.</summary>
    private const int MostTwins = 64;

    public static GraphPatch? Visit(Graph graph, Node node)
    {
        // Bodies are not compared.
        if (node.Operator.Bodies.Count > 0) return null;
        // Operators without inputs may be random.
        if (node.Inputs.FirstOrDefault(v => v is { Constant: null }) is not { } input) return null;
        string? text = null;
        int compared = 0;
        foreach (Node twin in input.Consumers)
        {
            if (twin == node || ++compared > MostTwins) return null;
            if (twin.Operator.GetType() != node.Operator.GetType() || twin.Outputs.Count != node.Outputs.Count || !SameInputs(twin, node)) continue;
            text ??= node.Operator.ToString();
            if (twin.Operator.ToString() != text) continue;
            var patch = new GraphPatch();
            for (int i = 0; i < node.Outputs.Count; i++) patch.Replace(node.Outputs[i], twin.Outputs[i]);
            return patch;
        }
        return null;
    }

    private static bool SameInputs(Node a, Node b)
    {
        if (a.Inputs.Count != b.Inputs.Count) return false;
        for (int i = 0; i < a.Inputs.Count; i++)
            if (!Same(a.Inputs[i], b.Inputs[i])) return false;
        return true;
    }

    private static bool Same(Value? a, Value? b) =>
        a == b || (a?.Constant is { } x && b?.Constant is { } y && x.Type == y.Type && x.View.Bytes.SequenceEqual(y.View.Bytes));
}
