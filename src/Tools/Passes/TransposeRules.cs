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
            case Unary or Cast:
                return new MovedOperator(node.Operator, permutation, 1);
            case Binary when node.Outputs[0].Type.Shape.Rank == rank:
                return new MovedOperator(node.Operator, permutation, 2);
            case Concat concat:
                return new MovedOperator(new Concat { Axis = permutation[Axis(concat.Axis, rank)] }, permutation, node.Inputs.Count);
            case Softmax softmax:
                Softmax copy = softmax.Copy();
                copy.Axis = permutation[Axis(softmax.Axis, rank)];
                return new MovedOperator(copy, permutation, 1);
            default:
                return null;
        }
    }

    private static int Axis(int axis, int rank) => axis < 0 ? axis + rank : axis;
}
