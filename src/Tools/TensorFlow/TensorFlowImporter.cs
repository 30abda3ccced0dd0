using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Conversion;

namespace EdgeRuntime.Tools.TensorFlow;

/// <summary>
/// TensorFlow.js graph model to graph. Begins at the outputs and follows what they read, so what only training needed is left out. Goes on after a
/// problem, leaving out what depends on it, so that one error names everything that stands in the way.
/// </summary>
internal sealed class TensorFlowImporter
{
    /// <summary>Loops are unrolled: few nodes of the file can stand for more than memory holds.</summary>
    private const int MostNodes = 200_000;

    private readonly TensorFlowModel model;
    private readonly GraphBuilder builder;
    private readonly FoldingBudget budget;
    private readonly TensorFlowLoops loops;
    private readonly ImportProblems problems = new(ErrorCode.UnsupportedTensorFlow,
        "Export the model without these operators, for example with the parts before and behind the network left out.");

    private readonly Dictionary<(string Node, LoopTurn? Turn), TensorFlowResult[]> results = [];

    private TensorFlowImporter(TensorFlowModel model)
    {
        this.model = model;
        builder = new GraphBuilder(model.Name);
        budget = new FoldingBudget(model.Weights.ByteCount);
        loops = new TensorFlowLoops(model.Nodes, (node, turn) => results.GetValueOrDefault(Key(node, turn)));
    }

    /// <summary>The elements of the model's constants.</summary>
    internal WeightStore Weights => model.Weights;

    /// <summary>Imports a model.</summary>
    /// <param name="model">The model as read.</param>
    /// <param name="inputShapes">Shapes that fix those of the named inputs.</param>
    /// <exception cref="EdgeException">It uses what cannot be imported; the message lists it all.</exception>
    public static EdgeModel Import(TensorFlowModel model, IReadOnlyDictionary<string, Shape> inputShapes)
    {
        var importer = new TensorFlowImporter(model);
        importer.ImportModel(inputShapes);
        importer.problems.Throw(model.Name);
        Graph graph = importer.builder.Build();
        graph.RemoveDeadNodes();
        return new EdgeModel(graph, new ModelMetadata { Name = model.Name, SourceSha256 = model.Sha256, SourceProperties = model.Properties });
    }

    private void ImportModel(IReadOnlyDictionary<string, Shape> inputShapes)
    {
        IReadOnlyList<SignaturePort> outputs = model.Outputs.Count > 0 ? model.Outputs : UnreadOutputs();
        if (outputs.Count == 0) problems.Add("the model has no outputs");
        foreach ((string node, Value? value) in new TensorFlowInputs(model, builder, problems).Import(Reachable(outputs), inputShapes))
            results[(node, null)] = value is null ? [] : [value];
        foreach (SignaturePort output in outputs)
        {
            if (!model.Nodes.ContainsKey(output.Source.Node))
            {
                problems.Add($"nothing computes the model's output '{output.Name}'");
                continue;
            }
            Resolve(output.Source.Node);
            TensorFlowResult[] found = results[Key(output.Source.Node, null)];
            if (TensorFlowLoops.Output(found, output.Source).Value is { } value) builder.Output(output.Name, value);
            else if (found.Length > 0 && !found.All(r => r.IsMissing)) problems.Add($"the model's output '{output.Name}' is no tensor");
        }
    }

    /// <summary>Without a signature, what nobody reads is an output.</summary>
    private List<SignaturePort> UnreadOutputs()
    {
        HashSet<string> read = [.. model.Nodes.Values.SelectMany(n => n.Inputs).Select(i => i.Node)];
        return [.. model.Nodes.Values.Where(n => !read.Contains(n.Name) && n.Operator is not ("NoOp" or "Const" or "Placeholder" or "Assert"))
            .Select(n => new SignaturePort(n.Name, new NodeReference(n.Name, 0), Shape.Unranked))];
    }

    private HashSet<string> Reachable(IEnumerable<SignaturePort> outputs)
    {
        var reachable = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>(outputs.Select(o => o.Source.Node));
        while (open.TryPop(out string? name))
        {
            if (!reachable.Add(name) || !model.Nodes.TryGetValue(name, out NodeDefinition? node)) continue;
            foreach (NodeReference input in node.Inputs) open.Push(input.Node);
        }
        return reachable;
    }

