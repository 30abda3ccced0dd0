using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Passes;

namespace EdgeRuntime.Tools.Quantizing;

/// <summary>
/// Gives the channels of a value like ranges, so that none is lost in the steps of the widest: what makes a channel multiplies it by a factor, what reads it divides by that, in the weights of products (see
/// <see cref="ChannelClasses"/>), and moves it to its middle where biases can (see <see cref="ChannelCentres"/>). The graph computes the same as before but for rounding. Networks with depthwise convolutions depend on it.
/// </summary>
internal static class ChannelEqualization
{
    /// <summary>A channel is not made larger than this, whatever it was seen to be: another picture may find it awake.</summary>
    private const float Largest = 64;

    /// <summary>Channels of a value with an upper bound are made larger by less: beyond it nothing is left of them.</summary>
    private const float LargestBounded = 16;

    /// <summary>How much room they keep below it for what was not seen.</summary>
    private const float Room = 1.5f;

    /// <summary>How far channels that only depthwise weights read are made alike; not wholly, as the quiet ones may not stay so.</summary>
    private const double FreeStrength = 0.75;

    /// <summary>The graph with channels alike; null where nothing can be scaled.</summary>
    /// <param name="graph">The prepared graph; it is not changed.</param>
    /// <param name="statistics">What was seen of its values.</param>
    /// <param name="strength">1 to make channels alike, 0 to make the weights that read them alike, and what lies between for a compromise.</param>
    public static Graph? Apply(Graph graph, IReadOnlyDictionary<Value, ValueStatistics> statistics, double strength = 0.5)
    {
        var classes = new ChannelClasses(graph);
        Dictionary<Value, float[]> centres = ChannelCentres.Of(graph, statistics);
        Dictionary<int, float> ranges = Shares(classes, statistics, centres), weights = WeightShares(graph, classes), limits = Limits(graph, classes, statistics);
        if (ranges.Count == 0) return null;
        var factors = new Dictionary<int, float>();
        foreach ((int at, float range) in ranges)
        {
            // Depthwise weights have a scale for each channel and do not mind; where all channels are summed up, weights must stay alike too.
            double factor = !(range > 0) ? 1 : weights.TryGetValue(at, out float weight) ? Math.Pow(weight, 1 - strength) / Math.Pow(range, strength) : Math.Pow(range, -FreeStrength);
            float most = limits.GetValueOrDefault(at, Largest);
            // What reaches its bound keeps its scale.
            factors[at] = most < 1 ? 1 : (float)Math.Clamp(factor, 1 / Largest, most);
        }
        Graph copy = GraphCutter.Copy(graph, out Dictionary<Value, Value> map);
        foreach (Node node in graph.Nodes)
        {
            if (!ChannelClasses.IsAbsorbing(node)) continue;
            float[] inputs = Factors(classes, factors, node.Inputs[0]!), outputs = Factors(classes, factors, node.Outputs[0]);
            float[]? from = centres.GetValueOrDefault(node.Inputs[0]!), to = centres.GetValueOrDefault(node.Outputs[0]);
            if (from is null && to is null && Array.TrueForAll(inputs, f => f == 1) && Array.TrueForAll(outputs, f => f == 1)) continue;
            Scale(copy, node, map, inputs, outputs, from, to);
        }
        GraphVerifier.Verify(copy);
        return copy;
    }

    /// <summary>For each class, the largest share that one of its channels has of the range of its value.</summary>
    private static Dictionary<int, float> Shares(ChannelClasses classes, IReadOnlyDictionary<Value, ValueStatistics> statistics, Dictionary<Value, float[]> centres)
    {
        var shares = new Dictionary<int, float>();
        foreach ((Value value, ValueStatistics seen) in statistics)
        {
            float[] channels = Reaches(seen, centres.GetValueOrDefault(value));
            if (channels.Length == 0 || channels.Length != ChannelClasses.Width(value)) continue;
            float widest = 0;
            foreach (float range in channels) widest = Math.Max(widest, range);
            for (int c = 0; c < channels.Length; c++)
            {
                int at = classes.Of(value, c);
                if (at >= 0 && widest > 0) shares[at] = Math.Max(shares.GetValueOrDefault(at), channels[c] / widest);
            }
        }
        return shares;
    }

    /// <summary>For each class with channels of values with an upper bound, how much larger they may become; less than 1 where they reach it.</summary>
    private static Dictionary<int, float> Limits(Graph graph, ChannelClasses classes, IReadOnlyDictionary<Value, ValueStatistics> statistics)
    {
        var limits = new Dictionary<int, float>();
        foreach (Node node in graph.Nodes)
        {
            Activation activation = node.Operator switch { Conv conv => conv.Activation, MatMul product => product.Activation, Binary binary => binary.Activation, _ => default };
            float bound = ChannelClasses.BoundOf(activation);
            if (!float.IsFinite(bound)) continue;
            Value y = node.Outputs[0];
            float[] channels = statistics.TryGetValue(y, out ValueStatistics? seen) ? seen.Channels : [];
            for (int c = 0; c < ChannelClasses.Width(y); c++)
            {
                if (classes.Of(y, c) is not (>= 0 and int at)) continue;
                float limit = c < channels.Length ? Math.Min(LargestBounded, bound / Math.Max(channels[c] * Room, float.Epsilon)) : 0;
                limits[at] = Math.Min(limits.GetValueOrDefault(at, Largest), limit);
            }
        }
        return limits;
    }

