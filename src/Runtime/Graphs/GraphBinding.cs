using EdgeRuntime.Diagnostics;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Graphs;

/// <summary>Fixes the shapes of a graph's inputs and carries them through: symbols get their sizes, shape arithmetic is folded away.</summary>
internal static class GraphBinding
{
    /// <summary>A copy of the graph for inputs of the given shapes; constants are shared with the original.</summary>
    /// <param name="graph">The graph; it is not changed.</param>
    /// <param name="inputShapes">A shape for each input, with unknown dimensions where they are to stay unknown.</param>
    /// <exception cref="EdgeException">A shape does not fit its input, or an operator refuses the shapes.</exception>
    public static Graph Bind(Graph graph, IReadOnlyList<Shape> inputShapes)
    {
        var builder = new GraphBuilder(graph.Name);
        foreach (string symbol in graph.Symbols) builder.Symbol(symbol);
        var map = new Dictionary<Value, Value>();
        int[] sizes = new int[graph.Symbols.Count];
        Array.Fill(sizes, Shape.Unknown);
        for (int i = 0; i < graph.Inputs.Count; i++)
        {
            Value input = graph.Inputs[i];
            if (!input.Type.Shape.Accepts(inputShapes[i]))
            {
                throw new EdgeException(ErrorCode.InputMismatch,
                    $"Input '{input.Name}' of '{graph.Name}' is {input.Type.Format(graph.Symbols)}; the shape {inputShapes[i]} does not fit.");
            }
            CheckSymbols(graph, sizes, i, inputShapes[i]);
            map[input] = builder.Input(input.Name, input.Type with { Shape = inputShapes[i] });
        }
        var budget = new FoldingBudget(graph.Constants.Sum(c => c.Type.ByteCount));
        foreach (Node node in graph.Nodes)
        {
            Value?[] operands = Array.ConvertAll(node.InputArray, v => v is null ? null : v.Constant is null ? map[v] : map.GetValueOrDefault(v, v.Copy()));
            for (int i = 0; i < operands.Length; i++)
                if (node.InputArray[i] is { Constant: not null } constant) map[constant] = operands[i]!;
            Node copy = GraphBuilder.Create(node.Name, node.Operator, operands);
            GraphPatch? folded = ConstantFolding.Fold(copy, keepGrowing: false, budget);
            if (folded is null) builder.Add(copy);
            for (int i = 0; i < node.Outputs.Count; i++)
            {
                Value result = folded?.Replacements[i].Replacement ?? copy.Outputs[i];
                result.Name = node.Outputs[i].Name;
                // Shape rules do not tell how integers stand for reals; the graph does.
                if (result.Constant is null) result.Type = result.Type with { Quantization = node.Outputs[i].Type.Quantization };
                map[node.Outputs[i]] = result;
            }
        }
        foreach (GraphOutput output in graph.Outputs)
            builder.Output(output.Name, output.Value.Constant is null ? map[output.Value] : output.Value.Copy());
        Graph bound = builder.Build();
        bound.RemoveDeadNodes();
        return bound;
    }

    /// <summary>A symbol has one size, wherever it stands.</summary>
    private static void CheckSymbols(Graph graph, int[] sizes, int index, in Shape shape)
    {
        Value input = graph.Inputs[index];
        for (int axis = 0; axis < input.Type.Shape.Rank; axis++)
        {
            int symbol = Shape.SymbolIndex(input.Type.Shape[axis]);
            if (symbol < 0 || symbol >= sizes.Length || shape[axis] < 0) continue;
            if (sizes[symbol] >= 0 && sizes[symbol] != shape[axis])
            {
                throw new EdgeException(ErrorCode.InputMismatch, $"Input '{input.Name}' of '{graph.Name}' is {input.Type.Format(graph.Symbols)}; " +
                    $"the shape {shape} does not fit: '{graph.Symbols[symbol]}' is {sizes[symbol]} in another input.");
            }
            sizes[symbol] = shape[axis];
        }
    }
}
