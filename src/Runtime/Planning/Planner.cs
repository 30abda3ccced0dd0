using EdgeRuntime.Diagnostics;
using EdgeRuntime.Graphs;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Planning;

/// <summary>Turns a graph of known shapes into a plan.</summary>
internal static class Planner
{
    /// <summary>Makes a plan.</summary>
    /// <exception cref="EdgeException">A shape is not known, or the arena would be too large (<see cref="ErrorCode.CannotPlan"/>).</exception>
    public static ExecutionPlan Plan(Graph graph)
    {
        if (!graph.IsStatic)
        {
            Value open = graph.Inputs.Concat(graph.Nodes.SelectMany(n => n.Outputs)).First(v => !v.Type.Shape.IsStatic);
            throw new EdgeException(ErrorCode.CannotPlan, $"'{open.Name}' has the shape {open.Type.Shape.Format(graph.Symbols)}, which is not known ahead.",
                "Fix the input shapes, for example with --input name=1x3x320x320 when converting.");
        }
        var slotOf = new Dictionary<Value, int>();
        var values = new List<Value>();
        var storageOf = new List<int>();
        foreach (Value input in graph.Inputs) AddSlot(input);

        var steps = new List<PlanStep>();
        foreach (Node node in graph.Nodes)
        {
            foreach (Value? input in node.Inputs)
            {
                if (input is null) continue;
                if (input.Constant is not null && !slotOf.ContainsKey(input)) AddSlot(input);
            }
            if (node.Operator.IsView)
            {
                int storage = storageOf[slotOf[node.Inputs[0]!]];
                AddSlot(node.Outputs[0]);
                storageOf[^1] = storage;
                continue;
            }
            foreach (Value output in node.Outputs) AddSlot(output);
            TensorType[] inputTypes = [.. node.Inputs.Select(v => v?.Type ?? default)];
            TensorType[] outputTypes = [.. node.Outputs.Select(v => v.Type)];
            steps.Add(new PlanStep(node.Name, node.Operator, [.. node.Inputs.Select(v => v is null ? -1 : slotOf[v])],
                [.. node.Outputs.Select(v => slotOf[v])], node.Operator.Cost(inputTypes, outputTypes)));
        }
        foreach (GraphOutput output in graph.Outputs)
            if (!slotOf.ContainsKey(output.Value)) AddSlot(output.Value);

        var slots = new PlanSlot[values.Count];
        for (int i = 0; i < slots.Length; i++)
        {
            Tensor? constant = values[storageOf[i]].Constant;
            slots[i] = new PlanSlot(values[i].Name, values[i].Type, constant is null ? SlotKind.Arena : SlotKind.Constant, 0, constant, storageOf[i]);
        }
        return PlanLayout.Place(graph.Name, slots, [.. steps], [.. graph.Inputs.Select(v => new PlanPort(v.Name, slotOf[v]))],
            [.. graph.Outputs.Select(o => new PlanPort(o.Name, slotOf[o.Value]))]);

        void AddSlot(Value value)
        {
            if (value.Type.ByteCount > int.MaxValue)
                throw new EdgeException(ErrorCode.CannotPlan, $"'{value.Name}' {value.Type} has more than 2^31 bytes, which is not supported.", "Use smaller inputs.");
            slotOf[value] = values.Count;
            storageOf.Add(values.Count);
            values.Add(value);
        }
    }
}
