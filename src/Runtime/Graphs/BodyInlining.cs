using EdgeRuntime.Operators;

namespace EdgeRuntime.Graphs;

/// <summary>Puts the nodes of a body in place of the node that has it.</summary>
internal static class BodyInlining
{
    /// <summary>Adds a node.</summary>
    public delegate Value[] Adder(string name, Operator op, ReadOnlySpan<Value?> operands);

    /// <summary>Adds copies of a body's nodes; what its outputs are then.</summary>
    /// <param name="body">The body.</param>
    /// <param name="inputs">Values for its inputs.</param>
    /// <param name="add">Adds a node where they are to be.</param>
    public static Value[] Inline(GraphBody body, IReadOnlyList<Value> inputs, Adder add)
    {
        var map = new Dictionary<Value, Value>();
        for (int i = 0; i < body.Graph.Inputs.Count; i++) map[body.Graph.Inputs[i]] = inputs[i];
        foreach (Node node in body.Graph.Nodes)
        {
            Value[] results = add(node.Name, node.Operator, Array.ConvertAll(node.InputArray, v => v is null ? null : Result(v)));
            for (int i = 0; i < results.Length; i++)
            {
                if (results[i].Constant is null) results[i].Type = results[i].Type with { Quantization = node.Outputs[i].Type.Quantization };
                map[node.Outputs[i]] = results[i];
            }
        }
        return [.. body.Graph.Outputs.Select(o => Result(o.Value))];

        Value Result(Value original)
        {
            if (map.TryGetValue(original, out Value? value)) return value;
            return map[original] = original.Copy();
        }
    }
}