    /// <summary>How far each channel reaches from zero, or from where it is moved.</summary>
    private static float[] Reaches(ValueStatistics seen, float[]? centres)
    {
        var reaches = new float[seen.Lows.Length];
        for (int c = 0; c < reaches.Length; c++) reaches[c] = Math.Max(seen.Highs[c] - (centres?[c] ?? 0), (centres?[c] ?? 0) - seen.Lows[c]);
        return reaches;
    }

    /// <summary>For each class that sums of several channels read, the largest share that a weight of its channels has of the weights of an output.</summary>
    private static Dictionary<int, float> WeightShares(Graph graph, ChannelClasses classes)
    {
        var shares = new Dictionary<int, float>();
        foreach (Node node in graph.Nodes)
        {
            if (!ChannelClasses.IsAbsorbing(node) || node.Inputs[1]!.Constant is not { } weight || node.Operator is Conv && weight.Shape[-1] == 1) continue;
            int axis = QuantizableNode.ChannelAxis(node), outputs = weight.Shape[axis], inner = (int)(weight.Shape.Count / outputs), width = ChannelClasses.Width(node.Inputs[0]!);
            int perGroup = node.Operator is Conv conv ? outputs / conv.Groups : outputs, channels = node.Operator is Conv ? weight.Shape[-1] : width;
            float[] row = new float[inner], largest = new float[width];
            for (int o = 0; o < outputs; o++)
            {
                QuantizedWeights.Read(weight, axis, o, row);
                float widest = 0;
                foreach (float w in row) widest = Math.Max(widest, Math.Abs(w));
                for (int i = 0; widest > 0 && i < inner; i++)
                {
                    ref float share = ref largest[o / perGroup * channels + i % channels];
                    share = Math.Max(share, Math.Abs(row[i]) / widest);
                }
            }
            for (int c = 0; c < width; c++)
                if (classes.Of(node.Inputs[0]!, c) is >= 0 and int at) shares[at] = Math.Max(shares.GetValueOrDefault(at, 1e-3f), largest[c]);
        }
        return shares;
    }

    private static float[] Factors(ChannelClasses classes, Dictionary<int, float> factors, Value value) =>
        [.. Enumerable.Range(0, ChannelClasses.Width(value)).Select(c => factors.GetValueOrDefault(classes.Of(value, c), 1))];

    /// <summary>The product whose inputs come moved and multiplied, and whose results shall be.</summary>
    private static void Scale(Graph copy, Node node, Dictionary<Value, Value> map, float[] inputs, float[] outputs, float[]? from, float[]? to)
    {
        Value result = map[node.Outputs[0]];
        Node old = result.Producer!;
        float[]? gains = null;
        // Functions that are not homogeneous have the scale of their results behind them.
        if (node.Operator is Conv { Activation: var activation } && !ChannelClasses.IsHomogeneous(activation)) (gains, outputs) = (Array.TrueForAll(outputs, f => f == 1) ? null : outputs, [.. outputs.Select(_ => 1f)]);
        var patch = new GraphPatch();
        Value?[] operands = [.. old.InputArray];
        Tensor weight = node.Inputs[1]!.Constant!.Clone();
        Span<float> weights = weight.Span<float>();
        double[] moved = new double[outputs.Length];
        if (node.Operator is Conv conv)
        {
            int inner = weight.Shape[-1], each = weights.Length / weight.Shape[0], perGroup = weight.Shape[0] / conv.Groups;
            for (int i = 0; i < weights.Length; i++)
            {
                int o = i / each, c = o / perGroup * inner + i % inner;
                if (from is not null) moved[o] += (double)weights[i] * from[c];
                weights[i] *= outputs[o] / inputs[c];
            }
        }
        else
        {
            bool byRows = ((MatMul)node.Operator).TransposeB;
            int width = weight.Shape[1];
            for (int i = 0; i < weights.Length; i++)
            {
                (int o, int c) = byRows ? (i / width, i % width) : (i % width, i / width);
                if (from is not null) moved[o] += (double)weights[i] * from[c];
                weights[i] *= outputs[o] / inputs[c];
            }
        }
        operands[1] = patch.Constant(node.Inputs[1]!.Name, weight);
        if (node.Input(Conv.Bias) is not null || from is not null || to is not null)
        {
            double[] bias = QuantizedWeights.Reals(node.Input(Conv.Bias), outputs.Length) ?? new double[outputs.Length];
            float[] biases = new float[outputs.Length];
            for (int o = 0; o < biases.Length; o++) biases[o] = (float)((bias[o] + moved[o] - (to?[o] ?? 0)) * outputs[o]);
            if (operands.Length <= Conv.Bias) Array.Resize(ref operands, Conv.Bias + 1);
            operands[Conv.Bias] = patch.Constant(node.Input(Conv.Bias)?.Name ?? $"{node.Name}/bias", Tensor.Vector<float>(biases));
        }
        Value made = patch.AddNamed(old, gains is null ? result.Name : $"{result.Name}/plain", old.Operator, operands);
        if (gains is not null) made = patch.Add1(result.Name, new Binary { Function = BinaryFunction.Mul }, made, patch.Constant($"{result.Name}/gain", Tensor.Vector<float>(gains)));
        copy.Apply(patch.Replace(result, made));
        map[node.Outputs[0]] = made;
    }
}
