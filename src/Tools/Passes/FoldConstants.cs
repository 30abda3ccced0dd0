using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;

namespace EdgeRuntime.Tools.Passes;

/// <summary>Computes what depends on constants only, and shape arithmetic as soon as shapes are known. Dequantized constants wait: see <see cref="FoldDequantized"/>.</summary>
internal static class FoldConstants
{
    public static GraphPatch? Visit(Graph graph, Node node) => node.Operator is Dequantize ? null : ConstantFolding.Fold(node, keepGrowing: true);
}
