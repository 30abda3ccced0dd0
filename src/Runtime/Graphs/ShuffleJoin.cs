using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Graphs;

/// <summary>Finds two tensors that are joined, shuffled channel by channel and cut in half, as ShuffleNet's units do, and lets one operator do it in one pass over memory.</summary>
internal static class ShuffleJoin
{
    /// <summary>Joins what is found in a graph of known shapes.</summary>
    public static void Join(Graph graph)
    {
        foreach (Node node in graph.Nodes.ToArray())
            if (node.Operator is Concat concat && Patch(graph, node, concat) is { } patch) graph.Apply(patch);
    }

    private static GraphPatch? Patch(Graph graph, Node node, Concat concat)
    {
        Value joined = node.Outputs[0];
        Shape shape = joined.Type.Shape;
        if (node.Inputs.Count != 2 || joined.Type.DataType is not (DataType.F32 or DataType.U8 or DataType.I8) || (concat.Axis != -1 && concat.Axis != shape.Rank - 1) || node.Inputs[0]!.Type.Shape[-1] * 2 != shape[-1]) return null;
        if (OneReader(graph, joined) is not { Operator: Reshape } apart) return null;
        Value pairs = apart.Outputs[0];
        if (pairs.Type.Shape.Rank < 2 || graph.IsOutput(pairs)) return null;
        int half = shape[-1] / 2, rank = pairs.Type.Shape.Rank;

        // [2, half] turned, joined again, and whole or cut in halves.
        if (pairs.Type.Shape[-1] == half && pairs.Type.Shape[-2] == 2 && OneReader(graph, pairs) is { Operator: Transpose transpose } turned && SwapsLast(transpose.For(rank)))
        {
            if (OneReader(graph, turned.Outputs[0]) is not { Operator: Reshape } back || back.Outputs[0].Type.Shape != shape) return null;
            Value whole = back.Outputs[0];
            return half % 2 == 0 && Halves(graph, whole) is { } halves ? Replaced(node, 2, halves) : Replaced(node, 2, whole);
        }
        // [half, 2], of which each column is taken; columns of bytes are faster as slices.
        if (joined.Type.DataType == DataType.F32 && half % 2 == 0 && pairs.Type.Shape[-1] == 2 && pairs.Type.Shape[-2] == half && pairs.Consumers.Count == 2 && Column(pairs.Consumers[0]) is { } first && Column(pairs.Consumers[1]) == 1 - first)
            return Replaced(node, half, pairs.Consumers[first].Outputs[0], pairs.Consumers[1 - first].Outputs[0]);
        return null;
    }

    private static GraphPatch? Replaced(Node node, int groups, params ReadOnlySpan<Value> results)
    {
        var patch = new GraphPatch();
        Value[] made = patch.Add(node.Name, new ChannelShuffle { Groups = groups, Parts = results.Length }, [.. node.Inputs]);
        for (int i = 0; i < made.Length; i++)
        {
            if (made[i].Type != results[i].Type) return null;
            made[i].Name = results[i].Name;
            patch.Replace(results[i], made[i]);
        }
        return patch;
    }

    private static Node? OneReader(Graph graph, Value value) => value.Consumers.Count == 1 && !graph.IsOutput(value) ? value.Consumers[0] : null;

    private static bool SwapsLast(int[] permutation)
    {
        for (int i = 0; i < permutation.Length - 2; i++)
            if (permutation[i] != i) return false;
        return permutation[^1] == permutation.Length - 2 && permutation[^2] == permutation.Length - 1;
    }

    /// <summary>The two halves of a value's channels, if that is all that is read of it.</summary>
    private static Value[]? Halves(Graph graph, Value whole)
    {
        if (graph.IsOutput(whole) || whole.Type.Shape.Rank == 0) return null;
        int last = whole.Type.Shape.Rank - 1, channels = whole.Type.Shape[-1];
        if (OneReader(graph, whole) is { Operator: Split { Parts: 2 } split } cut && cut.Input(1) is null && (split.Axis == -1 || split.Axis == last) && (split.Sizes.Length == 0 || split.Sizes[0] * 2 == channels))
            return [cut.Outputs[0], cut.Outputs[1]];
        if (whole.Consumers.Count != 2 || Start(whole.Consumers[0]) is not { } first || Start(whole.Consumers[1]) is not { } second || first + second != channels / 2 || first == second) return null;
        return first == 0 ? [whole.Consumers[0].Outputs[0], whole.Consumers[1].Outputs[0]] : [whole.Consumers[1].Outputs[0], whole.Consumers[0].Outputs[0]];

        // Where the half begins that a node takes.
        long? Start(Node node)
        {
            if (node.Operator is not Slice { Starts: [long start], Ends: [long end], Axes: [long axis] } slice || node.Inputs.Skip(1).Any(v => v is not null)) return null;
            if ((axis != -1 && axis != last) || slice.Steps is not ([] or [1]) || node.Outputs[0].Type.Shape[-1] * 2 != channels) return null;
            return start >= 0 && end > start ? start : null;
        }
    }

    /// <summary>The column of pairs that a node takes.</summary>
    private static int? Column(Node node)
    {
        if (node.Operator is not Gather gather || node.Inputs[1] is not { Type.Shape.Rank: 0, Constant: { } index }) return null;
        if (gather.Axis != -1 && gather.Axis != node.Inputs[0]!.Type.Shape.Rank - 1) return null;
        return new Operand(index.Type, index.View).Integers() is [long column and (0 or 1)] ? (int)column : null;
    }
}
