using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;

namespace EdgeRuntime.Tools.Onnx.Operators;

/// <summary>Subgraphs, as far as it is known at conversion what they do.</summary>
internal static class ControlFlow
{
    public static readonly (string Name, OnnxImport Import)[] All =
    [
        ("If", If),
    ];

    /// <summary>
    /// The branch that is taken, where that is known; else both branches, of which each result is chosen element by element. Nothing
    /// in a graph has side effects, so that computing both costs time only.
    /// </summary>
    private static Value[] If(OnnxNode node)
    {
        Value condition = node.Input(0);
        if (condition.Constant is not null) return node.Inline(node.Number(condition, 0) != 0 ? "then_branch" : "else_branch");
        Value[] then = node.Inline("then_branch"), otherwise = node.Inline("else_branch");
        if (then.Length != otherwise.Length) throw node.Problem("its branches have different numbers of outputs");
        for (int i = 0; i < then.Length; i++)
        {
            if (then[i].Type.DataType != otherwise[i].Type.DataType || !then[i].Type.Shape.IsStatic || then[i].Type.Shape != otherwise[i].Type.Shape)
                throw node.Problem($"its condition is computed while running, and its branches give {then[i].Type} and {otherwise[i].Type}; only equal types can be chosen between");
        }
        Value scalar = node.Reshape(condition, []);
        return [.. then.Zip(otherwise, (a, b) => node.Add1(new Where(), scalar, a, b))];
    }
}
