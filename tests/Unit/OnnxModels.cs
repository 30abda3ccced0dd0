using EdgeRuntime.Format;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Onnx;
using EdgeRuntime.Tools.Onnx.Proto;
using Google.Protobuf;

namespace EdgeRuntime.Tests.Unit;

/// <summary>Small ONNX models for tests of the importer.</summary>
internal static class OnnxModels
{
    public const int F32 = 1, String = 8;

    /// <summary>A model of the given nodes, input x [n, 3] and output y, operator set 17.</summary>
    public static ModelProto Model(params NodeProto[] nodes)
    {
        var graph = new GraphProto { Name = "test" };
        graph.Node.AddRange(nodes);
        graph.Input.Add(Info("x", F32, "n", 3));
        graph.Output.Add(new ValueInfoProto { Name = "y" });
        var model = new ModelProto { IrVersion = 8, ProducerName = "tests", Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = 17 });
        return model;
    }

    /// <summary>A node; attributes are added by the caller.</summary>
    public static NodeProto Node(string op, string name, string[] inputs, params string[] outputs)
    {
        var node = new NodeProto { OpType = op, Name = name };
        node.Input.AddRange(inputs);
        node.Output.AddRange(outputs);
        return node;
    }

    public static ValueInfoProto Info(string name, int type, params object[] dims)
    {
        var shape = new TensorShapeProto();
        foreach (object dim in dims)
            shape.Dim.Add(dim is string symbol ? new TensorShapeProto.Types.Dimension { DimParam = symbol } : new TensorShapeProto.Types.Dimension { DimValue = Convert.ToInt64(dim) });
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = type, Shape = shape } } };
    }

    public static TensorProto Floats(string name, long[] dims, params float[] values)
    {
        var tensor = new TensorProto { Name = name, DataType = F32 };
        tensor.Dims.AddRange(dims);
        tensor.FloatData.AddRange(values);
        return tensor;
    }

    public static OnnxModel AsRead(this ModelProto proto, string? folder = null) => new(proto, "test", folder, "");

    public static AttributeProto Int(string name, long value) => new() { Name = name, I = value, Type = AttributeProto.Types.AttributeType.Int };

    public static AttributeProto Text(string name, string value) => new() { Name = name, S = ByteString.CopyFromUtf8(value), Type = AttributeProto.Types.AttributeType.String };

    public static StringStringEntryProto Entry(string key, string value) => new() { Key = key, Value = value };

    public static AttributeProto Float(string name, float value) => new() { Name = name, F = value, Type = AttributeProto.Types.AttributeType.Float };

    public static AttributeProto Ints(string name, params long[] values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Ints };
        attribute.Ints.AddRange(values);
        return attribute;
    }

    /// <summary>The first output of one operator, imported from the given operator set; its inputs are named a, b, c …</summary>
    public static (Shape Shape, float[] Elements) Run(string op, int opset, AttributeProto[] attributes, params Tensor[] inputs)
    {
        string[] names = [.. inputs.Select((_, i) => ((char)('a' + i)).ToString())];
        ModelProto model = Model(Node(op, op, names, "y"));
        model.OpsetImport[0].Version = opset;
        model.Graph.Node[0].Attribute.AddRange(attributes);
        model.Graph.Input.Clear();
        for (int i = 0; i < names.Length; i++)
            model.Graph.Input.Add(Info(names[i], F32, [.. inputs[i].Shape.Span.ToArray().Select(size => (object)size)]));
        using EdgeModel imported = OnnxImporter.Import(model.AsRead());
        using var session = new InferenceSession(imported.Graph, new SessionOptions { Threads = 1 });
        session.Run(Array.ConvertAll(inputs, t => t.View));
        return (session.Output(0).Shape, session.Output(0).Span<float>().ToArray());
    }

    /// <summary>Floats from -1 to 1, the same for the same shape and seed.</summary>
    public static Tensor Noise(int seed, params int[] dims)
    {
        var random = new Random(seed);
        var tensor = new Tensor(new TensorType(DataType.F32, dims));
        foreach (ref float value in tensor.Span<float>()) value = random.NextSingle() * 2 - 1;
        return tensor;
    }
}
