using EdgeRuntime.Graphs;

namespace EdgeRuntime.Format;

/// <summary>A graph with its metadata: what an .edge file holds, and what importers make.</summary>
/// <param name="graph">The graph.</param>
/// <param name="metadata">What the file says beside the graph.</param>
/// <param name="owner">What keeps the constants' memory alive, such as a mapped file; disposed with the model.</param>
public sealed class EdgeModel(Graph graph, ModelMetadata metadata, IDisposable? owner = null) : IDisposable
{
    /// <summary>The graph.</summary>
    public Graph Graph => graph;

    /// <summary>Where the model is from, what it takes, what its outputs mean.</summary>
    public ModelMetadata Metadata => metadata;

    /// <summary>Releases the file; sessions on this model must be disposed before.</summary>
    public void Dispose() => owner?.Dispose();
}
