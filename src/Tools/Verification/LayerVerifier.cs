using EdgeRuntime.Graphs;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Onnx;
using EdgeRuntime.Tools.Onnx.Proto;
using EdgeRuntime.Tools.Passes;
using EdgeRuntime.Tools.Reference;
using Google.Protobuf;

namespace EdgeRuntime.Tools.Verification;

/// <summary>How one layer's result compares with the reference.</summary>
/// <param name="Name">Name of the value, as in the source model.</param>
/// <param name="Operator">What computed it here.</param>
/// <param name="Backend">The backend that did; empty for views.</param>
/// <param name="Kernel">The kernel that did.</param>
/// <param name="Type">Element type and shape, in our layout.</param>
/// <param name="Difference">How far it is from the reference, both run from the model's inputs.</param>
/// <param name="Alone">What was found when <paramref name="Difference"/> was beyond the tolerance; else null.</param>
/// <param name="Passed">True when the layer is right.</param>
internal sealed record LayerResult(string Name, string Operator, string Backend, string Kernel, string Type, TensorDifference Difference, IsolatedResult? Alone, bool Passed);

/// <summary>
/// Compares each value that exists here and in the source model, by name, after running both on the same input. Ours run on a backend with its
/// real kernels: a copy of the graph returns every value. What passes fused is compared where it ends, at the value that survived.
/// Rounding that a network amplifies, and quantized values that round the other way at a tie, make two right implementations drift apart. So what
/// differs is computed once more from the reference's own values (<see cref="LayerIsolation"/>): only what is wrong there too has failed.
/// </summary>
internal static class LayerVerifier
{
    /// <summary>Compares layer by layer, in the order of execution.</summary>
    /// <param name="graph">The converted model.</param>
    /// <param name="onnx">Its source.</param>
    /// <param name="reference">The runtime to compare with.</param>
    /// <param name="inputs">The input tensors, in the order of the graph's inputs.</param>
    /// <param name="tolerance">The largest relative difference of floats; other types must be equal.</param>
    /// <param name="options">Where ours runs.</param>
    public static IReadOnlyList<LayerResult> Compare(Graph graph, OnnxModel onnx, IReferenceRuntime reference, Tensor[] inputs, double tolerance, SessionOptions options)
    {
        TensorView[] views = Array.ConvertAll(inputs, t => t.View);
        (Graph open, IReadOnlyList<Node> makers) = ReturningAll(GraphBinding.Bind(graph, Array.ConvertAll(views, v => v.Shape)));
        HashSet<string> wanted = [.. open.Outputs.Select(o => LayoutName.Split(o.Name).Name)];
        IReadOnlyDictionary<string, Tensor> expected = RunReference(onnx, reference, wanted, [.. graph.Inputs.Select((v, i) => (v.Name, views[i]))]);

        using var session = new InferenceSession(open, options);
        session.Run(views);
        Dictionary<string, (string Backend, string Kernel)> kernels = Kernels(session);
        var isolation = new LayerIsolation(open, expected, views, tolerance, options);
        var results = new List<LayerResult>();
        for (int i = 0; i < open.Outputs.Count; i++)
        {
            TensorView actual = session.Output(i);
            (string name, int[]? permutation) = LayoutName.Split(open.Outputs[i].Name);
            if (!expected.TryGetValue(name, out Tensor? theirs) || !SameShape(actual.Type, theirs.Type, permutation)) continue;
            var difference = TensorDifference.Of(actual, theirs.View, permutation);
            IsolatedResult? alone = difference.IsWithin(tolerance, actual.DataType) ? null : isolation.Examine(open.Outputs[i].Value, theirs.View, permutation);
            bool passed = alone is not { Cause: DifferenceCause.Kernel };
            (string backend, string kernel) = makers[i].Operator.IsView ? ("", "view") : kernels.GetValueOrDefault(makers[i].Outputs[0].Name, ("", "evaluate"));
            results.Add(new LayerResult(name, makers[i].Operator.Name, backend, kernel, actual.Type.ToString(), difference, alone, passed));
        }
        return results;
    }

    /// <summary>A copy of a graph that returns all its values, each under its name, and the node behind each.</summary>
    private static (Graph Graph, IReadOnlyList<Node> Makers) ReturningAll(Graph graph)
    {
        var builder = new GraphBuilder(graph.Name);
        var makers = new List<Node>();
        var copies = new Dictionary<Value, Value>();
        foreach (Value input in graph.Inputs) copies[input] = builder.Input(input.Name, input.Type);
        // A value that the graph returns under another name is wanted under that one too.
        ILookup<Value, string> returned = graph.Outputs.ToLookup(o => o.Value, o => o.Name);
        foreach (Node node in graph.Nodes)
        {
            Value?[] operands = Array.ConvertAll(node.InputArray, v => v is null ? null : copies.TryGetValue(v, out Value? known) ? known : copies[v] = v.Copy());
            Node copy = GraphBuilder.Create(node.Name, node.Operator, operands);
            builder.Add(copy);
            for (int i = 0; i < copy.Outputs.Count; i++)
            {
                Value value = copies[node.Outputs[i]] = copy.Outputs[i];
                value.Name = node.Outputs[i].Name;
                foreach (string name in returned[node.Outputs[i]].Prepend(value.Name).Distinct())
                {
                    builder.Output(name, value);
                    makers.Add(copy);
                }
            }
        }
        return (builder.Build(), makers);
    }

    /// <summary>Runs the source model so that it returns all wanted values, its graph taken as it is.</summary>
    internal static IReadOnlyDictionary<string, Tensor> RunReference(OnnxModel onnx, IReferenceRuntime reference, HashSet<string> wanted, (string, TensorView)[] inputs)
    {
        ModelProto open = onnx.Proto.Clone();
        HashSet<string> returned = [.. open.Graph.Output.Select(o => o.Name)];
        foreach (string name in open.Graph.Node.SelectMany(n => n.Output))
            if (wanted.Contains(name) && returned.Add(name)) open.Graph.Output.Add(new ValueInfoProto { Name = name });
        using IReferenceModel model = reference.Load(open.ToByteArray(), onnx.Folder, threads: 1, optimize: false);
        model.SetInputs(inputs);
        return model.RunAndRead();
    }

    /// <summary>A tensor of its own with the same elements.</summary>
    internal static Tensor Copy(TensorView view)
    {
        var copy = new Tensor(new TensorType(view.DataType, view.Shape));
        view.Bytes.CopyTo(copy.View.Bytes);
        return copy;
    }

    /// <summary>False for values that only share a name: a node's own helper may be called like another node's result.</summary>
    internal static bool SameShape(TensorType actual, TensorType expected, int[]? permutation)
    {
        if (permutation is null) return actual.Shape == expected.Shape && actual.DataType == expected.DataType;
        if (permutation.Length != expected.Shape.Rank || actual.Shape.Rank != permutation.Length || actual.DataType != expected.DataType) return false;
        for (int i = 0; i < permutation.Length; i++)
            if (actual.Shape[i] != expected.Shape[permutation[i]]) return false;
        return true;
    }

    private static Dictionary<string, (string Backend, string Kernel)> Kernels(InferenceSession session)
    {
        var kernels = new Dictionary<string, (string, string)>();
        if (session.Compiled is not { } compiled) return kernels;
        IReadOnlyList<string> backends = session.StepBackends!;
        for (int i = 0; i < compiled.Plan.Steps.Count; i++)
            kernels[compiled.Plan.Slots[compiled.Plan.Steps[i].Outputs[0]].Name] = (backends[i], compiled.Kernels[i]);
        return kernels;
    }
}
