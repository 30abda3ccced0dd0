using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Passes;

namespace EdgeRuntime.Tools.Verification;

/// <summary>Why a value differs from the reference.</summary>
internal enum DifferenceCause
{
    /// <summary>The layer is wrong, or it cannot be told apart from layers that are.</summary>
    Kernel,

    /// <summary>The layers before it: from the reference's values of its inputs, the layer computes the reference's result.</summary>
    Accumulation,

    /// <summary>The reference: it is farther from the definition than allowed, ours is not.</summary>
    Reference,
}

/// <summary>One layer, computed from the reference's values of its inputs.</summary>
/// <param name="Difference">How far it is from the reference then.</param>
/// <param name="FromDefinition">How far it is from the operators' definitions then; null where that was not asked.</param>
/// <param name="Cause">What follows.</param>
internal sealed record IsolatedResult(TensorDifference Difference, TensorDifference? FromDefinition, DifferenceCause Cause);

/// <summary>
/// Computes single layers from the reference's values of their inputs, so that errors do not accumulate. An input that the reference does not know is
/// computed too, from values that it does know.
/// </summary>
/// <param name="graph">The bound graph.</param>
/// <param name="expected">The reference's values, under the source model's names.</param>
/// <param name="inputs">The inputs of the graph.</param>
/// <param name="tolerance">The largest relative difference of floats.</param>
/// <param name="options">Where ours runs.</param>
internal sealed class LayerIsolation(Graph graph, IReadOnlyDictionary<string, Tensor> expected, TensorView[] inputs, double tolerance, SessionOptions options)
{
    /// <summary>
    /// A reference may be wrong by so many tolerances, and only where ours is within a tenth of a tolerance of the definition: a larger difference is
    /// more likely a mistake in how the model was converted, which our definition would share. With a wider tolerance than that of floats it is not
    /// asked at all: weights were rounded then, and the definition has the same ones.
    /// </summary>
    private const double Slack = 10;

    /// <summary>Finds out why a value differs.</summary>
    public IsolatedResult Examine(Value value, TensorView theirs, int[]? permutation)
    {
        var feeds = new List<Tensor>();
        try
        {
            (Graph part, TensorView[] views) = Cut(value.Producer!, value, feeds);
            using var session = new InferenceSession(part, options);
            session.Run(views);
            TensorView actual = session.Output(0);
            var difference = TensorDifference.Of(actual, theirs, permutation);
            if (difference.IsWithin(tolerance, actual.DataType)) return new IsolatedResult(difference, null, DifferenceCause.Accumulation);
            // Exact sums of integers and the reference's sums of reals, both rounded, may fall on different sides of a tie: one step, where ours is what the definition says.
            if (value.Type.Quantization is not null && difference.MaxAbsolute <= 1)
            {
                using Tensor exact = GraphInterpreter.Run(part, views)[0];
                var step = TensorDifference.Of(actual, exact.View);
                return new IsolatedResult(difference, step, step.MaxAbsolute == 0 ? DifferenceCause.Reference : DifferenceCause.Kernel);
            }
            if (!actual.DataType.IsFloat() || tolerance > TensorDifference.FloatTolerance || difference.MaxRelative > Slack * tolerance) return new IsolatedResult(difference, null, DifferenceCause.Kernel);
            using Tensor definition = GraphInterpreter.Run(part, views)[0];
            var own = TensorDifference.Of(actual, definition.View);
            return new IsolatedResult(difference, own, own.MaxRelative <= tolerance / Slack ? DifferenceCause.Reference : DifferenceCause.Kernel);
        }
        finally
        {
            foreach (Tensor feed in feeds) feed.Dispose();
        }
    }

    /// <summary>A graph of the node and of those before it back to values that the reference knows, and these values in our layout.</summary>
    private (Graph Part, TensorView[] Views) Cut(Node target, Value wanted, List<Tensor> feeds)
    {
        HashSet<Node> needed = [target];
        for (int i = graph.Nodes.ToList().IndexOf(target); i >= 0; i--)
        {
            if (!needed.Contains(graph.Nodes[i])) continue;
            foreach (Value? input in graph.Nodes[i].Inputs)
                if (input?.Producer is { } producer && !IsKnown(input)) needed.Add(producer);
        }
        var builder = new GraphBuilder(graph.Name);
        var copies = new Dictionary<Value, Value>();
        var views = new List<TensorView>();
        foreach (Node node in graph.Nodes.Where(needed.Contains))
        {
            foreach (Value input in node.Inputs.OfType<Value>())
            {
                if (copies.ContainsKey(input)) continue;
                if (input.Constant is not null)
                {
                    copies[input] = input.Copy();
                    continue;
                }
                copies[input] = builder.Input(input.Name, input.Type);
                views.Add(Feed(input, feeds));
            }
            Node copy = GraphBuilder.Create(node.Name, node.Operator, Array.ConvertAll(node.InputArray, v => v is null ? null : copies[v]));
            builder.Add(copy);
            for (int i = 0; i < copy.Outputs.Count; i++)
                if (node == target || !IsKnown(node.Outputs[i])) copies[node.Outputs[i]] = copy.Outputs[i];
        }
        builder.Output(wanted.Name, copies[wanted]);
        return (builder.Build(), [.. views]);
    }

    private bool IsKnown(Value value)
    {
        (string name, int[]? permutation) = LayoutName.Split(value.Name);
        return expected.TryGetValue(name, out Tensor? theirs) && LayerVerifier.SameShape(value.Type, theirs.Type, permutation);
    }

    private TensorView Feed(Value value, List<Tensor> feeds)
    {
        if (value.Producer is null) return inputs[graph.Inputs.ToList().IndexOf(value)];
        (string name, int[]? permutation) = LayoutName.Split(value.Name);
        if (permutation is null) return expected[name].View;
        var moved = new Tensor(value.Type);
        feeds.Add(moved);
        new Transpose { Permutation = permutation }.Evaluate([expected[name].View], [moved.View]);
        return moved.View;
    }
}
