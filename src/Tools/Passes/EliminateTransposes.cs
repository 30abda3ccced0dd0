using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Passes;

/// <summary>Merges transposes that follow each other, drops pairs that cancel, and turns those that move no element into reshapes.</summary>
internal static class EliminateTransposes
{
    public static GraphPatch? Visit(Graph graph, Node node)
    {
        if (node.Operator is not Transpose transpose || node.Inputs[0] is not { } x || x.Type.Shape.IsUnranked) return null;
        Value y = node.Outputs[0];
        int[] permutation = transpose.For(x.Type.Shape.Rank);
        var patch = new GraphPatch();
        if (x.Made<Transpose>() is { } earlier && x.Producer!.Inputs[0] is { } source)
        {
            int[] total = LayoutName.Compose(earlier.For(permutation.Length), permutation);
            return LayoutName.IsIdentity(total) ? patch.Replace(y, source)
                : patch.Replace(y, patch.AddNamed(node, y.Name, new Transpose { Permutation = total }, source));
        }
        if (!MovesNothing(x.Type.Shape, permutation)) return null;
        bool known = y.Type.Shape.IsStatic;
        if ((known ? Array.ConvertAll(y.Type.Shape.Span.ToArray(), d => (long)d) : ReshapeTarget.For(x.Type.Shape, y.Type.Shape)) is not { } target) return null;
        var reshape = new Reshape { Target = target, AllowZero = known };
        return patch.Replace(y, patch.AddNamed(node, y.Name, reshape, x));
    }

    /// <summary>True when only axes of size 1 change places with others, so that the elements stay in order.</summary>
    public static bool MovesNothing(in Shape shape, ReadOnlySpan<int> permutation)
    {
        if (shape.IsUnranked) return false;
        int last = -1;
        foreach (int axis in permutation)
        {
            if (shape[axis] == 1) continue;
            if (axis < last) return false;
            last = axis;
        }
        return true;
    }
}
