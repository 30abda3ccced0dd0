using EdgeRuntime.Format;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Onnx.Proto;

namespace EdgeRuntime.Tools.Onnx;

/// <summary>An ONNX model as read, and where it came from.</summary>
/// <param name="Proto">The parsed model.</param>
/// <param name="Name">File name without extension, or what the caller calls the model.</param>
/// <param name="Folder">Where external data lies; null when the model did not come from a file.</param>
/// <param name="Sha256">SHA-256 of the model's bytes in lower-case hexadecimal, without external data.</param>
internal sealed record OnnxModel(ModelProto Proto, string Name, string? Folder, string Sha256) : ISourceModel
{
    public string Format => "ONNX";

    public long ByteCount { get; init; }

    public bool HasHalfWeights => Proto.Graph.Initializer.Any(i => OnnxTensors.DataTypeOf(i.DataType) is DataType.F16 or DataType.BF16);

    public IReadOnlyList<WeightStep> WeightSteps => [];

    public IReadOnlySet<string> ValueNames
    {
        get
        {
            var names = new HashSet<string>(Proto.Graph.Input.Select(i => i.Name), StringComparer.Ordinal);
            foreach (NodeProto node in Proto.Graph.Node) names.UnionWith(node.Output);
            return names;
        }
    }

    public EdgeModel Import(IReadOnlyDictionary<string, Shape> inputShapes) => OnnxImporter.Import(this, inputShapes);
}
