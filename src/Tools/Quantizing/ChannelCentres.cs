using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;

namespace EdgeRuntime.Tools.Quantizing;

/// <summary>
/// Where the middle of each channel lies, for values that may be moved there: what makes them takes the middle off in its bias, what reads them adds it in its own. One range of 8 bits then holds channels that lie in different
/// places, each with finer steps. That is so between a product without a function and products that do not pad, as padding stands for zeros.
/// </summary>
internal static class ChannelCentres
{
    /// <summary>The middles of each value that may be moved.</summary>
    /// <param name="graph">The prepared graph.</param>
    /// <param name="statistics">What was seen of its values.</param>
    public static Dictionary<Value, float[]> Of(Graph graph, IReadOnlyDictionary<Value, ValueStatistics> statistics)
    {
        var centres = new Dictionary<Value, float[]>();
        foreach (Node node in graph.Nodes)
        {
            if (!ChannelClasses.IsAbsorbing(node) || !IsLinear(node) || !IsMovable(graph, node.Outputs[0])) continue;
            if (!statistics.TryGetValue(node.Outputs[0], out ValueStatistics? seen) || seen.NotFinite > 0 || seen.Lows.Length == 0 || seen.Lows.Length != ChannelClasses.Width(node.Outputs[0])) continue;
            var middles = new float[seen.Lows.Length];
            for (int c = 0; c < middles.Length; c++) middles[c] = seen.Lows[c] / 2 + seen.Highs[c] / 2;
            centres[node.Outputs[0]] = middles;
        }
        return centres;
    }

    private static bool IsLinear(Node node) => node.Operator switch
    {
        Conv conv => conv.Activation.IsNone,
        MatMul product => product.Activation.IsNone,
        _ => false,
    };

    private static bool IsMovable(Graph graph, Value value) => value.Consumers.Count > 0 && !graph.IsOutput(value) && value.Consumers.All(reader =>
        ChannelClasses.IsAbsorbing(reader) && reader.Inputs.Count(i => i == value) == 1 && reader.Inputs[0] == value && (reader.Operator is not Conv { Window: var window } || window.AutoPad == AutoPad.Explicit && Array.TrueForAll(window.Pads, p => p == 0)));
}
