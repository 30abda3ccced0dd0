using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;

namespace EdgeRuntime.Tools.Quantizing;

/// <summary>Tells models that were quantized before they came here: their integers are exact as they are, and another rounding would only lose.</summary>
internal static class IntegerModel
{
    /// <summary>Number of products of a graph that compute with integers, or with weights of few bits.</summary>
    public static int CountProducts(Graph graph) => graph.Nodes.Count(n => n.Operator switch
    {
        Conv or MatMul or ConvTranspose => n.Inputs[0]?.Type.Quantization is not null || n.Inputs[1]?.Producer is { Operator: Dequantize },
        MatMulInteger or ConvInteger or MatMulBlocks => true,
        _ => false,
    });
}
