using EdgeRuntime.Diagnostics;
using EdgeRuntime.Graphs;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Zoo;

namespace EdgeRuntime.Tools.Verification;

/// <summary>Inputs for a model when nobody has better ones: the same for the same seed.</summary>
internal static class RandomInput
{
    /// <summary>A tensor for each input, with elements that the model can make sense of as far as that is known; see <see cref="TrialInputs"/>.</summary>
    /// <param name="graph">The model.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="trial">What is known of its inputs, which also gives open shapes a size; null for nothing.</param>
    /// <exception cref="EdgeException">A shape is open, or a type cannot be made up.</exception>
    public static Tensor[] For(Graph graph, int seed, TrialCase? trial = null)
    {
        trial ??= new TrialCase();
        return new TrialInputs(graph, trial).Make([.. graph.Inputs.Select(input => ShapeOf(graph, input, trial))], seed, 0);
    }

    private static Shape ShapeOf(Graph graph, Value input, TrialCase trial)
    {
        if (input.Type.DataType == DataType.Sequence)
            throw new EdgeException(ErrorCode.BadUsage, $"Input '{input.Name}' of '{graph.Name}' is a sequence or optional value; none can be made up.", "Compare on given inputs: verify --onnx-tests takes folders that hold some.");
        if (input.Type.Shape.IsStatic) return input.Type.Shape;
        if (TrialFacts.Find(trial.Shapes, input.Name) is { } given) return new Shape(given);
        throw new EdgeException(ErrorCode.BadUsage, $"Input '{input.Name}' of '{graph.Name}' is {input.Type.Format(graph.Symbols)}: its shape is open.",
            $"Fix it with --input {input.Name}={Template(input.Type.Shape, graph.Symbols)}{(input.Type.Shape.IsUnranked ? "" : ", numbers in place of the words")}.");
    }

    /// <summary>The shape as --input takes it; what is not known is in capitals, and a batch of one is as good as any.</summary>
    private static string Template(in Shape shape, IReadOnlyList<string> symbols)
    {
        if (shape.IsUnranked) return "1x3x320x320";
        var parts = new string[shape.Rank];
        for (int i = 0; i < parts.Length; i++)
        {
            int symbol = Shape.SymbolIndex(shape[i]);
            parts[i] = shape[i] >= 0 ? $"{shape[i]}" : i == 0 ? "1" : symbol >= 0 && symbol < symbols.Count ? symbols[symbol].ToUpperInvariant() : "N";
        }
        return string.Join('x', parts);
    }
}
