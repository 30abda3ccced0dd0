using EdgeRuntime.Diagnostics;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Graphs;

/// <summary>
/// Runs a graph by its operators' definitions, inferring shapes from actual values as it goes: slow, allocating, and right for
/// every graph, also where shapes depend on data. Folding, verification and graphs that cannot be planned use it.
/// </summary>
internal static class GraphInterpreter
{
    /// <summary>Runs bodies by their definitions.</summary>
    public static BodyRunner Definitions { get; } = (body, inputs) => body.Run(inputs);

    /// <summary>Computes the outputs. <paramref name="observe"/> sees each value right after it was computed, and <paramref name="run"/> runs bodies.</summary>
    /// <exception cref="EdgeException">An input does not fit, or an operator refuses its operands.</exception>
    public static Tensor[] Run(Graph graph, ReadOnlySpan<TensorView> inputs, Action<Value, Tensor>? observe = null, BodyRunner? run = null)
    {
        if (inputs.Length != graph.Inputs.Count)
            throw new EdgeException(ErrorCode.InputMismatch, $"The model '{graph.Name}' has {graph.Inputs.Count} inputs, {inputs.Length} were given.");
        var views = new Dictionary<Value, TensorView>();
        var tensors = new Dictionary<Value, Tensor>();
        for (int i = 0; i < inputs.Length; i++) views[graph.Inputs[i]] = inputs[i];

        Dictionary<Value, int> readers = graph.Nodes.SelectMany(n => n.Outputs).ToDictionary(v => v, v => v.Consumers.Count);
        foreach (Node node in graph.Nodes)
        {
            TensorView[] operands = Array.ConvertAll(node.InputArray, v => v is null ? default : v.Constant?.View ?? views[v]);
            Tensor[] results = Execute(node, operands, run);
            for (int i = 0; i < results.Length; i++)
            {
                views[node.Outputs[i]] = results[i].View;
                tensors[node.Outputs[i]] = results[i];
                observe?.Invoke(node.Outputs[i], results[i]);
            }
            foreach (Value? input in node.Inputs)
                if (input?.Producer is not null && --readers[input] == 0 && !graph.IsOutput(input) && tensors.Remove(input, out Tensor? dead)) dead.Dispose();
        }
        return [.. graph.Outputs.Select(o => tensors.TryGetValue(o.Value, out Tensor? t) ? t : Copy(o.Value.Constant?.View ?? views[o.Value]))];
    }

    /// <summary>Runs one node on actual operands.</summary>
    public static Tensor[] Execute(Node node, ReadOnlySpan<TensorView> operands, BodyRunner? run = null)
    {
        try
        {
            return node.Operator.Execute(operands, run ?? Definitions);
        }
        catch (EdgeException e)
        {
            throw new EdgeException(e.Code, $"node '{node.Name}': {e.Problem}", e.Remedy, e);
        }
        catch (Exception e) when (e is ArithmeticException or ArgumentException or IndexOutOfRangeException)
        {
            // Elements that a definition cannot cope with, such as an index from a damaged model; the cause stays attached.
            throw new EdgeException(ErrorCode.InvalidOperands, $"node '{node.Name}' ({node.Operator.Name}) cannot be computed: {e.Message}", null, e);
        }
    }

    private static Tensor Copy(TensorView view)
    {
        var copy = new Tensor(view.Type);
        view.Bytes.CopyTo(copy.View.Bytes);
        return copy;
    }
}
