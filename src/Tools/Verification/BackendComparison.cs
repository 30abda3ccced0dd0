using EdgeRuntime.Diagnostics;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Planning;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Verification;

/// <summary>What one backend made of a layer.</summary>
/// <param name="Backend">Name of the backend.</param>
/// <param name="Refusal">Why it does not take the layer; null where it does.</param>
/// <param name="Kernel">The kernel that it took.</param>
/// <param name="Different">How many elements differ by more than they may.</param>
/// <param name="MaxAbsolute">The largest difference.</param>
internal sealed record LayerOnBackend(string Backend, string? Refusal, string Kernel, long Different, double MaxAbsolute);

/// <summary>A layer on all backends, each given the reference's values of its inputs.</summary>
/// <param name="Node">The layer.</param>
/// <param name="IsExact">True where all must have the same bytes; else floats may differ by the operator's tolerance.</param>
/// <param name="Backends">What each backend but the reference made of it.</param>
internal sealed record ComparedLayer(Node Node, bool IsExact, IReadOnlyList<LayerOnBackend> Backends)
{
    /// <summary>True where no backend differs.</summary>
    public bool IsSame => Backends.All(b => b.Different == 0);
}

/// <summary>The whole model on one backend, as a session runs it, against the reference.</summary>
/// <param name="Backend">Name of the backend.</param>
/// <param name="Steps">How many of the model's steps it took.</param>
/// <param name="Same">True where all outputs are the same bytes.</param>
/// <param name="MaxRelative">The largest relative difference of an output; see <see cref="TensorDifference"/>.</param>
/// <param name="Wrong">An output that differs although all layers before it are exact, or from a saved one by more than it may; null where there is none.</param>
/// <param name="Events">What went wrong on the device.</param>
internal sealed record WholeOnBackend(string Backend, int Steps, bool Same, double MaxRelative, string? Wrong, IReadOnlyList<string> Events);

/// <summary>The first layer where two backends differ.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Backend">The backend that differs from the reference.</param>
/// <param name="Inputs">The layer's inputs that are no constants, by name.</param>
/// <param name="Outputs">The outputs by the operator's definition.</param>
/// <param name="ReferenceIsRight">Whether the reference agrees with the definition.</param>
/// <param name="BackendIsRight">Whether the other one does.</param>
internal sealed record Culprit(Node Layer, string Backend, IReadOnlyList<(string Name, Tensor Value)> Inputs, Tensor[] Outputs, bool ReferenceIsRight, bool BackendIsRight);

/// <summary>What came of a comparison.</summary>
/// <param name="Layers">All layers.</param>
/// <param name="Whole">The whole model on each backend, the reference first.</param>
/// <param name="Culprit">The first layer that differs; null where none does.</param>
internal sealed record BackendVerdict(IReadOnlyList<ComparedLayer> Layers, IReadOnlyList<WholeOnBackend> Whole, Culprit? Culprit)
{
    /// <summary>True where neither a layer nor an output that must be exact differs.</summary>
    public bool Passed => Culprit is null && Whole.All(w => w.Wrong is null && w.Events.Count == 0);
}

/// <summary>
/// Compares backends layer by layer. Each layer gets its inputs from the reference, the first of the backends, so that a difference is the layer's own; then the whole model runs on each, as
/// a session runs it, since memory that is used again and kernels that do not wait for each other show only there.
/// </summary>
/// <param name="graph">The model; its shapes must be known once those of its inputs are.</param>
/// <param name="inputs">Its inputs.</param>
/// <param name="backends">The backends, the reference first.</param>
/// <param name="saved">Outputs that the whole model is to have on every backend; null for those of the reference.</param>
internal sealed class BackendComparison(Graph graph, Tensor[] inputs, IReadOnlyList<ComparedBackend> backends, Tensor[]? saved = null)
{
    private readonly Dictionary<Value, Tensor> values = [];

    /// <summary>Further inputs for the whole model.</summary>
    public IReadOnlyList<Tensor[]> More { get; init; } = [];

    /// <summary>Compares all layers, then the whole.</summary>
    /// <param name="progress">Told how many of the layers are done.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="EdgeException">The model cannot be planned.</exception>
    public BackendVerdict Run(Action<int, int>? progress = null, CancellationToken stop = default)
    {
        TensorView[] views = Array.ConvertAll(inputs, t => t.View);
        Graph bound = Bind();
        ReadValues(bound, views);

        ExecutionPlan plan = Planner.Plan(bound);
        Node[] nodes = [.. bound.Nodes.Where(n => !n.Operator.IsView)];
        var layers = new List<ComparedLayer>();
        Culprit? culprit = null;
        for (int i = 0; i < nodes.Length; i++)
        {
            stop.ThrowIfCancellationRequested();
            bool exact = IsExact(nodes[i]);
            var results = new List<LayerOnBackend>();
            foreach (ComparedBackend backend in backends.Skip(1))
            {
                (LayerOnBackend result, Tensor[] outputs) = RunLayer(plan, plan.Steps[i], nodes[i], exact, backend);
                results.Add(result);
                if (result.Different > 0) culprit ??= Examine(nodes[i], exact, backend.Name, outputs);
                foreach (Tensor output in outputs) output.Dispose();
            }
            layers.Add(new ComparedLayer(nodes[i], exact, results));
            progress?.Invoke(i + 1, nodes.Length);
        }
        return new BackendVerdict(layers, RunWhole(bound), culprit);
    }

