using EdgeRuntime.Graphs;

namespace EdgeRuntime.Tools.Onnx.Operators;

/// <summary>Subgraphs, as far as it is known at conversion what they do.</summary>
internal static class ControlFlow
{
    public static readonly (string Name, OnnxImport Import)[] All =
    [
        ("If", If),
    ];

    private static Value[] If(OnnxNode node)
    {
        if (node.Input(0).Constant is null) throw node.Problem("its condition is computed while running; only conditions known at conversion are supported");
        return node.Inline(node.Number(node.Input(0), 0) != 0 ? "then_branch" : "else_branch");
    }
}
