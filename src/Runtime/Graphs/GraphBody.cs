using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Graphs;

/// <summary>A graph inside an operator. Its symbols are those of the graph around it.</summary>
public sealed class GraphBody : Body
{
    /// <summary>Loops ask for several shapes of what they carry each time they are asked for theirs.</summary>
    private const int MostKept = 4;

    private volatile Inference[] kept = [];

    internal GraphBody(Graph graph) => Graph = graph;

    /// <summary>What is computed.</summary>
    public Graph Graph { get; }

    /// <inheritdoc/>
    public override string Name => Graph.Name;

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Inputs => [.. Graph.Inputs.Select(i => i.Type)];

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Outputs => [.. Graph.Outputs.Select(o => o.Value.Type)];

    /// <inheritdoc/>
    public override Operand[] Infer(ReadOnlySpan<Operand> inputs) => Find(inputs).Outputs;

    /// <inheritdoc/>
    public override Cost Cost(ReadOnlySpan<TensorType> inputs)
    {
        var operands = new Operand[inputs.Length];
        for (int i = 0; i < operands.Length; i++) operands[i] = new Operand(inputs[i]);
        return Find(operands).Cost;
    }

    /// <inheritdoc/>
    public override Tensor[] Run(ReadOnlySpan<TensorView> inputs) => GraphInterpreter.Run(Graph, inputs);

    private Inference Find(ReadOnlySpan<Operand> inputs)
    {
        // Verifiers and planners ask for the same over and over, and each answer asks the bodies inside.
        foreach (Inference known in kept)
            if (known.IsFor(inputs)) return known;
        Graph bound = GraphBinding.Bind(Graph, inputs, FoldingBudget.ForShapes());
        var outputs = new Operand[bound.Outputs.Count];
        for (int i = 0; i < outputs.Length; i++) outputs[i] = new Operand(bound.Outputs[i].Value.Type, bound.Outputs[i].Value.Constant?.View);
        Cost cost = default;
        if (bound.IsStatic)
            foreach (Node node in bound.Nodes) cost += node.Operator.Cost(node.InputTypes(), [.. node.Outputs.Select(o => o.Type)]);
        var inference = new Inference(inputs.ToArray(), outputs, cost);
        kept = [inference, .. kept.Take(MostKept - 1)];
        return inference;
    }

    private sealed record Inference(Operand[] Inputs, Operand[] Outputs, Cost Cost)
    {
        public bool IsFor(ReadOnlySpan<Operand> inputs)
        {
            if (inputs.Length != Inputs.Length) return false;
            for (int i = 0; i < inputs.Length; i++)
                if (!inputs[i].IsSame(Inputs[i])) return false;
            return true;
        }
    }
}
