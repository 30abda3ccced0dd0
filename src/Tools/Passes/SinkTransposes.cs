using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Passes;

/// <summary>
/// Moves transposes towards the outputs, past operators that can as well work on the untransposed tensor, until they meet their
/// inverse: f(T(x)) becomes T(f(x)). This is what leaves a network of convolutions channels last from end to end.
/// </summary>
internal static class SinkTransposes
{
    public static GraphPatch? Visit(Graph graph, Node node)
    {
        // The transpose that decides: the first input that is one. Each further input must be movable for nothing.
        Value? moved = node.Inputs.FirstOrDefault(v => v.Made<Transpose>() is not null && !v!.Type.Shape.IsUnranked);
        if (moved is null || node.Outputs.Count == 0 || node.Operator is Transpose) return null;
        // One that has just met another is to be merged with it, not to run away from it: a chain would take a round for each pair.
        if (moved.Producer!.Inputs[0].Made<Transpose>() is not null) return null;
        int[] permutation = moved.Made<Transpose>()!.For(moved.Type.Shape.Rank);
        if (node.Operator is Reshape && node.Input(1) is null) return ReshapedTranspose.Swap(node, moved.Producer!.Inputs[0]!, permutation);
        if (TransposeRules.Moved(node, permutation) is not { } rule) return null;

        var patch = new GraphPatch();
        var inputs = new Value?[node.Inputs.Count];
        for (int i = 0; i < inputs.Length; i++)
        {
            if (node.Inputs[i] is not { } input) continue;
            inputs[i] = rule.Operands > i ? Untransposed(patch, input, permutation) : input;
            if (inputs[i] is null) return null;
        }
        Value[] results = patch.Add(node.Name, rule.Operator, inputs);
        for (int i = 0; i < results.Length; i++)
        {
            Value old = node.Outputs[i];
            results[i].Name = LayoutName.Permuted(old.Name, LayoutName.Inverse(rule.Permutation));
            patch.Replace(old, patch.AddNamed(node, old.Name, new Transpose { Permutation = rule.Permutation }, results[i]));
        }
        return patch;
    }

    /// <summary>The operand in the other layout, if that costs nothing: a transpose undone, a constant, one element repeated, a reshape, or a transpose that exists already.</summary>
    private static Value? Untransposed(GraphPatch patch, Value value, int[] permutation)
    {
        if (value.Type.Shape.IsUnranked) return null;
        int rank = permutation.Length;
        if (value.Made<Transpose>() is { } own && value.Type.Shape.Rank == rank && own.For(rank).AsSpan().SequenceEqual(permutation))
            return value.Producer!.Inputs[0];
        if (value.Type.Shape is { IsStatic: true, Count: 1 } && value.Type.Shape.Rank < rank) return value;

        int[] inverse = LayoutName.Inverse(permutation);
        if (value.Constant is not null)
        {
            if (value.Type.Shape.Rank > rank) return null;
            TensorView wide = value.Constant.View.As(value.Type with { Shape = Widened(value.Type.Shape, rank) });
            var moved = new Tensor(value.Type with { Shape = new Shape([.. inverse.Select(axis => wide.Shape[axis])]) });
            new Transpose { Permutation = inverse }.Evaluate([wide], [moved.View]);
            return patch.Constant(LayoutName.Permuted(value.Name, inverse), moved);
        }
        if (value.Type.Shape.Rank != rank) return null;
        if (value.Made<Expand>() is not null && value.Producer is { } expand && expand.Input(1) is null && expand.Inputs[0] is { Type.Shape: { IsStatic: true, Count: 1 } } one && value.Type.Shape.IsStatic)
        {
            long[] target = [.. inverse.Select(axis => (long)value.Type.Shape[axis])];
            return patch.AddNamed(expand, LayoutName.Permuted(value.Name, inverse), new Expand { Target = target }, one);
        }
        if (value.Consumers.FirstOrDefault(n => n.Operator is Transpose t && t.For(rank).AsSpan().SequenceEqual(inverse)) is { } existing)
            return existing.Outputs[0];
        return EliminateTransposes.MovesNothing(value.Type.Shape, inverse)
            ? patch.AddNamed(value.Producer ?? value.Consumers[0], LayoutName.Permuted(value.Name, inverse), new Transpose { Permutation = inverse }, value)
            : null;
    }

    private static Shape Widened(in Shape shape, int rank)
    {
        int[] wide = new int[rank];
        Array.Fill(wide, 1);
        shape.Span.CopyTo(wide.AsSpan(rank - shape.Rank));
        return new Shape(wide);
    }
}
