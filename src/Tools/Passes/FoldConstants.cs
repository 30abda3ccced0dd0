using EdgeRuntime.Graphs;

namespace EdgeRuntime.Tools.Passes;

/// <summary>Computes what depends on constants only, and shape arithmetic as soon as shapes are known.</summary>
internal static class FoldConstants
{
    public static GraphPatch? Visit(Graph graph, Node node) => ConstantFolding.Fold(node, keepGrowing: true);
}
