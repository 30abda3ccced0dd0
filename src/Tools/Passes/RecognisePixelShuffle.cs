using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Passes;

/// <summary>Finds exchanges of channels for pixels, and back, that are spelt as reshape, transpose, reshape with channels first.</summary>
internal static class RecognisePixelShuffle
{
    private static readonly (int[] Permutation, DepthSpaceFunction Function)[] Spellings =
    [
        ([0, 1, 4, 2, 5, 3], DepthSpaceFunction.DepthToSpaceColumnFirst),
        ([0, 3, 4, 1, 5, 2], DepthSpaceFunction.DepthToSpace),
        ([0, 3, 5, 1, 2, 4], DepthSpaceFunction.SpaceToDepth),
    ];

    public static GraphPatch? Visit(Graph graph, Node node)
    {
        if (node.Operator is not Reshape || node.Inputs[0] is not { } turned || turned.Made<Transpose>() is not { } transpose) return null;
        if (turned.Producer!.Inputs[0] is not { Type.Shape.Rank: 6 } apart || apart.Made<Reshape>() is null || apart.Producer!.Inputs[0] is not { Type.Shape.Rank: 4 } x) return null;
        Value y = node.Outputs[0];
        if (y.Type.Shape.Rank != 4) return null;
        int[] permutation = transpose.For(6);
        foreach ((int[] spelling, DepthSpaceFunction function) in Spellings)
        {
            if (!permutation.AsSpan().SequenceEqual(spelling) || Block(x.Type.Shape, apart.Type.Shape, y.Type.Shape, function) is not { } block) continue;
            var patch = new GraphPatch();
            Value last = patch.Add1($"{node.Name}/last", new Transpose { Permutation = [0, 2, 3, 1] }, x);
            Value moved = patch.Add1($"{node.Name}/moved", new DepthSpace { Function = function, Block = block }, last);
            return patch.Replace(y, patch.AddNamed(node, y.Name, new Transpose { Permutation = [0, 3, 1, 2] }, moved));
        }
        return null;
    }

    /// <summary>The size of blocks if the shapes are those of an exchange; all but the batch must be known.</summary>
    private static int? Block(in Shape x, in Shape apart, in Shape y, DepthSpaceFunction function)
    {
        (int c, int h, int w) = (x[1], x[2], x[3]);
        if (c < 1 || h < 1 || w < 1 || x[0] == Shape.Unknown || apart[0] != x[0] || y[0] != x[0]) return null;
        if (function == DepthSpaceFunction.SpaceToDepth)
        {
            int own = apart[3];
            return own > 1 && h % own == 0 && w % own == 0 && Is(apart, c, h / own, own, w / own, own) && y[1] == c * own * own && y[2] == h / own && y[3] == w / own ? own : null;
        }
        int block = apart[2];
        if (block < 2 || c % (block * block) != 0) return null;
        int rest = c / (block * block);
        bool fits = function == DepthSpaceFunction.DepthToSpace ? Is(apart, block, block, rest, h, w) : Is(apart, rest, block, block, h, w);
        return fits && y[1] == rest && y[2] == h * block && y[3] == w * block ? block : null;
    }

    private static bool Is(in Shape shape, params ReadOnlySpan<int> sizes) => shape.Span[1..].SequenceEqual(sizes);
}
