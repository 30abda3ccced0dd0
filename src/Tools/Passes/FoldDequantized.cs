using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;

namespace EdgeRuntime.Tools.Passes;

/// <summary>
/// Dequantized constants that no operator of integers wanted become floats, if they are small. Large ones stay 8-bit in the file and are widened when the model is loaded. Runs last: before that,
/// integers must be seen as such.
/// </summary>
internal static class FoldDequantized
{
    public static GraphPatch? Visit(Graph graph, Node node) => node.Operator is Dequantize ? ConstantFolding.Fold(node, keepGrowing: true) : null;
}
