using EdgeRuntime.Diagnostics;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Graphs;

/// <summary>
/// Fixes the shapes of a graph's inputs and carries them through: symbols get their sizes, shape arithmetic is folded away, and of a choice
/// whose condition is known then, only the branch that is taken stays.
/// </summary>
internal sealed class GraphBinding
{
    private readonly GraphBuilder builder;
    private readonly FoldingBudget budget;
    private readonly Graph graph;
    private readonly bool keepGrowing, withBodies;
    private readonly Func<Graph, Tensor[]>? compute;
    private readonly Dictionary<Value, Value> map = [];
    private readonly HashSet<Node> chained = [];

    private GraphBinding(Graph graph, FoldingBudget budget, bool keepGrowing, bool withBodies, Func<Graph, Tensor[]>? compute)
    {
        this.graph = graph;
        this.compute = compute;
        builder = new GraphBuilder(graph.Name);
        foreach (string symbol in graph.Symbols) builder.Symbol(symbol);
        this.budget = budget;
        this.keepGrowing = keepGrowing;
        this.withBodies = withBodies;
    }

    /// <summary>A copy of the graph for inputs of the given shapes; constants are shared with the original.</summary>
    /// <param name="graph">The graph; it is not changed.</param>
    /// <param name="inputShapes">A shape for each input, with unknown dimensions where they are to stay unknown.</param>
    /// <exception cref="EdgeException">A shape does not fit its input, or an operator refuses the shapes.</exception>
    public static Graph Bind(Graph graph, IReadOnlyList<Shape> inputShapes)
    {
        var operands = new Operand[graph.Inputs.Count];
        for (int i = 0; i < operands.Length; i++) operands[i] = new Operand(graph.Inputs[i].Type with { Shape = inputShapes[i] });
        return Bind(graph, operands);
    }

    /// <summary>A copy of the graph for the given inputs; one whose elements are known becomes a constant, and stays an input that nobody reads.</summary>
    /// <param name="graph">The graph; it is not changed.</param>
    /// <param name="inputs">An operand for each input.</param>
    /// <param name="budget">What folding may take; null for what suits the graph.</param>
    /// <param name="keepGrowing">True to leave nodes alone whose results are larger than their inputs, as is right for a file.</param>
    /// <param name="withBodies">True to do the same inside operators, once for all shapes that come later.</param>
    /// <param name="compute">Runs a graph without inputs faster than by definitions, for what is folded of weights; or null.</param>
    /// <exception cref="EdgeException">A shape does not fit its input, or an operator refuses the shapes.</exception>
    public static Graph Bind(Graph graph, ReadOnlySpan<Operand> inputs, FoldingBudget? budget = null, bool keepGrowing = false, bool withBodies = false, Func<Graph, Tensor[]>? compute = null)
    {
        if (inputs.Length != graph.Inputs.Count)
            throw new EdgeException(ErrorCode.InputMismatch, $"'{graph.Name}' has {graph.Inputs.Count} inputs, {inputs.Length} were given.");
        var binding = new GraphBinding(graph, budget ?? new FoldingBudget(ConstantBytes(graph)), keepGrowing, withBodies, compute);
        binding.Declare(graph, inputs);
        binding.Add(graph.Nodes, "");
        foreach (GraphOutput output in graph.Outputs) binding.builder.Output(output.Name, binding.Result(output.Value));
        Graph bound = binding.builder.Build(isInferred: true);
        bound.RemoveDeadNodes();
        return bound;
    }

    private void Declare(Graph graph, ReadOnlySpan<Operand> inputs)
    {
        int[] sizes = new int[graph.Symbols.Count];
        Array.Fill(sizes, Shape.Unknown);
        for (int i = 0; i < inputs.Length; i++)
        {
            Value input = graph.Inputs[i];
            Operand given = inputs[i];
            if (!input.Type.Shape.Accepts(given.Shape) || input.Type.DataType != given.DataType)
            {
                throw new EdgeException(ErrorCode.InputMismatch,
                    $"Input '{input.Name}' of '{graph.Name}' is {input.Type.Format(graph.Symbols)}; {(input.Type.DataType == given.DataType ? $"the shape {given.Shape}" : given.Type)} does not fit.");
            }
            CheckSymbols(graph, sizes, i, given.Shape);
            // What integers stand for is known of the value that a body is given, or of the graph's own input.
            Value declared = builder.Input(input.Name, new TensorType(given.DataType, given.Shape, given.Type.Quantization ?? input.Type.Quantization));
            map[input] = given.Value is { } value ? builder.Constant(input.Name, value.ToTensor()) : declared;
        }
    }

