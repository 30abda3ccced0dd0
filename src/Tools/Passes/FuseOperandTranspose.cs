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
        // What is left of the transpose must leave rows in one piece, or there is nothing won.
        int[] permutation = transpose.For(rank);
        if (permutation[rank - 2] != rank - 1) return null;
        (permutation[rank - 2], permutation[rank - 1]) = (permutation[rank - 1], permutation[rank - 2]);
        MatMul turned = product.Copy();
        turned.TransposeB = !product.TransposeB;
        Value?[] inputs = [.. node.Inputs];
        var patch = new GraphPatch();
        Value x = b.Producer!.Inputs[0]!;
        inputs[1] = LayoutName.IsIdentity(permutation) ? x : patch.Add1(b.Producer.Name, new Transpose { Permutation = permutation }, x);
        Value y = node.Outputs[0];
        return patch.Replace(y, patch.AddNamed(node, y.Name, turned, inputs));
    }
}
