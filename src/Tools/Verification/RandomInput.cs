using EdgeRuntime.Diagnostics;
using EdgeRuntime.Graphs;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Verification;

/// <summary>Inputs for a model when nobody has better ones: the same for the same seed.</summary>
internal static class RandomInput
{
    /// <summary>A tensor for each input: floats between -1 and 1, integers 0 or 1, which are valid indices nearly everywhere.</summary>
    /// <exception cref="EdgeException">A shape is open, or a type cannot be made up.</exception>
    public static Tensor[] For(Graph graph, int seed)
    {
        var random = new Random(seed);
        return [.. graph.Inputs.Select(input => Make(input, graph, random))];
    }

    /// <summary>The shape as --input takes it; what is not known is in capitals, and a batch of one is as good as any.</summary>
    private static string Template(in Shape shape, IReadOnlyList<string> symbols)
    {
        if (shape.IsUnranked) return "1x3x320x320";
        var parts = new string[shape.Rank];
        for (int i = 0; i < parts.Length; i++)
        {
            int symbol = Shape.SymbolIndex(shape[i]);
            parts[i] = shape[i] >= 0 ? $"{shape[i]}" : i == 0 ? "1" : symbol >= 0 && symbol < symbols.Count ? symbols[symbol].ToUpperInvariant() : "N";
        }
        return string.Join('x', parts);
    }

    private static Tensor Make(Value input, Graph graph, Random random)
    {
        if (!input.Type.Shape.IsStatic)
        {
            throw new EdgeException(ErrorCode.BadUsage, $"Input '{input.Name}' of '{graph.Name}' is {input.Type.Format(graph.Symbols)}: its shape is open.",
                $"Fix it with --input {input.Name}={Template(input.Type.Shape, graph.Symbols)}{(input.Type.Shape.IsUnranked ? "" : ", numbers in place of the words")}.");
        }
        var tensor = new Tensor(input.Type);
        switch (input.Type.DataType)
        {
            case DataType.F32:
                foreach (ref float x in tensor.Span<float>()) x = random.NextSingle() * 2 - 1;
                break;
            case DataType.F64:
                foreach (ref double x in tensor.Span<double>()) x = random.NextDouble() * 2 - 1;
                break;
            case DataType.F16:
                foreach (ref Half x in tensor.Span<Half>()) x = (Half)(random.NextSingle() * 2 - 1);
                break;
            default:
                int size = input.Type.DataType.Size();
                Span<byte> bytes = tensor.View.Bytes;
                for (int i = 0; i < bytes.Length; i += size) bytes[i] = (byte)random.Next(2);
                break;
        }
        return tensor;
    }
}