    /// <summary>Imports a node and all it depends on, the deepest first. A stack of our own: models are deeper than a thread's.</summary>
    private void Resolve(string target)
    {
        var open = new Stack<(string Node, LoopTurn? Turn)>();
        var waiting = new HashSet<(string, LoopTurn?)>();
        Push(Key(target, null));
        while (open.TryPeek(out (string Node, LoopTurn? Turn) key))
        {
            if (!results.ContainsKey(key))
            {
                if (!model.Nodes.TryGetValue(key.Node, out NodeDefinition? node)) results[key] = [];
                else if (Evaluate(node, key.Turn, out (string Node, LoopTurn? Turn) need) is { } outputs) results[key] = outputs;
                else
                {
                    Push(Key(need.Node, need.Turn));
                    continue;
                }
            }
            open.Pop();
            waiting.Remove(key);
        }

        void Push((string Node, LoopTurn? Turn) key)
        {
            if (waiting.Add(key))
            {
                open.Push(key);
                return;
            }
            problems.Add($"node '{key.Node}' depends on itself");
            results[key] = [];
        }
    }

    /// <summary>The outputs of a node, or null and the node that must come first.</summary>
    private TensorFlowResult[]? Evaluate(NodeDefinition node, LoopTurn? turn, out (string Node, LoopTurn? Turn) need)
    {
        try
        {
            if (results.Count > MostNodes) throw new EdgeException(ErrorCode.UnsupportedTensorFlow, $"the model has more than {MostNodes:N0} nodes, its loops unrolled");
            if (TensorFlowLoops.Operators.Contains(node.Operator)) return loops.Evaluate(node, turn, out need);
        }
        catch (EdgeException e)
        {
            problems.Add(node.Name, node.Operator, e.Problem);
            need = default;
            return [];
        }
        foreach (NodeReference input in node.Inputs)
        {
            need = Key(input.Node, turn);
            if (results.ContainsKey(need)) continue;
            if (model.Nodes.ContainsKey(input.Node)) return null;
            problems.Add(node.Name, node.Operator, $"it reads '{input.Node}', which is not in the model");
            results[need] = [];
        }
        need = default;
        return ImportNode(node, turn);
    }

    private TensorFlowResult[] ImportNode(NodeDefinition definition, LoopTurn? turn)
    {
        if (TensorFlowOperators.Find(definition.Operator) is not { } import)
        {
            problems.AddUnsupported(definition.Operator, definition.Name);
            return [];
        }
        TensorFlowResult[] inputs = [.. definition.Inputs.Select(i => TensorFlowLoops.Output(results[Key(i.Node, turn)], i))];
        // Why an input could not be imported was said where it arose.
        if (Array.Exists(inputs, i => i.IsDead)) return [TensorFlowResult.Dead];
        if (Array.Exists(inputs, i => i.IsMissing)) return Missing(definition, turn, inputs);

        string name = $"{definition.Name}{turn}";
        var node = new TensorFlowNode(this, name, definition, inputs);
        try
        {
            TensorFlowResult[] outputs = import(node);
            for (int i = 0; i < outputs.Length; i++)
                if (outputs[i].Value is { } value && node.Created.Contains(value)) value.Name = i == 0 ? name : $"{name}:{i}";
            foreach (string problem in node.Attributes.Problems) problems.Add(name, definition.Operator, problem);
            return node.Attributes.Problems.Count == 0 ? outputs : [];
        }
        catch (EdgeException e)
        {
            foreach (string problem in node.Attributes.Problems) problems.Add(name, definition.Operator, problem);
            // The graph's own errors name our node, which is this one.
            problems.Add(name, definition.Operator, (e.InnerException as EdgeException ?? e).Problem);
            return [];
        }
        catch (Exception e) when (e is OverflowException or ArgumentException or IndexOutOfRangeException or DivideByZeroException)
        {
            problems.Add(name, definition.Operator, $"its inputs or attributes make no sense: {e.Message}");
            return [];
        }
    }

    /// <summary>Nothing, for want of an input; an output that a node was imported without is named here.</summary>
    private TensorFlowResult[] Missing(NodeDefinition definition, LoopTurn? turn, TensorFlowResult[] inputs)
    {
        for (int i = 0; i < inputs.Length; i++)
        {
            NodeReference input = definition.Inputs[i];
            if (inputs[i].IsMissing && results[Key(input.Node, turn)] is { Length: > 0 } others && input.Output >= others.Length)
                problems.Add(definition.Name, definition.Operator, $"it reads output {input.Output} of '{input.Node}', which is not supported");
        }
        return [];
    }

    /// <summary>Adds a node, or its results when they are known already.</summary>
    internal Value[] Emit(string name, Operator op, ReadOnlySpan<Value?> operands)
    {
        Node node = GraphBuilder.Create(name, op, operands);
        if (ConstantFolding.Fold(node, keepGrowing: true, budget) is { } folded) return [.. folded.Replacements.Select(r => r.Replacement)];
        builder.Add(node);
        return [.. node.Outputs];
    }

    /// <summary>Constants and inputs are the same in every turn of a loop.</summary>
    private (string Node, LoopTurn? Turn) Key(string node, LoopTurn? turn) =>
        (node, model.Nodes.TryGetValue(node, out NodeDefinition? definition) && definition.Operator is "Const" or "Placeholder" ? null : turn);
}
