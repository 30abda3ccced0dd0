using EdgeRuntime.Format;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tests.Unit;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Onnx;
using EdgeRuntime.Tools.Onnx.Proto;
using EdgeRuntime.Tools.Reference;
using Google.Protobuf;
using Xunit;

namespace EdgeRuntime.Tests.Conformance;

/// <summary>A small ONNX model that is run here and by ONNX Runtime. Tests that need it are skipped where ONNX Runtime is not built.</summary>
internal sealed class OnnxRuntimeCase
{
    private readonly List<(string Name, Tensor Value)> feeds = [];

    public OnnxRuntimeCase(int opset = 21)
    {
        Proto = new ModelProto { IrVersion = 10, ProducerName = "tests", Graph = new GraphProto { Name = "test" } };
        Proto.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = opset });
        Proto.OpsetImport.Add(new OperatorSetIdProto { Domain = "com.microsoft", Version = 1 });
    }

    public ModelProto Proto { get; }

    /// <summary>An input and its elements.</summary>
    public OnnxRuntimeCase Input(string name, Tensor value)
    {
        Proto.Graph.Input.Add(OnnxModels.Info(name, OnnxType(value.Type.DataType), [.. value.Shape.Span.ToArray().Select(d => (object)d)]));
        feeds.Add((name, value));
        return this;
    }

    /// <summary>A constant.</summary>
    public OnnxRuntimeCase Constant(string name, Tensor value)
    {
        var proto = new TensorProto { Name = name, DataType = OnnxType(value.Type.DataType), RawData = ByteString.CopyFrom(value.View.Bytes) };
        proto.Dims.AddRange(value.Shape.Span.ToArray().Select(d => (long)d));
        Proto.Graph.Initializer.Add(proto);
        return this;
    }

    /// <summary>A constant of an element type that is ours only in part.</summary>
    public OnnxRuntimeCase Packed(string name, int onnxType, long[] dims, byte[] bytes)
    {
        var proto = new TensorProto { Name = name, DataType = onnxType, RawData = ByteString.CopyFrom(bytes) };
        proto.Dims.AddRange(dims);
        Proto.Graph.Initializer.Add(proto);
        return this;
    }

    /// <summary>A constant number.</summary>
    public OnnxRuntimeCase Constant<T>(string name, T value) where T : unmanaged => Constant(name, Tensor.Scalar(value));

    /// <summary>A constant list.</summary>
    public OnnxRuntimeCase Constants<T>(string name, params T[] values) where T : unmanaged => Constant(name, Tensor.Vector<T>(values));

    /// <summary>A node; names of its inputs and outputs are separated by blanks, and - is one that is left out.</summary>
    public OnnxRuntimeCase Node(string op, string inputs, string outputs, params AttributeProto[] attributes)
    {
        string[] names = op.Split(':');
        NodeProto node = OnnxModels.Node(names[^1], $"node{Proto.Graph.Node.Count}", [.. inputs.Split(' ').Select(i => i == "-" ? "" : i)], outputs.Split(' '));
        if (names.Length > 1) node.Domain = names[0];
        node.Attribute.AddRange(attributes);
        Proto.Graph.Node.Add(node);
        return this;
    }

    /// <summary>The model's results, by ONNX Runtime and here.</summary>
    /// <param name="optimize">Whether ONNX Runtime may fuse what it can.</param>
    /// <param name="outputs">Names of the results.</param>
    public (Tensor[] Expected, Tensor[] Actual) Run(bool optimize, params string[] outputs)
    {
        Tensor[] expected = Expected(optimize, outputs);
        using EdgeModel model = Converter.Convert(Proto.AsRead()).Model;
        using var session = new InferenceSession(model.Graph, new SessionOptions { Threads = 1 });
        session.Run([.. model.Graph.Inputs.Select(i => feeds.Single(f => f.Name == i.Name).Value.View)]);
        Kernels = session.Explain();
        return (expected, [.. Enumerable.Range(0, outputs.Length).Select(i => Copy(session.Output(i)))]);
    }

    /// <summary>What ran where, of the last run.</summary>
    public string Kernels { get; private set; } = "";

    /// <summary>The model's results by ONNX Runtime.</summary>
    private Tensor[] Expected(bool optimize, params string[] outputs)
    {
        Assert.SkipUnless(ReferenceRuntime.IsReady, "ONNX Runtime is not in the cache; `edgert verify MODEL` puts it there.");
        Proto.Graph.Output.Clear();
        Proto.Graph.Output.AddRange(outputs.Select(name => new ValueInfoProto { Name = name }));
        using IReferenceModel reference = ReferenceRuntime.Load(stop: TestContext.Current.CancellationToken).Load(Proto.ToByteArray(), null, 1, optimize);
        reference.SetInputs([.. feeds.Select(f => (f.Name, f.Value.View))]);
        IReadOnlyDictionary<string, Tensor> results = reference.RunAndRead();
        return [.. outputs.Select(name => results[name])];
    }

    private static Tensor Copy(TensorView view)
    {
        var tensor = new Tensor(view.Type);
        view.Bytes.CopyTo(tensor.View.Bytes);
        return tensor;
    }

    private static int OnnxType(DataType type) => OnnxTensors.NumberOf(type);
}
