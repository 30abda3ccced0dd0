using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;

namespace EdgeRuntime.Tools.Passes;

/// <summary>An operator rewritten for inputs whose axes are not yet permuted.</summary>
/// <param name="Operator">The operator with its axes renumbered.</param>
/// <param name="Permutation">The permutation to apply to its outputs.</param>
/// <param name="Operands">How many inputs, from the first, are in the layout; the rest (shapes, axes) stay as they are.</param>
internal sealed record MovedOperator(Operator Operator, int[] Permutation, int Operands);

/// <summary>For each operator past which transposes can sink, how its axes are renumbered.</summary>
internal static class TransposeRules
{
    /// <summary>The rewritten operator for inputs that are transposed by <paramref name="permutation"/> now, or null when there is no rule.</summary>
    public static MovedOperator? Moved(Node node, int[] permutation)
    {
        int rank = permutation.Length;
        switch (node.Operator)
        {
            case Unary or Cast or Interpret:
                return new MovedOperator(node.Operator, permutation, 1);
            case Binary when node.Outputs[0].Type.Shape.Rank == rank:
                return new MovedOperator(node.Operator, permutation, 2);
            case Where when node.Outputs[0].Type.Shape.Rank == rank:
                return new MovedOperator(node.Operator, permutation, 3);
            case Concat concat:
                return new MovedOperator(new Concat { Axis = permutation[Axis(concat.Axis, rank)] }, permutation, node.Inputs.Count);
            case Softmax softmax:
                Softmax newSoftmax = softmax.Copy();
                newSoftmax.Axis = permutation[Axis(softmax.Axis, rank)];
                return new MovedOperator(newSoftmax, permutation, 1);
            case Normalize normalize:
                Normalize newNormalize = normalize.Copy();
                newNormalize.Axes = Array.ConvertAll(normalize.Axes, axis => permutation[Axis(axis, rank)]);
                return new MovedOperator(newNormalize, permutation, 1);
            case Split split when node.Input(1) is null:
                Split newSplit = split.Copy();
                newSplit.Axis = permutation[Axis(split.Axis, rank)];
                return new MovedOperator(newSplit, permutation, 1);
            case Pad pad when node.Input(1) is null && node.Input(3) is null:
                Pad newPad = pad.Copy();
                newPad.Axes = Axes(pad.Axes, pad.Pads.Length / 2, permutation);
                return new MovedOperator(newPad, permutation, 1);
            case Slice slice when node.Inputs.Skip(1).All(v => v is null):
                Slice newSlice = slice.Copy();
                newSlice.Axes = Axes(slice.Axes, slice.Starts.Length, permutation);
                return new MovedOperator(newSlice, permutation, 1);
            case Resize resize when node.Inputs.Skip(1).All(v => v is null):
                Resize newResize = resize.Copy();
                newResize.Axes = Axes(resize.Axes, resize.Axes.Length > 0 ? resize.Axes.Length : rank, permutation);
                return new MovedOperator(newResize, permutation, 1);
            case Gather gather when node.Inputs[1] is { Type.Shape.Rank: 0 }:
                Gather newGather = gather.Copy();
                newGather.Axis = permutation[Axis(gather.Axis, rank)];
                return new MovedOperator(newGather, Without(permutation, newGather.Axis), 1);
            case Reduce reduce when node.Input(1) is null && reduce.Axes.Length > 0:
                return Moved(reduce, permutation);
            case Quantize or Dequantize when node.Inputs.Skip(1).All(v => v is null || v.Type.Shape is { IsStatic: true, Count: 1 }):
                return new MovedOperator(node.Operator, permutation, 1);
            default:
                return null;
        }
    }

    /// <summary>Axes that are kept stay where the transpose puts them; those that vanish leave a smaller permutation.</summary>
    private static MovedOperator Moved(Reduce reduce, int[] permutation)
    {
        Reduce moved = reduce.Copy();
        moved.Axes = Axes(reduce.Axes, reduce.Axes.Length, permutation);
        return new MovedOperator(moved, reduce.KeepDims ? permutation : Without(permutation, moved.Axes), 1);
    }

    /// <summary>The permutation of the axes that are left.</summary>
    private static int[] Without(int[] permutation, params long[] axes)
    {
        int[] left = [.. permutation.Where(axis => !axes.Contains(axis))];
        int[] order = [.. left.Order()];
        return Array.ConvertAll(left, axis => Array.IndexOf(order, axis));
    }

    /// <summary>The axes before the transpose; no axes mean the first ones.</summary>
    private static long[] Axes(long[] axes, int count, int[] permutation)
    {
        long[] moved = new long[count];
        for (int i = 0; i < count; i++) moved[i] = permutation[Axis(axes.Length > 0 ? (int)axes[i] : i, permutation.Length)];
        return moved;
    }

    private static int Axis(int axis, int rank) => axis < 0 ? axis + rank : axis;
}
