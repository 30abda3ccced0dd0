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

    /// <summary>Runs both graphs and compares the values that they have under the same names.</summary>
    /// <param name="reference">The float graph, whose nodes the layers are.</param>
    /// <param name="candidate">The graph with all layers quantized.</param>
    /// <param name="layers">The layers.</param>
    /// <param name="samples">What they are run on.</param>
    /// <param name="most">How many of the samples at most.</param>
    /// <param name="stop">Ends it.</param>
    public static LayerNoise[] Measure(Graph reference, Graph candidate, IReadOnlyList<Layer> layers, SampleSet samples, int most, CancellationToken stop)
    {
        var found = new Dictionary<string, Value>();
        foreach (Node node in candidate.Nodes)
            foreach (Value value in node.Outputs) found.TryAdd(value.Name, value);
        var pairs = new Dictionary<Value, Value>();
        foreach (Layer layer in layers)
        {
            Pair(Seen(layer));
            Pair(Source(layer));
        }
        var ratios = new Dictionary<Value, double>();
        foreach (List<Value> chunk in Chunks([.. pairs.Keys])) Compare(reference, candidate, chunk, [.. chunk.Select(v => pairs[v])], samples, Math.Min(most, samples.Count), ratios, stop);
        return [.. layers.Select(OfLayer)];

        // The last value of the layer that quantization left a name to.
        Value? Seen(Layer layer) => layer.Nodes.Reverse().Select(n => n.Outputs[0]).FirstOrDefault(v => found.TryGetValue(v.Name, out Value? other) && Matches(v, other));

        Value? Source(Layer layer) => layer.Product.Inputs[0] is { Producer: not null } x && found.TryGetValue(x.Name, out Value? other) && Matches(x, other) ? x : null;

        void Pair(Value? value)
        {
            if (value is not null) pairs[value] = found[value.Name];
        }

        LayerNoise OfLayer(Layer layer)
        {
            if (Seen(layer) is not { } seen) return default;
            double result = ratios[seen], before = Source(layer) is { } source ? ratios[source] : 0;
            return new LayerNoise(result, Math.Max(0, result - before));
        }
    }

    private static bool Matches(Value reference, Value candidate) =>
        reference.Type.DataType == DataType.F32 && reference.Type.Shape == candidate.Type.Shape && (candidate.Type.DataType == DataType.F32 || candidate.Type is { DataType: DataType.U8 or DataType.I8, Quantization.Axis: < 0 });

    private static IEnumerable<List<Value>> Chunks(IReadOnlyList<Value> values)
    {
        var chunk = new List<Value>();
        long bytes = 0;
        foreach (Value value in values)
        {
            long more = value.Type.Shape.IsStatic ? value.Type.ByteCount : GuessedBytes;
            if (chunk.Count > 0 && bytes + more > MostBytes)
            {
                yield return chunk;
                (chunk, bytes) = ([], 0);
            }
            chunk.Add(value);
            bytes += more;
        }
        if (chunk.Count > 0) yield return chunk;
    }

    private static void Compare(Graph reference, Graph candidate, List<Value> values, List<Value> others, SampleSet samples, int count, Dictionary<Value, double> ratios, CancellationToken stop)
    {
        var options = new SessionOptions { Backend = BackendKind.Cpu };
        using var plain = new InferenceSession(Returning(reference, values), options);
        using var quantized = new InferenceSession(Returning(candidate, others), options);
        double[] signal = new double[values.Count], noise = new double[values.Count];
        for (int i = 0; i < count; i++)
        {
            stop.ThrowIfCancellationRequested();
            Tensor[] inputs = samples.Inputs(i);
            TensorView[] views = Array.ConvertAll(inputs, t => t.View);
            plain.Run(views);
            quantized.Run(views);
            for (int v = 0; v < values.Count; v++) Add(plain.Output(v), quantized.Output(v), others[v].Type.Quantization, ref signal[v], ref noise[v]);
            foreach (Tensor input in inputs) input.Dispose();
        }
        for (int v = 0; v < values.Count; v++) ratios[values[v]] = noise[v] == 0 ? 0 : signal[v] > 0 ? noise[v] / signal[v] : double.MaxValue;
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
