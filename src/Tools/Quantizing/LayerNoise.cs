using EdgeRuntime.Backends;
using EdgeRuntime.Graphs;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Evaluation;

namespace EdgeRuntime.Tools.Quantizing;

/// <summary>What quantization does to the result of a layer: the cheap look, which finds out where to look closely.</summary>
/// <param name="Result">Energy of the error of the layer's result by that of the result, all layers before it quantized too; null where it cannot be seen.</param>
/// <param name="Own">How much of that comes of this layer and not of what it reads.</param>
internal readonly record struct LayerNoise(double? Result, double Own)
{
    /// <summary>Values are looked at together up to so many bytes a sample.</summary>
    private const long MostBytes = 64 << 20;

    /// <summary>Where a shape is open.</summary>
    private const long GuessedBytes = 1 << 20;

    /// <summary>Signal-to-noise ratio in decibels; null where there is no noise, or it cannot be seen.</summary>
    public double? Decibels => Result is > 0 and { } ratio && double.IsFinite(ratio) ? -10 * Math.Log10(ratio) : null;

    /// <summary>Runs the graphs and compares values: with all layers quantized those of the same names, and of each layer what becomes of it alone.</summary>
    /// <param name="space">The layers, and the float graph.</param>
    /// <param name="candidate">The graph with all layers quantized.</param>
    /// <param name="samples">What they are run on.</param>
    /// <param name="most">How many of the samples at most.</param>
    /// <param name="stop">Ends it.</param>
    public static LayerNoise[] Measure(CandidateSpace space, Graph candidate, SampleSet samples, int most, CancellationToken stop)
    {
        var found = new Dictionary<string, Value>();
        foreach (Node node in candidate.Nodes)
            foreach (Value value in node.Outputs) found.TryAdd(value.Name, value);
        var alone = new GraphPatch();
        var pairs = new List<Pair>();
        var simulated = new List<Pair>();
        int[] results = new int[space.Layers.Count], sources = new int[space.Layers.Count], own = new int[space.Layers.Count];
        for (int i = 0; i < results.Length; i++)
        {
            Layer layer = space.Layers[i];
            results[i] = Add(pairs, Seen(layer));
            sources[i] = Add(pairs, Source(layer));
            own[i] = Add(simulated, space.Simulate(alone, layer) is { } value ? new Pair(layer.Nodes[^1].Outputs[0], value) : null);
        }
        Graph reference = space.Reference;
        Graph both = alone.Nodes.Count == 0 ? reference : GraphCutter.Cut(reference, [.. reference.Nodes, .. alone.Nodes], reference.Inputs, [.. simulated.Select(p => p.Other)]);
        double[] together = Compare(reference, candidate, pairs, samples, most, stop);
        double[] singly = Compare(reference, both, [.. simulated.Select((p, i) => p with { Other = both.Outputs[i].Value })], samples, most, stop);
        return [.. Enumerable.Range(0, results.Length).Select(OfLayer)];

        // The last value of the layer that quantization left a name to.
        Pair? Seen(Layer layer) => layer.Nodes.Reverse().Select(n => n.Outputs[0]).Select(Named).FirstOrDefault(p => p is not null);

        Pair? Source(Layer layer) => layer.Product.Inputs[0] is { Producer: not null } x ? Named(x) : null;

        Pair? Named(Value value) => found.TryGetValue(value.Name, out Value? other) && Matches(value, other) ? new Pair(value, other) : null;

        static int Add(List<Pair> to, Pair? pair)
        {
            if (pair is not { } some) return -1;
            int at = to.IndexOf(some);
            if (at >= 0) return at;
            to.Add(some);
            return to.Count - 1;
        }

        LayerNoise OfLayer(int i)
        {
            double? result = results[i] < 0 ? null : together[results[i]];
            if (own[i] >= 0) return new LayerNoise(result, singly[own[i]]);
            return new LayerNoise(result, Math.Max(0, (result ?? 0) - (sources[i] < 0 ? 0 : together[sources[i]])));
        }
    }

    /// <summary>A value of the float graph and what stands for it elsewhere.</summary>
    private readonly record struct Pair(Value Value, Value Other);

    private static bool Matches(Value reference, Value candidate) =>
        reference.Type.DataType == DataType.F32 && reference.Type.Shape == candidate.Type.Shape && (candidate.Type.DataType == DataType.F32 || candidate.Type is { DataType: DataType.U8 or DataType.I8, Quantization.Axis: < 0 });

    private static IEnumerable<(int First, int Count)> Chunks(IReadOnlyList<Pair> pairs)
    {
        int first = 0;
        long bytes = 0;
        for (int i = 0; i < pairs.Count; i++)
        {
            TensorType type = pairs[i].Value.Type;
            long more = type.Shape.IsStatic ? type.ByteCount : GuessedBytes;
            if (i > first && bytes + more > MostBytes)
            {
                yield return (first, i - first);
                (first, bytes) = (i, 0);
            }
            bytes += more;
        }
        if (first < pairs.Count) yield return (first, pairs.Count - first);
    }

    /// <summary>For each pair, energy of the difference by that of the reference's value.</summary>
    private static double[] Compare(Graph reference, Graph candidate, IReadOnlyList<Pair> pairs, SampleSet samples, int most, CancellationToken stop)
    {
        var options = new SessionOptions { Backend = BackendKind.Cpu };
        double[] signal = new double[pairs.Count], noise = new double[pairs.Count];
        foreach ((int first, int count) in Chunks(pairs))
        {
            Pair[] chunk = [.. pairs.Skip(first).Take(count)];
            using var plain = new InferenceSession(Returning(reference, [.. chunk.Select(p => p.Value)]), options);
            using var quantized = new InferenceSession(Returning(candidate, [.. chunk.Select(p => p.Other)]), options);
            for (int i = 0; i < Math.Min(most, samples.Count); i++)
            {
                stop.ThrowIfCancellationRequested();
                Tensor[] inputs = samples.Inputs(i);
                TensorView[] views = Array.ConvertAll(inputs, t => t.View);
                plain.Run(views);
                quantized.Run(views);
                for (int v = 0; v < count; v++) Add(plain.Output(v), quantized.Output(v), chunk[v].Other.Type.Quantization, ref signal[first + v], ref noise[first + v]);
                foreach (Tensor input in inputs) input.Dispose();
            }
        }
        return [.. signal.Zip(noise, (s, n) => n == 0 ? 0 : s > 0 ? n / s : double.MaxValue)];
    }

    private static Graph Returning(Graph graph, IReadOnlyList<Value> values)
    {
        Graph part = GraphCutter.Returning(graph, values);
        part.RemoveDeadNodes();
        return part;
    }

    private static void Add(in TensorView reference, in TensorView candidate, Quantization? quantization, ref double signal, ref double noise)
    {
        ReadOnlySpan<float> expected = reference.Span<float>(), reals = quantization is null ? candidate.Span<float>() : [];
        ReadOnlySpan<byte> integers = candidate.Bytes;
        float scale = quantization?.Scales[0] ?? 0;
        int zero = quantization?.ZeroPoints[0] ?? 0;
        bool signed = candidate.DataType == DataType.I8;
        for (int i = 0; i < expected.Length; i++)
        {
            double a = expected[i], b = quantization is null ? reals[i] : ((signed ? (sbyte)integers[i] : integers[i]) - zero) * scale;
            if (!double.IsFinite(a) || !double.IsFinite(b)) continue;
            signal += a * a;
            noise += (a - b) * (a - b);
        }
    }
}
