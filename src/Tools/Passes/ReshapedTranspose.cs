using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Passes;

/// <summary>
/// A reshape of a transposed tensor as a transpose of a reshaped one: exact where the reshape splits and merges only axes that lie together
/// before the transpose too. Detection heads (N C H W to N C H·W) and channel shuffles (C to g · C/g and back) are such.
/// </summary>
internal static class ReshapedTranspose
{
    /// <summary>Axes of the transposed tensor that become axes of the result: the same number of elements on both sides.</summary>
    private readonly record struct Block(int[] From, int[] To);

    /// <summary>The patch for reshape(transpose(x)), or null when it cannot be or does not help.</summary>
    public static GraphPatch? Swap(Node reshape, Value x, int[] permutation)
    {
        Value y = reshape.Outputs[0];
        Shape target = y.Type.Shape, source = x.Type.Shape;
        if (!source.IsStatic || !target.IsStatic || source.Count == 0) return null;

        // Axes of size 1 are nowhere in particular, so they are left out: squeezed axes are numbered among those that are left.
        int[] kept = [.. Enumerable.Range(0, source.Rank).Where(axis => source[axis] != 1)];
        int[] moved = [.. permutation.Where(axis => source[axis] != 1).Select(axis => Array.IndexOf(kept, axis))];
        int[] sizes = Array.ConvertAll(kept, axis => source[axis]);
        if (Blocks(Array.ConvertAll(moved, axis => sizes[axis]), target) is not { } blocks) return null;

        // Each block's axes before the transpose; they must be neighbours there, in whatever order.
        var axes = blocks.ConvertAll(block => Array.ConvertAll(block.From, i => moved[i]));
        if (axes.Exists(a => a.Length > 0 && a.Max() - a.Min() != a.Length - 1)) return null;

        // Blocks in the order in which they lie before the transpose. Ones come first, as a batch does.
        int[] order = [.. Enumerable.Range(0, blocks.Count).OrderBy(i => axes[i].Length > 0 ? axes[i].Min() : -1)];
        int[] inner = [.. order.SelectMany(i => axes[i])];
        int[] placed = [.. order.SelectMany(i => blocks[i].To)];
        int[] outer = LayoutName.Inverse(placed);
        if (EliminateTransposes.MovesNothing(new Shape(Array.ConvertAll(placed, axis => target[axis])), outer)) return null;

        var patch = new GraphPatch();
        Value before = x;
        if (!LayoutName.IsIdentity(inner))
        {
            Value squeezed = patch.Add1($"{reshape.Name}/squeezed", new Reshape { Target = Array.ConvertAll(sizes, d => (long)d), AllowZero = true }, x);
            before = patch.Add1($"{reshape.Name}/within", new Transpose { Permutation = inner }, squeezed);
        }
        var middle = new Reshape { Target = Array.ConvertAll(placed, axis => (long)target[axis]), AllowZero = true };
        Value result = patch.AddNamed(reshape, LayoutName.Permuted(y.Name, placed), middle, before);
        return patch.Replace(y, patch.AddNamed(reshape, y.Name, new Transpose { Permutation = outer }, result));
    }

    /// <summary>The smallest runs of axes on both sides that hold the same number of elements.</summary>
    private static List<Block>? Blocks(int[] from, in Shape to)
    {
        var blocks = new List<Block>();
        int i = 0, j = 0;
        while (i < from.Length || j < to.Rank)
        {
            // Ones are by themselves: they may go anywhere.
            if (j < to.Rank && to[j] == 1)
            {
                blocks.Add(new Block([], [j++]));
                continue;
            }
            int firstFrom = i, firstTo = j;
            long left = i < from.Length ? from[i++] : 1, right = j < to.Rank ? to[j++] : 1;
            while (left != right)
            {
                if (left < right && i < from.Length) left *= from[i++];
                else if (right < left && j < to.Rank) right *= to[j++];
                else return null;
            }
            blocks.Add(new Block([.. Enumerable.Range(firstFrom, i - firstFrom)], [.. Enumerable.Range(firstTo, j - firstTo)]));
        }
        return blocks;
    }
}
