using EdgeRuntime.Graphs;

namespace EdgeRuntime.Tools.Quantizing;

/// <summary>The models that quantization can make of one graph: each of its layers in few bits or in floats.</summary>
internal abstract class CandidateSpace
{
    /// <summary>The float graph, whose nodes the layers are.</summary>
    public abstract Graph Reference { get; }

    /// <summary>The layers, in the order of the graph.</summary>
    public abstract IReadOnlyList<Layer> Layers { get; }

    /// <summary>True for a layer of few weights that reads the input or gives a result: the first that stays in floats where any has to.</summary>
    public virtual bool IsSmallEnd(Layer layer) => false;

    /// <summary>What a layer in few bits computes with, for people.</summary>
    public abstract string PrecisionOf(Layer layer);

    /// <summary>What a layer in floats computes with, for people.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="halves">As it was given to <see cref="Build"/>.</param>
    public virtual string PrecisionInFloats(Layer layer, bool halves) => halves ? "f32 with f16 weights" : "f32";

    /// <summary>Why a product that is no layer stays as it is.</summary>
    public abstract string WhyNot(Node product);

    /// <summary>The graph as it would be written.</summary>
    /// <param name="inFloats">Layers that stay in floats.</param>
    /// <param name="halves">True to keep the weights of these in fewer bits than floats have: as f16, or as bytes where that costs little.</param>
    public abstract Graph Build(IReadOnlySet<Layer> inFloats, bool halves);

    /// <summary>The float graph with one layer in few bits, rounded values being floats all the way; null where a layer cannot be looked at so.</summary>
    public virtual Graph? Alone(Layer layer) => null;

    /// <summary>Adds nodes that compute what the layer makes of the reference's own values when it alone is in few bits, rounded values being floats all the way.</summary>
    /// <param name="patch">Takes the nodes.</param>
    /// <param name="layer">The layer.</param>
    /// <returns>A value like the last one of the layer, or null where the layer cannot be looked at so.</returns>
    public abstract Value? Simulate(GraphPatch patch, Layer layer);
}
