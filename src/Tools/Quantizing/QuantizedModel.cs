using EdgeRuntime.Format;
using EdgeRuntime.Graphs;

namespace EdgeRuntime.Tools.Quantizing;

/// <summary>A quantized graph and all that is known of how it came about.</summary>
/// <param name="Graph">The graph as it is written.</param>
/// <param name="Float">The float model, with all passes.</param>
/// <param name="Evidence">What the file says of it.</param>
/// <param name="Assignment">What was decided, and measured for that.</param>
/// <param name="Space">What there was to choose from.</param>
internal sealed record QuantizedModel(Graph Graph, EdgeModel Float, QuantizationEvidence Evidence, Assignment Assignment, CandidateSpace Space)
{
    /// <summary>How the elements of each quantized value were spread; empty where nothing was calibrated.</summary>
    public IReadOnlyList<ValueHistogram> Values { get; init; } = [];
}
