using EdgeRuntime.Graphs;

namespace EdgeRuntime.Tools.Passes;

/// <summary>
/// One way to rewrite a graph. <paramref name="Visit"/> looks at a node and returns the edit to make there, or null. It must be
/// right for unknown shapes too: what cannot be told is left alone.
/// </summary>
/// <param name="Name">Name in tables.</param>
/// <param name="Visit">The rule.</param>
internal sealed record GraphPass(string Name, Func<Graph, Node, GraphPatch?> Visit);

/// <summary>What a pass did.</summary>
/// <param name="Pass">Name of the pass.</param>
/// <param name="Edits">Number of patches applied.</param>
/// <param name="NodesRemoved">Nodes that the graph has less.</param>
internal sealed record PassReport(string Pass, int Edits, int NodesRemoved);
