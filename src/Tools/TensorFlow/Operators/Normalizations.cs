using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.TensorFlow.Operators;

/// <summary>Normalisations. Scale and bias become products and sums, which the passes fold into their neighbours.</summary>
internal static class Normalizations
{
    public static readonly (string Name, TensorFlowImport Import)[] All =
    [
        ("FusedBatchNorm", Batch),
        ("FusedBatchNormV2", Batch),
        ("FusedBatchNormV3", Batch),
        ("LRN", LocalResponse),
        ("Softmax", n => [n.Add1(new Softmax(), n.Float(0))]),
        ("LogSoftmax", n => [n.Add1(new Softmax { Logarithm = true }, n.Float(0))]),
    ];

    /// <summary>scale · (x - mean) / √(variance + ε) + offset, as one product and one sum for each channel.</summary>
    private static TensorFlowResult[] Batch(TensorFlowNode node)
    {
        Value x = node.Float(0), scale = node.Float(1), offset = node.Float(2), mean = node.Float(3), variance = node.Float(4);
        if (mean.Type.Shape is { IsStatic: true, Count: 0 }) throw node.Problem("it is in training mode, where it computes mean and variance of the batch");
        Value deviation = node.Unary(UnaryFunction.Sqrt, node.Binary(BinaryFunction.Add, variance, node.Scalar(DataType.F32, node.Attributes.Float("epsilon", 0.001f))));
        Value factor = node.Binary(BinaryFunction.Div, scale, deviation);
        Value shift = node.Binary(BinaryFunction.Sub, offset, node.Binary(BinaryFunction.Mul, mean, factor));
        if (node.Attributes.OneOf("data_format", "NHWC", "NCHW", "NDHWC", "NCDHW").StartsWith("NC", StringComparison.Ordinal))
        {
            long[] channel = [-1, .. Enumerable.Repeat(1L, Math.Max(0, node.Rank(x) - 2))];
            (factor, shift) = (node.Reshape(factor, channel), node.Reshape(shift, channel));
        }
        return [node.Binary(BinaryFunction.Add, node.Binary(BinaryFunction.Mul, x, factor), shift), mean, variance];
    }

    /// <summary>TensorFlow sums the squares of 2·radius + 1 channels, where others take their mean.</summary>
    private static TensorFlowResult[] LocalResponse(TensorFlowNode node)
    {
        int size = checked(2 * node.Attributes.Int("depth_radius", 5) + 1);
        var op = new Lrn { Size = size, Alpha = node.Attributes.Float("alpha", 1) * size, Beta = node.Attributes.Float("beta", 0.5f), Bias = node.Attributes.Float("bias", 1) };
        return [node.Add1(op, node.Float(0))];
    }
}
