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

    private static Tensor Make(Value input, Graph graph, Random random)
    {
        if (!input.Type.Shape.IsStatic)
        {
            throw new EdgeException(ErrorCode.BadUsage, $"Input '{input.Name}' of '{graph.Name}' is {input.Type.Format(graph.Symbols)}: its shape is open.",
                $"Fix it, for example with --input {input.Name}={string.Join('x', input.Type.Shape.Span.ToArray().Select(d => d < 0 ? "1" : $"{d}"))}");
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
