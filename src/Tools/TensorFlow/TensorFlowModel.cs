using EdgeRuntime.Format;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Conversion;

namespace EdgeRuntime.Tools.TensorFlow;

/// <summary>A TensorFlow.js graph model as read.</summary>
internal sealed class TensorFlowModel : ISourceModel
{
    public string Format => "TensorFlow.js";

    public required string Name { get; init; }

    public required string Sha256 { get; init; }

    public required long ByteCount { get; init; }

    /// <summary>The nodes by name, in the file's order.</summary>
    public required IReadOnlyDictionary<string, NodeDefinition> Nodes { get; init; }

    /// <summary>The inputs that the signature declares; empty when there is no signature.</summary>
    public required IReadOnlyList<SignaturePort> Inputs { get; init; }

    /// <summary>The outputs that the signature declares; empty when there is no signature.</summary>
    public required IReadOnlyList<SignaturePort> Outputs { get; init; }

    /// <summary>The elements of its constants.</summary>
    public required WeightStore Weights { get; init; }

    /// <summary>What the file says about itself.</summary>
    public required IReadOnlyDictionary<string, string> Properties { get; init; }

    public bool HasHalfWeights => Weights.HasHalves;

    public IReadOnlyList<WeightStep> WeightSteps => Weights.Steps;

    public IReadOnlySet<string> ValueNames => new HashSet<string>(Nodes.Keys, StringComparer.Ordinal);

    public EdgeModel Import(IReadOnlyDictionary<string, Shape> inputShapes) => TensorFlowImporter.Import(this, inputShapes);
}
