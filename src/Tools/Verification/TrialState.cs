using EdgeRuntime.Graphs;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Zoo;

namespace EdgeRuntime.Tools.Verification;

/// <summary>
/// Which outputs of a model are its state, and come back as inputs of the next step. What the zoo does not say is guessed: an output called present for an input
/// called past, else for each input but the first one an output of the same type, in order.
/// </summary>
internal static class TrialState
{
    /// <summary>For each input the name of the output that is fed back to it, or null.</summary>
    /// <param name="graph">The model.</param>
    /// <param name="facts">What is known of it.</param>
    /// <param name="outputs">What a first run returned.</param>
    /// <param name="inputs">What it was run with.</param>
    public static string?[] Pairs(Graph graph, TrialFacts? facts, IReadOnlyDictionary<string, Tensor> outputs, Tensor[] inputs)
    {
        var pairs = new string?[inputs.Length];
        var free = graph.Outputs.Select(o => o.Name).Where(outputs.ContainsKey).ToList();
        for (int i = 0; i < pairs.Length; i++)
        {
            string name = graph.Inputs[i].Name;
            pairs[i] = facts is { State.Count: > 0 } ? Said(facts, name) : Guess(name, i, inputs[i].Type, outputs, free);
            if (pairs[i] is { } taken) free.Remove(taken);
        }
        return pairs;
    }

    /// <summary>The inputs of the next step: state that came out goes in again, the rest is new. An empty output leaves the state as it was, for models with a cache have branches that do not touch it.</summary>
    public static void Feed(string?[] pairs, Tensor[] before, IReadOnlyDictionary<string, Tensor> outputs, Tensor[] next)
    {
        for (int i = 0; i < pairs.Length; i++)
            if (pairs[i] is { } name) next[i] = outputs[name].Shape.Count > 0 ? outputs[name] : before[i];
    }

    /// <summary>The shapes of the next step: those of state follow it, and a mask over all that was seen grows with it.</summary>
    public static Shape[] Next(Graph graph, string?[] pairs, Shape[] shapes, Tensor[] before, IReadOnlyDictionary<string, Tensor> outputs)
    {
        var next = (Shape[])shapes.Clone();
        var grown = new Dictionary<int, int>();
        for (int i = 0; i < pairs.Length; i++)
        {
            if (pairs[i] is not { } name || outputs[name].Shape is not { Count: > 0 } shape) continue;
            Shape declared = graph.Inputs[i].Type.Shape;
            for (int axis = 0; axis < Math.Min(declared.Rank, shape.Rank); axis++)
                if (Shape.SymbolIndex(declared[axis]) >= 0 && before[i].Shape[axis] < shape[axis]) grown[axis] = shape[axis] - before[i].Shape[axis];
            next[i] = shape;
        }
        if (grown.Count == 0) return next;
        int by = grown.Values.Max();
        for (int i = 0; i < next.Length; i++)
        {
            if (pairs[i] is not null || graph.Inputs[i].Type.Shape is not { Rank: > 0 } declared) continue;
            int symbol = Shape.SymbolIndex(declared[-1]);
            bool total = symbol >= 0 && symbol < graph.Symbols.Count && graph.Symbols[symbol].Contains("total", StringComparison.OrdinalIgnoreCase);
            if (!total) continue;
            int[] sizes = next[i].Span.ToArray();
            sizes[^1] += by;
            next[i] = new Shape(sizes);
        }
        return next;
    }

    private static string? Said(TrialFacts facts, string input)
    {
        foreach ((string pattern, string output) in facts.State)
            if (TrialFacts.Match(pattern, input) is { } text) return output.Replace("*", text, StringComparison.Ordinal);
        return null;
    }

    private static string? Guess(string input, int index, TensorType type, IReadOnlyDictionary<string, Tensor> outputs, List<string> free)
    {
        if (index == 0 || !type.DataType.IsFloat()) return null;
        string present = input.Replace("past", "present", StringComparison.Ordinal);
        if (present != input && free.Contains(present)) return present;
        return type.Shape.Rank < 2 || type.Shape.Count == 0 ? null : free.Find(name => outputs[name].Type.DataType == type.DataType && outputs[name].Shape == type.Shape);
    }
}