    /// <summary>Compares the whole alone, which takes a fraction of the time: each backend compiles one plan and not one for each layer.</summary>
    /// <exception cref="EdgeException">The model cannot be planned.</exception>
    public IReadOnlyList<WholeOnBackend> RunWhole() => RunWhole(Bind());

    private Graph Bind()
    {
        Graph bound = GraphBinding.Bind(graph, Array.ConvertAll(inputs, t => t.Shape));
        if (!bound.IsStatic) throw new EdgeException(ErrorCode.CannotPlan, $"'{graph.Name}' has shapes that depend on its data, so its layers cannot be compared one by one.", "`edgert verify` without --backends compares it with ONNX Runtime.");
        AttentionParts.Expand(bound);
        return bound;
    }

    /// <summary>True for operators whose results docs/numerics.md fixes to the byte: those that say so, and dequantization of bytes with one scale, one product of two exact numbers.</summary>
    public static bool IsExact(Node node) => node.Operator.Tolerance == Tolerance.Exact || (node.Operator is Dequantize && node.Inputs[0]!.Type.DataType is DataType.U8 or DataType.I8 && node.Outputs[0].Type.DataType == DataType.F32);

    /// <summary>The outputs of a graph that only exact operators have made.</summary>
    public static IEnumerable<GraphOutput> ExactOutputs(Graph graph)
    {
        var exact = new HashSet<Value>(graph.Inputs);
        foreach (Node node in graph.Nodes)
            if (IsExact(node) && node.Inputs.All(v => v is null || v.Constant is not null || exact.Contains(v))) exact.UnionWith(node.Outputs);
        return graph.Outputs.Where(o => o.Value.Constant is not null || exact.Contains(o.Value));
    }

    /// <summary>How many layers the model has, and the operators of those that compute in floats, where bytes may differ.</summary>
    public (int Layers, string[] Floats) CountLayers()
    {
        Node[] nodes = [.. Bind().Nodes.Where(n => !n.Operator.IsView)];
        return (nodes.Length, [.. nodes.Where(n => !IsExact(n)).Select(n => n.Operator is Unary unary ? unary.Function.ToString() : n.Operator is Binary binary ? binary.Function.ToString() : n.Operator.Name)]);
    }

    /// <summary>All values as the reference computes them.</summary>
    private void ReadValues(Graph bound, TensorView[] views)
    {
        Value[] all = [.. bound.Nodes.SelectMany(n => n.Outputs)];
        using InferenceSession session = Open(GraphCutter.Returning(bound, all), backends[0]);
        session.Run(views);
        for (int i = 0; i < views.Length; i++) values[bound.Inputs[i]] = inputs[i];
        for (int i = 0; i < all.Length; i++) values[all[i]] = Copy(session.Output(i), all[i].Type);
    }

    private static InferenceSession Open(Graph graph, ComparedBackend backend) => new(graph, new SessionOptions { Threads = 1, Accelerator = backend.Backend });

    private static Tensor Copy(TensorView view, TensorType type)
    {
        var copy = new Tensor(type);
        view.Bytes.CopyTo(copy.View.Bytes);
        return copy;
    }

    private (LayerOnBackend, Tensor[]) RunLayer(ExecutionPlan plan, PlanStep step, Node node, bool exact, ComparedBackend backend)
    {
        if (backend.Backend.Reject(plan, step) is { } refusal) return (new LayerOnBackend(backend.Name, refusal, "", 0, 0), []);
        using ICompiledPlan compiled = backend.Backend.Compile(SingleStep.Of(plan, step));
        var fed = new HashSet<int>();
        for (int i = 0; i < step.Inputs.Count; i++)
            if (step.Inputs[i] >= 0 && node.Inputs[i]!.Constant is null && plan.Slots[step.Inputs[i]].Kind != SlotKind.Constant && fed.Add(step.Inputs[i]))
                values[node.Inputs[i]!].View.Bytes.CopyTo(compiled.Input(fed.Count - 1).Bytes);
        compiled.Run();
        Tensor[] outputs = [.. node.Outputs.Select((o, i) => Copy(compiled.Output(i), o.Type))];
        long different = 0;
        double most = 0;
        for (int i = 0; i < outputs.Length; i++)
        {
            (long count, double largest) = Differences(outputs[i].View, values[node.Outputs[i]].View, exact ? Tolerance.Exact : node.Operator.Tolerance);
            (different, most) = (different + count, Math.Max(most, largest));
        }
        return (new LayerOnBackend(backend.Name, null, compiled.Kernels[0], different, most), outputs);
    }

