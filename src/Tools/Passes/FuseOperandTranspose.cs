using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Passes;

/// <summary>A product with a matrix that is transposed just for it, as queries with keys, reads the matrix as it was.</summary>
internal static class FuseOperandTranspose
{
    public static GraphPatch? Visit(Graph graph, Node node)
    {
        if (node.Operator is not MatMul product || node.Inputs[1] is not { Type.DataType: DataType.F32 } b || b.Made<Transpose>() is not { } transpose || !graph.HasOneReader(b)) return null;
        int rank = b.Type.Shape.Rank;
        if (b.Type.Shape.IsUnranked || rank < 2) return null;
        int[] permutation = transpose.For(rank);
        for (int i = 0; i < rank - 2; i++)
            if (permutation[i] != i) return null;
        if (permutation[rank - 1] != rank - 2) return null;
        MatMul turned = product.Copy();
        turned.TransposeB = !product.TransposeB;
        Value?[] inputs = [.. node.Inputs];
        inputs[1] = b.Producer!.Inputs[0];
        var patch = new GraphPatch();
        Value y = node.Outputs[0];
        return patch.Replace(y, patch.AddNamed(node, y.Name, turned, inputs));
    }
}
