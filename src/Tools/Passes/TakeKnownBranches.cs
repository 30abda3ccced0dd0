using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;

namespace EdgeRuntime.Tools.Passes;

/// <summary>Puts the branch that is taken in place of a choice whose condition is known.</summary>
internal static class TakeKnownBranches
{
    public static GraphPatch? Visit(Graph graph, Node node)
    {
        if (node.Operator is not If choice || node.Inputs[0]?.Constant is not { } condition) return null;
        var patch = new GraphPatch();
        Value[] results = BodyInlining.Inline((GraphBody)choice.Taken(condition.View), [.. node.Inputs.Skip(1).Select(v => v!)],
            (name, op, operands) => patch.Add($"{node.Name}/{name}", op, operands));
        for (int i = 0; i < results.Length; i++)
        {
            if (results[i].Producer is { } producer && patch.Nodes.Contains(producer)) results[i].Name = node.Outputs[i].Name;
            patch.Replace(node.Outputs[i], results[i]);
        }
        return patch;
    }
}