    /// <summary>
    /// How many elements differ by more than they may, and the largest difference of all. Zeros of both signs are the same, and so are NaN. Tolerances are made for numbers about one: what is allowed near zero
    /// grows with the largest of what is expected, since a sum of large products that cancel out keeps their rounding.
    /// </summary>
    public static (long Count, double Largest) Differences(TensorView actual, TensorView expected, Tolerance tolerance)
    {
        if (actual.Bytes.SequenceEqual(expected.Bytes)) return (0, 0);
        if (expected.DataType != DataType.F32) return DifferentElements(actual, expected);
        Span<float> a = actual.Span<float>(), b = expected.Span<float>();
        if (tolerance != Tolerance.Exact)
        {
            float scale = 1;
            foreach (float value in b)
                if (float.IsFinite(value)) scale = Math.Max(scale, Math.Abs(value));
            tolerance = tolerance with { Absolute = tolerance.Absolute * scale };
        }
        long count = 0;
        double largest = 0;
        for (int i = 0; i < a.Length; i++)
        {
            if (a[i].Equals(b[i])) continue;
            double difference = Math.Abs((double)a[i] - b[i]);
            largest = Math.Max(largest, double.IsFinite(difference) ? difference : double.PositiveInfinity);
            if (!tolerance.Accepts(a[i], b[i])) count++;
        }
        return (count, largest);
    }

    private static (long, double) DifferentElements(TensorView actual, TensorView expected)
    {
        long count = 0;
        int size = Math.Max(1, expected.DataType.Size());
        for (int at = 0; at < expected.Bytes.Length; at += size)
            if (!actual.Bytes.Slice(at, size).SequenceEqual(expected.Bytes.Slice(at, size))) count++;
        return (count, TensorDifference.Of(actual, expected).MaxAbsolute);
    }

    /// <summary>Who is right about a layer, by the operator's definition.</summary>
    private Culprit Examine(Node node, bool exact, string backend, Tensor[] theirs)
    {
        TensorView[] operands = [.. node.Inputs.Select(v => v is null ? default : v.Constant?.View ?? values[v].View)];
        Tensor[] definition = GraphInterpreter.Execute(node, operands);
        Tolerance tolerance = exact ? Tolerance.Exact : node.Operator.Tolerance;
        bool Agrees(Func<int, TensorView> of) => Enumerable.Range(0, definition.Length).All(i => Differences(of(i), definition[i].View, tolerance).Count == 0);
        return new Culprit(node, backend, [.. node.Inputs.OfType<Value>().Where(v => v.Constant is null).Distinct().Select(v => (v.Name, values[v].Clone()))], definition,
            Agrees(i => values[node.Outputs[i]].View), Agrees(i => theirs[i].View));
    }

    private List<WholeOnBackend> RunWhole(Graph bound)
    {
        HashSet<string> exact = [.. ExactOutputs(bound).Select(o => o.Name)];
        var results = new List<WholeOnBackend>();
        // The first inputs twice, and last: they find what others left in memory.
        Tensor[][] samples = [inputs, .. More, inputs];
        var expected = new Tensor[samples.Length][];
        foreach (ComparedBackend backend in backends)
        {
            using InferenceSession session = Open(bound, backend);
            double relative = 0;
            bool same = true;
            string? wrong = null;
            for (int sample = 0; sample < samples.Length; sample++)
            {
                session.Run(Array.ConvertAll(samples[sample], t => t.View));
                expected[sample] ??= saved ?? [.. Enumerable.Range(0, bound.Outputs.Count).Select(i => Copy(session.Output(i), session.Output(i).Type))];
                for (int i = 0; i < bound.Outputs.Count; i++)
                {
                    TensorView theirs = expected[sample][i].View;
                    if (Differences(session.Output(i), theirs, Tolerance.Exact).Count == 0) continue;
                    double difference = TensorDifference.Of(session.Output(i), theirs).MaxRelative;
                    (same, relative) = (false, Math.Max(relative, difference));
                    if (exact.Contains(bound.Outputs[i].Name) || (saved is not null && difference > TensorDifference.FloatTolerance)) wrong ??= bound.Outputs[i].Name;
                }
            }
            int steps = session.StepBackends?.Count(name => name == backend.Backend.Traits.Name) ?? 0;
            results.Add(new WholeOnBackend(backend.Name, steps, same, relative, wrong, [.. session.Events.Select(e => e.ToString()!)]));
        }
        return results;
    }
}