    private void Add(IReadOnlyList<Node> nodes, string prefix)
    {
        foreach (Node node in nodes)
        {
            if (chained.Contains(node)) continue;
            Value?[] operands = Array.ConvertAll(node.InputArray, v => v is null ? null : Result(v));
            if (node.Operator is If choice && operands[0]?.Constant is { } condition)
            {
                Inline(node, choice, condition, operands, prefix);
                continue;
            }
            if (compute is not null && FoldChain(node, operands, prefix)) continue;
            Operator op = withBodies && node.Operator.Bodies.Count > 0 ? WithBoundBodies(node.Operator, operands) : node.Operator;
            Node copy = GraphBuilder.Create(prefix + node.Name, op, operands);
            GraphPatch? folded = ConstantFolding.Fold(copy, keepGrowing, budget);
            if (folded is null) builder.Add(copy);
            for (int i = 0; i < node.Outputs.Count; i++)
            {
                Value result = folded?.Replacements[i].Replacement ?? copy.Outputs[i];
                result.Name = prefix + node.Outputs[i].Name;
                // Shape rules do not tell how integers stand for reals; the graph does.
                if (result.Constant is null) result.Type = result.Type with { Quantization = node.Outputs[i].Type.Quantization };
                map[node.Outputs[i]] = result;
            }
        }
    }

    /// <summary>Folds what begins with a node that reads constants alone; false when it is left to others.</summary>
    private bool FoldChain(Node node, Value?[] operands, string prefix)
    {
        if (keepGrowing || prefix.Length > 0 || Array.Exists(operands, v => v?.Constant is null)) return false;
        List<Node> chain = ConstantChain.From(node, graph);
        if (chain.Count == 0 || !chain.TrueForAll(n => ConstantFolding.IsAffordable(n, budget))) return false;
        Node last = chain[^1];
        map[last.Outputs[0]] = builder.Constant(last.Outputs[0].Name, compute!(ConstantChain.Cut(chain, operands))[0]);
        chained.UnionWith(chain);
        return true;
    }

    private void Inline(Node node, If choice, Tensor condition, Value?[] operands, string prefix)
    {
        Graph branch = ((GraphBody)choice.Taken(condition.View)).Graph;
        for (int i = 0; i < branch.Inputs.Count; i++) map[branch.Inputs[i]] = operands[i + 1]!;
        Add(branch.Nodes, $"{prefix}{node.Name}/");
        for (int i = 0; i < node.Outputs.Count; i++) map[node.Outputs[i]] = Result(branch.Outputs[i].Value);
    }

    private Operator WithBoundBodies(Operator op, Value?[] operands)
    {
        Operand[] inputs = Node.Operands(operands);
        return BodyExchange.Copy(op, op.Bodies.Select((body, i) =>
        {
            try
            {
                return new GraphBody(Bind(((GraphBody)body).Graph, op.BodyInputs(i, inputs), budget, keepGrowing, withBodies: true, compute));
            }
            catch (EdgeException) when (op is If)
            {
                // A branch that was made for other shapes says so when it is taken.
                return body;
            }
        }));
    }

    private static long ConstantBytes(Graph graph) =>
        graph.Constants.Sum(c => c.Type.ByteCount) + graph.Nodes.SelectMany(n => n.Operator.Bodies).Sum(b => ConstantBytes(((GraphBody)b).Graph));

    /// <summary>What a value of the original is in the copy. A constant is copied once, so that it stays one.</summary>
    private Value Result(Value original)
    {
        if (map.TryGetValue(original, out Value? value)) return value;
        return map[original] = original.Copy();
    }

    /// <summary>A symbol has one size, wherever it stands.</summary>
    private static void CheckSymbols(Graph graph, int[] sizes, int index, in Shape shape)
    {
        Value input = graph.Inputs[index];
        if (shape.IsUnranked) return;
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
