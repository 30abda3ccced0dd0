using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Passes;

/// <summary>
/// Functions of two dequantized operands as functions of the integers. A float constant beside one, a number or a vector along the last axis, stays what it is: quantized with a scale for each element, it is 1, -1 or 0 times that
/// scale. A quotient by such a constant is a product.
/// </summary>
internal static class QuantizedPairs
{
    /// <summary>The patch that computes <paramref name="y"/>, or null when the node has no integer form.</summary>
    public static GraphPatch? Of(Node node, Value y, Binary binary, QuantizedResult result)
    {
        if (!Requantize.IsClamp(binary.Activation)) return null;
        bool divides = binary.Function == BinaryFunction.Div;
        Binary op = binary.Copy();
        op.Result = result;
        if (divides) op.Function = BinaryFunction.Mul;
        if (!QuantizedPair.Has(op.Function)) return null;
        var patch = new GraphPatch();
        Value? a = Operand(patch, node.Inputs[0]!, false), b = Operand(patch, node.Inputs[1]!, divides);
        if (a is null || b is null || (divides && (node.Inputs[1]!.Constant is null || b.Constant is null)) || (a.Constant is not null && b.Constant is not null)) return null;
        // What has scales along an axis comes second.
        if (a.Type.Quantization!.Axis >= 0 && op.Function is BinaryFunction.Add or BinaryFunction.Mul) (a, b) = (b, a);
        if (a.Type.Quantization!.Axis >= 0 || (b.Type.Quantization!.Axis is >= 0 and int axis && (!QuantizedPair.HasChannels(op.Function) || axis != b.Type.Shape.Rank - 1))) return null;
        return new QuantizedPair(op, a.Type, b.Type).IsFinite ? patch.Replace(y, patch.AddNamed(node, y.Name, op, a, b)) : null;
    }

    /// <summary>True for nodes that <see cref="Of"/> has a form for once their operands are quantized.</summary>
    public static bool Fits(Node node, Binary binary) =>
        Requantize.IsClamp(binary.Activation) && (QuantizedPair.Has(binary.Function) || (binary.Function == BinaryFunction.Div && node.Inputs[1]?.Constant is not null && TakesConstant(node, 1)));

    /// <summary>True where the node takes its constant input <paramref name="index"/> exactly, so that nobody needs to quantize it.</summary>
    public static bool TakesConstant(Node node, int index)
    {
        if (node.Operator is not Binary binary || node.Inputs[index]?.Constant is not { Type: { DataType: DataType.F32, Quantization: null } } constant) return false;
        bool divides = binary.Function == BinaryFunction.Div;
        if (divides ? index == 0 : !QuantizedPair.Has(binary.Function)) return false;
        bool isSecond = index == 1 || binary.Function is BinaryFunction.Add or BinaryFunction.Mul;
        return (constant.Shape.Count == 1 || (isSecond && (divides || QuantizedPair.HasChannels(binary.Function)))) && Exact(constant, divides) is not null;
    }

    private static Value? Operand(GraphPatch patch, Value value, bool inverse)
    {
        if (value.Constant is { Type.DataType: DataType.F32 } constant) return Exact(constant, inverse) is { } exact ? patch.Constant(value.Name, exact) : null;
        if (QuantizedSource.Of(value) is { } source) return source.Add(patch);
        return !value.Type.Shape.IsUnranked && QuantizedSource.Weight(value, value.Type.Shape.Rank - 1) is { } weight ? weight.Add(patch) : null;
    }

    /// <summary>The constant, or one over it, as numbers that stand for just that; null for others than numbers and vectors along the last axis.</summary>
    private static Tensor? Exact(Tensor constant, bool inverse)
    {
        Shape shape = constant.Shape;
        if (shape.Count < 1 || (shape.Count > 1 && shape[-1] != shape.Count)) return null;
        Span<float> reals = constant.Span<float>();
        float[] scales = new float[reals.Length];
        var numbers = new Tensor(new TensorType(DataType.I8, shape));
        for (int i = 0; i < scales.Length; i++)
        {
            float real = inverse ? 1 / reals[i] : reals[i];
            if (real != 0 && !float.IsNormal(real)) return null;
            scales[i] = real == 0 ? 1 : Math.Abs(real);
            numbers.Span<sbyte>()[i] = (sbyte)Math.Sign(real);
        }
        return numbers.WithQuantization(new Quantization(scales, new int[scales.Length], scales.Length == 1 ? -1 : shape.Rank - 1));
    }
}
