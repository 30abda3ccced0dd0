using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Onnx;
using EdgeRuntime.Tools.Onnx.Proto;
using EdgeRuntime.Tools.Verification;
using EdgeRuntime.Tools.Zoo;
using Google.Protobuf;

namespace EdgeRuntime.Tools.Benchmark;

/// <summary>
/// A model to be measured: its graph, the inputs of all sides, and the files that engines start from: an .edge file and, for a peer, an ONNX model whose open shapes are
/// those of the inputs.
/// </summary>
internal sealed class BenchSubject : IDisposable
{
    private readonly EdgeModel model;
    private readonly string? edgeFile;
    private readonly OnnxModel? given;
    private string? folder, writtenEdge, writtenOnnx;

    /// <summary>Prepares a model.</summary>
    /// <param name="model">The model; the caller's.</param>
    /// <param name="onnx">What it was made from, where a peer is to run that; else null.</param>
    /// <param name="edgeFile">The .edge file that holds exactly this model; null where there is none.</param>
    /// <exception cref="EdgeException">An input has an open shape that nobody knows, or a type that cannot be made up.</exception>
    public BenchSubject(EdgeModel model, OnnxModel? onnx, string? edgeFile)
    {
        (this.model, this.edgeFile, Onnx) = (model, edgeFile, onnx);
        string sha256 = onnx?.Sha256 ?? model.Metadata.SourceSha256;
        Inputs = RandomInput.For(model.Graph, seed: 1, Known(model, sha256.Length > 0 ? ModelZoo.Default.FindBySha256(sha256)?.Trial?.Cases.FirstOrDefault() : null));
        given = onnx;
        if (onnx is not null && !HasExternalData(onnx)) Onnx = onnx with { Proto = Fixed(onnx.Proto, Named) };
    }

    public string Name => model.Metadata.Name;

    public Graph Graph => model.Graph;

    /// <summary>A tensor for each input of the graph.</summary>
    public Tensor[] Inputs { get; }

    /// <summary>The same as views.</summary>
    public TensorView[] Views => Array.ConvertAll(Inputs, t => t.View);

    /// <summary>The same with their names.</summary>
    public IReadOnlyList<(string Name, TensorView Value)> Named => [.. Graph.Inputs.Select((v, i) => (v.Name, Inputs[i].View))];

    /// <summary>The model that a peer runs, open shapes fixed; null without one.</summary>
    public OnnxModel? Onnx { get; private set; }

    /// <summary>An .edge file of the model.</summary>
    public string EdgeFile
    {
        get
        {
            if (edgeFile is not null || writtenEdge is not null) return edgeFile ?? writtenEdge!;
            string path = Path.Combine(Folder, "model.edge");
            EdgeWriter.Write(path, model);
            return writtenEdge = path;
        }
    }

    /// <summary>A file of the model that a peer runs; null without one, and where its weights lie in further files.</summary>
    public string? OnnxFile
    {
        get
        {
            if (Onnx is null || HasExternalData(Onnx) || writtenOnnx is not null) return writtenOnnx;
            string path = Path.Combine(Folder, "model.onnx");
            File.WriteAllBytes(path, Onnx.Proto.ToByteArray());
            return writtenOnnx = path;
        }
    }

    /// <summary>Gives the peer the model as it came, for one that refuses it with fixed shapes; false where that is what it has.</summary>
    public bool LeaveShapesOpen()
    {
        bool changes = !ReferenceEquals(given?.Proto, Onnx?.Proto);
        (Onnx, writtenOnnx) = (given, changes ? null : writtenOnnx);
        return changes;
    }

    /// <summary>A folder for what is written on the way; it goes with this.</summary>
    public string Folder => folder ??= Directory.CreateTempSubdirectory("edgert-bench-").FullName;

    /// <summary>What the model computes with.</summary>
    public string Precision => Graph.Nodes.Any(n => n.Operator is MatMulInteger or ConvInteger || (n.Operator is Conv or MatMul or ConvTranspose && n.Inputs[0]?.Type.Quantization is not null)) ? "int8"
        : Graph.Constants.Any(c => c.Type.DataType == DataType.F16) ? "fp16 weights" : "fp32";

    public void Dispose()
    {
        foreach (Tensor input in Inputs) input.Dispose();
        if (folder is not null) Directory.Delete(folder, recursive: true);
    }

    /// <summary>What is known of its inputs: what the zoo says, and that pictures have bytes.</summary>
    private static TrialCase? Known(EdgeModel model, TrialCase? trial)
    {
        if (model.Metadata.Image is not { } image) return trial;
        double low = image.Offset.Min(), high = image.Offset.Zip(image.Scale, (offset, scale) => offset + 255.0 * scale).Max();
        return new TrialCase { Shapes = trial?.Shapes ?? [], Values = trial?.Values ?? [], Ranges = new(trial?.Ranges ?? []) { [image.Input] = [low, high] } };
    }

    private static bool HasExternalData(OnnxModel onnx) => onnx.Proto.Graph.Initializer.Any(i => i.DataLocation == TensorProto.Types.DataLocation.External);

    /// <summary>The model with shapes of its inputs as they will be: a peer that plans ahead must be able to.</summary>
    private static ModelProto Fixed(ModelProto proto, IReadOnlyList<(string Name, TensorView Value)> inputs)
    {
        if (!proto.Graph.Input.Any(IsOpen)) return proto;
        ModelProto copy = proto.Clone();
        foreach (ValueInfoProto input in copy.Graph.Input.Where(IsOpen))
        {
            int at = inputs.ToList().FindIndex(i => i.Name == input.Name);
            if (at < 0 || input.Type?.TensorType is not { } type) continue;
            type.Shape = new TensorShapeProto();
            foreach (int size in inputs[at].Value.Shape.Span) type.Shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = size });
        }
        return copy;
    }

    private static bool IsOpen(ValueInfoProto input) =>
        input.Type?.TensorType is { } type && (type.Shape is null || type.Shape.Dim.Any(d => d.ValueCase != TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue || d.DimValue <= 0));
}
