using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;

namespace EdgeRuntime.Tools.Quantizing;

/// <summary>How many bytes the constants of each layer take, by name: weights, biases, and scales. What several layers share is counted for the first.</summary>
internal static class LayerBytes
{
    /// <summary>The bytes of each node that has constants.</summary>
    public static Dictionary<string, long> Of(Graph graph)
    {
        var bytes = new Dictionary<string, long>(StringComparer.Ordinal);
        var counted = new HashSet<Value>();
        foreach (Node node in graph.Nodes)
        {
            // What is widened is counted for who reads it then.
            if (IsWidened(node)) continue;
            long sum = 0;
            foreach (Value? input in node.Inputs)
                if (input is not null) sum += OfValue(input, counted);
            if (sum > 0) bytes[node.Name] = bytes.GetValueOrDefault(node.Name) + sum;
        }
        return bytes;
    }

    /// <summary>A constant, or one that is widened before use.</summary>
    private static long OfValue(Value value, HashSet<Value> counted)
    {
        if (value.Constant is { } constant) return counted.Add(value) ? constant.Type.ByteCount + sizeof(float) * (constant.Type.Quantization?.Scales.Length ?? 0) : 0;
        return value.Producer is { } maker && IsWidened(maker) ? maker.Inputs.Sum(v => v is null ? 0 : OfValue(v, counted)) : 0;
    }

    private static bool IsWidened(Node node) => node.Operator is Cast or Dequantize && node.Inputs[0]?.Constant is not null;
}
