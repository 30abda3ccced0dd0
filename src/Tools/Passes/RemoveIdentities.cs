using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;

namespace EdgeRuntime.Tools.Passes;

/// <summary>Removes nodes that change nothing, and merges reshapes that follow each other.</summary>
internal static class RemoveIdentities
{
    public static GraphPatch? Visit(Graph graph, Node node)
    {
        Value? x = node.Input(0);
        if (x is null || node.Outputs.Count != 1) return null;
        Value y = node.Outputs[0];
        if (Passes(node, x, y)) return new GraphPatch().Replace(y, x);
        if (node.Operator is Binary { Activation.IsNone: true } binary)
        {
            if (IsNeutral(binary.Function, node.Input(1), x, y)) return new GraphPatch().Replace(y, x);
            if (binary.Function is BinaryFunction.Add or BinaryFunction.Mul && IsNeutral(binary.Function, x, node.Input(1)!, y))
                return new GraphPatch().Replace(y, node.Input(1)!);
        }
        return node.Operator is Reshape or Flatten or Squeeze or Unsqueeze ? Simplify(node, x, y) : null;
    }

    /// <summary>True when the node's output is its first input.</summary>
    private static bool Passes(Node node, Value x, Value y) => node.Operator switch
    {
        Unary { Function: UnaryFunction.Identity, Result.IsNone: true } => true,
        Cast => x.Type.DataType == y.Type.DataType,
        Transpose t => !x.Type.Shape.IsUnranked && LayoutName.IsIdentity(t.For(x.Type.Shape.Rank)),
        Reshape or Flatten or Squeeze or Unsqueeze or Expand or Tile => GraphReading.SurelyEqual(x.Type.Shape, y.Type.Shape),
        Pad pad => node.Input(1) is null && Array.TrueForAll(pad.Pads, p => p == 0),
        Slice slice => node.Input(4) is null && Array.TrueForAll(slice.Steps, s => s > 0) && x.Type.Shape.IsStatic && x.Type.Shape == y.Type.Shape,
        Concat => node.Inputs.Count == 1,
        _ => false,
    };

    /// <summary>True for x + 0, x - 0, x · 1 and x / 1 where the constant does not widen x.</summary>
    private static bool IsNeutral(BinaryFunction function, Value? constant, Value x, Value y) =>
        constant.Scalar() is { } c && GraphReading.SurelyEqual(x.Type.Shape, y.Type.Shape) && function switch
        {
            BinaryFunction.Add or BinaryFunction.Sub => c == 0,
            BinaryFunction.Mul or BinaryFunction.Div => c == 1,
            _ => false,
        };

    /// <summary>What only gives another shape becomes a reshape; one whose result is known needs no second input, and no other before it.</summary>
    private static GraphPatch? Simplify(Node node, Value x, Value y)
    {
        Value source = x;
        while (source.Producer is { Operator: Reshape or Flatten or Squeeze or Unsqueeze } earlier) source = earlier.Inputs[0]!;
        if (source == x && node.Operator is Reshape && node.Input(1) is null) return null;
        long[]? target = y.Type.Shape.IsStatic ? Array.ConvertAll(y.Type.Shape.Span.ToArray(), d => (long)d) : ReshapeTarget.For(source.Type.Shape, y.Type.Shape);
        if (target is null) return null;
        var patch = new GraphPatch();
        return patch.Replace(y, patch.AddNamed(node, y.Name, new Reshape { Target = target, AllowZero = y.Type.Shape.IsStatic }, source));
    }
}
