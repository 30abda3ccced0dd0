using EdgeRuntime.Diagnostics;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tests.RandomGraphs;

/// <summary>Makes a graph that fails smaller for as long as it goes on failing: first fewer outputs and nodes, whose results are fed instead, then shorter axes.</summary>
/// <param name="fails">What is wrong with a graph and its inputs; null where nothing is.</param>
internal sealed class GraphShrinker(Func<Graph, Tensor[], string?> fails)
{
    /// <summary>A graph with its inputs, and what is wrong with it.</summary>
    public sealed record Failure(Graph Graph, Tensor[] Feed, string Problem);

    /// <summary>The smallest that was found.</summary>
    public Failure Shrink(Failure failure)
    {
        while (Candidates(failure).Select(Try).FirstOrDefault(f => f is not null) is { } smaller) failure = smaller;
        return failure;
    }

    /// <summary>The part of a graph that <paramref name="nodes"/> are, fed with what the others compute by definition; null where it is nothing.</summary>
    public static (Graph Graph, Tensor[] Feed)? Part(Graph graph, Tensor[] feed, IReadOnlySet<Node> nodes)
    {
        Node[] kept = [.. graph.Nodes.Where(nodes.Contains)];
        Value[] read = [.. kept.SelectMany(n => n.Inputs).OfType<Value>().Where(v => v.Constant is null && (v.Producer is null || !nodes.Contains(v.Producer))).Distinct()];
        Value[] returned = [.. kept.SelectMany(n => n.Outputs).Where(v => graph.IsOutput(v) || v.Consumers.Any(c => !nodes.Contains(c)))];
        if (returned.Length == 0 || read.Length == 0) return null;
        Dictionary<Value, Tensor> values = Values(graph, feed);
        return (GraphCutter.Cut(graph, kept, read, returned), [.. read.Select(v => values[v].Clone())]);
    }

    private static IEnumerable<Func<(Graph, Tensor[])?>> Candidates(Failure failure)
    {
        Graph graph = failure.Graph;
        if (graph.Outputs.Count > 1)
            foreach (GraphOutput output in graph.Outputs) yield return () => Returning(graph, failure.Feed, output.Value);
        foreach (Node node in graph.Nodes) yield return () => Part(graph, failure.Feed, graph.Nodes.Where(n => n != node).ToHashSet());
        if (graph.Nodes.Count > 1) yield break;
        Node only = graph.Nodes[0];
        foreach (int size in only.Inputs.OfType<Value>().SelectMany(v => v.Type.Shape.Span.ToArray()).Where(s => s > 1).Distinct().Order().Reverse())
            foreach (int shorter in (int[])[1, size / 2, size - 1])
                foreach ((int Input, int Axis)[] axes in Choices(only, size)) yield return () => Shorter(graph, failure.Feed, axes, shorter);
    }

    /// <summary>Tries a candidate; null where it is no graph, or does not fail.</summary>
    private Failure? Try(Func<(Graph, Tensor[])?> make)
    {
        try
        {
            return make() is ({ } graph, { } feed) && fails(graph, feed) is { } problem ? new Failure(graph, feed, problem) : null;
        }
        catch (EdgeException e) when (e.Code is ErrorCode.InvalidOperands or ErrorCode.InvalidShape or ErrorCode.InvalidGraph)
        {
            return null;
        }
    }

    private static (Graph, Tensor[])? Returning(Graph graph, Tensor[] feed, Value output)
    {
        HashSet<Node> needed = [];
        Collect(output);
        Value[] inputs = [.. graph.Inputs.Where(i => i.Consumers.Any(needed.Contains))];
        return inputs.Length == 0 ? null : (GraphCutter.Cut(graph, graph.Nodes.Where(needed.Contains), inputs, [output]), [.. inputs.Select(i => feed[graph.Inputs.ToList().IndexOf(i)])]);

        void Collect(Value value)
        {
            if (value.Producer is not { } producer || !needed.Add(producer)) return;
            foreach (Value? input in producer.Inputs)
                if (input is not null) Collect(input);
        }
    }

    private static Dictionary<Value, Tensor> Values(Graph graph, Tensor[] feed)
    {
        var values = new Dictionary<Value, Tensor>();
        for (int i = 0; i < feed.Length; i++) values[graph.Inputs[i]] = feed[i];
        GraphInterpreter.Run(graph, Array.ConvertAll(feed, t => t.View), (value, tensor) => values[value] = tensor.Clone());
        return values;
    }

    /// <summary>Which axes of that size may be shortened together: all that have it, and each subset of the first few.</summary>
    private static IEnumerable<(int Input, int Axis)[]> Choices(Node node, int size)
    {
        var all = new List<(int, int)>();
        for (int i = 0; i < node.Inputs.Count; i++)
            for (int axis = 0; axis < (node.Inputs[i]?.Type.Shape.Rank ?? 0); axis++)
                if (node.Inputs[i]!.Type.Shape[axis] == size) all.Add((i, axis));
        for (int set = 1; set < 1 << Math.Min(all.Count, 5); set++) yield return [.. all.Where((_, i) => i < 5 && (set >> i & 1) != 0)];
        if (all.Count > 5) yield return [.. all];
    }

    private static (Graph, Tensor[]) Shorter(Graph graph, Tensor[] feed, (int Input, int Axis)[] axes, int size)
    {
        Node node = graph.Nodes[0];
        Operator op = node.Operator;
        if (op is Conv { Groups: > 1 } conv)
        {
            op = new Conv { Window = conv.Window, Groups = axes.Any(a => a.Input == 0 && a.Axis == node.Inputs[0]!.Type.Shape.Rank - 1) ? size : conv.Groups, Activation = conv.Activation, Result = conv.Result };
        }
        var builder = new GraphBuilder(graph.Name);
        var fed = new List<Tensor>();
        var seen = new Dictionary<Value, Value>();
        Value?[] operands = new Value?[node.Inputs.Count];
        for (int i = 0; i < operands.Length; i++)
        {
            if (node.Inputs[i] is not { } input) continue;
            if (seen.TryGetValue(input, out operands[i])) continue;
            Tensor tensor = input.Constant ?? feed[graph.Inputs.ToList().IndexOf(input)];
            foreach ((_, int axis) in axes.Where(a => a.Input == i)) tensor = Begin(tensor, axis, size);
            if (input.Constant is null) fed.Add(tensor);
            seen[input] = operands[i] = input.Constant is null ? builder.Input(input.Name, tensor.Type) : builder.Constant(input.Name, tensor);
        }
        Value[] results = builder.Add(node.Name, op, operands);
        for (int i = 0; i < results.Length; i++) builder.Output($"y{i}", results[i]);
        return (builder.Build(), [.. fed]);
    }

    /// <summary>The first elements along an axis, with their scales.</summary>
    private static Tensor Begin(Tensor tensor, int axis, int size)
    {
        Quantization? quantization = tensor.Type.Quantization;
        if (quantization is not null && quantization.Axis == axis) quantization = new Quantization(quantization.Scales[..size], quantization.ZeroPoints[..size], axis);
        var result = new Tensor(new TensorType(tensor.Type.DataType, tensor.Shape.With(axis, size), quantization));
        new Slice { Axes = [axis], Starts = [0], Ends = [size] }.Evaluate([tensor.View], [result.View]);
        return result;
    }
}
