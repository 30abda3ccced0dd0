using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Passes;

/// <summary>
/// The product of floats with a constant matrix that was dequantized, when the matrix is a vocabulary: it reads the bytes, a row for each word, as the table of the words has them. The two then are one
/// constant, and no product waits for four times the memory.
/// </summary>
internal static class ByteProducts
{
    /// <summary>How many times wider than deep a vocabulary is at least. Other products have many rows, for which floats are faster.</summary>
    private const int Width = 16;

    /// <summary>Smaller ones are floats in the end.</summary>
    private const int FewestElements = 1 << 16;

    public static GraphPatch? Visit(Graph graph, Node node)
    {
        if (node.Operator is not MatMul { TransposeA: false, Scale: 1, Activation.IsNone: true, Result.IsNone: true } product || node.Inputs[0] is not { Type.DataType: DataType.F32, Type.Shape.IsUnranked: false }) return null;
        Value? bias = node.Input(MatMul.Bias);
        if (node.Inputs[1] is not { Type: { DataType: DataType.F32, Shape.Rank: 2 } } b) return null;
        if (QuantizedSource.Weight(b, product.TransposeB ? 0 : 1) is not { } weight) return null;
        int n = b.Type.Shape[product.TransposeB ? 0 : 1], k = b.Type.Shape[product.TransposeB ? 1 : 0];
        if (n < (long)Width * k || (long)n * k < FewestElements || k % 8 != 0) return null;
        if (bias is not null && bias.Type != new TensorType(DataType.F32, n)) return null;

        var patch = new GraphPatch();
        Value table = product.TransposeB ? weight.AddNumbers(patch) : weight.AddTransposedNumbers(graph, patch);
        Value scales = patch.Constant($"{table.Name}/scales", Tensor.Vector(weight.Quantization.Scales));
        Value zeros = patch.Constant($"{table.Name}/zeros", Tensor.Vector<float>(Array.ConvertAll(weight.Quantization.ZeroPoints.ToArray(), z => (float)z)));
        Value?[] inputs = bias is null ? [node.Inputs[0], table, scales, zeros] : [node.Inputs[0], table, scales, zeros, bias];
        // Blocks have no meaning here but that they must fill a row.
        var op = new MatMulBlocks { K = k, N = n, Bits = 8, Block = Math.Min(k & -k, 1 << 16) };
        Value y = node.Outputs[0];
        return patch.Replace(y, patch.AddNamed(node, y.Name, op, inputs));
    }
}
