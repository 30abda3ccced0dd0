using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Inspection;

/// <summary>Tells what of a graph's constants was learned: weights and biases, in floats or integers; not scales of integers, shapes and indices.</summary>
internal static class ModelParameters
{
    /// <summary>True for a constant that was learned.</summary>
    public static bool Is(Value value)
    {
        if (value.Constant is null) return false;
        if (value.Type.DataType.IsFloat()) return !value.Consumers.All(IsScaled);
        return value.Type.Quantization is not null || value.Consumers.Any(n => Reads(n, value));

        bool IsScaled(Node node) => node.Operator is Quantize or Dequantize && node.Inputs[0] != value;
    }

    /// <summary>True when integers are the operand of a product, its bias, or what is widened into one.</summary>
    private static bool Reads(Node node, Value value) => node.Operator switch
    {
        Conv or ConvTranspose or MatMul => node.Inputs.Skip(1).Contains(value),
        Dequantize => node.Inputs[0] == value,
        _ => false,
    };
}
