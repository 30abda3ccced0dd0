using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Graphs;

/// <summary>
/// Replaces nodes whose inputs are all constant by their results. The converter runs it, and the planner again: shapes that were
/// symbolic in the file are fixed then, and weights kept as fp16 are widened.
/// </summary>
internal static class ConstantFolding
{
    /// <summary>A result larger than this many bytes, and larger than the inputs, stays a node: a file should not grow by an Expand.</summary>
    private const long LargestGrowth = 64 * 1024;

    /// <summary>A node that takes more arithmetic than this stays a node: folding runs the slow definition, and a model may ask for anything.</summary>
    private const long MostOperations = 1L << 29;

    /// <summary>The patch that folds a node, or null when it cannot be folded.</summary>
    /// <param name="node">The node.</param>
    /// <param name="keepGrowing">True to leave nodes alone whose results are larger than their inputs.</param>
    /// <param name="budget">What all folding of the graph may take together, or null.</param>
    public static GraphPatch? Fold(Node node, bool keepGrowing, FoldingBudget? budget = null)
    {
        // What a body costs is known by running it only.
        if (node.Operator.Bodies.Count > 0) return null;
        bool readsShapes = node.Operator.ReadsOnlyShapes, shapesOnly = readsShapes;
        foreach (Value? input in node.InputArray)
        {
            if (input is null) continue;
            if (!readsShapes && input.Constant is null) return null;
            shapesOnly &= input.Type.Shape.IsStatic;
        }
        if (!shapesOnly && !Array.TrueForAll(node.InputArray, v => v is null || v.Constant is not null)) return null;
        if (!node.Outputs.All(v => v.Type.Shape.IsStatic)) return null;
        long before = node.Inputs.Sum(v => v?.Type.ByteCount ?? 0), after = node.Outputs.Sum(v => v.Type.ByteCount);
        if (keepGrowing && after > before && after > LargestGrowth) return null;

        if (!IsAffordable(node, budget, shapesOnly)) return null;

        Tensor[] results = GraphInterpreter.Execute(node, Array.ConvertAll(node.InputArray, View));
        var patch = new GraphPatch();
        for (int i = 0; i < results.Length; i++) patch.Replace(node.Outputs[i], patch.Constant(node.Outputs[i].Name, results[i]));
        return patch;
    }

    /// <summary>True when a node takes no more than folding may, which is taken from the budget then.</summary>
    public static bool IsAffordable(Node node, FoldingBudget? budget, bool readsShapes = false)
    {
        Cost cost = node.Operator.Cost(Types(node.Inputs), Types(node.Outputs));
        long after = node.Outputs.Sum(v => v.Type.ByteCount);
        return cost.Operations is >= 0 and <= MostOperations && (budget is null || budget.Take(after, readsShapes ? after : cost.Operations + cost.Bytes));
    }

    private static TensorType[] Types(IEnumerable<Value?> values) => [.. values.Select(v => v?.Type ?? default)];

    /// <summary>The elements of a constant; for operators that read shapes only, a view whose elements nobody touches.</summary>
    private static TensorView View(Value? value) =>
        value is null ? default : value.Constant?.View ?? TensorView.WithoutElements(value.Type);
}
