using System.Globalization;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Operators;
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

/// <summary>A model of one operator, to be run by us and by ONNX Runtime.</summary>
/// <param name="Name">Name of the case.</param>
/// <param name="Operator">The operator, with its domain where it is not ONNX's own.</param>
/// <param name="Opset">Version of its operator set.</param>
/// <param name="Attributes">Its attributes.</param>
/// <param name="Inputs">Its inputs; null where one is left out.</param>
internal sealed record ReferenceCase(string Name, string Operator, int Opset, AttributeProto[] Attributes, params Tensor?[] Inputs)
{
    /// <summary>How many outputs there are.</summary>
    public int Outputs { get; init; } = 1;

    /// <summary>How many outputs are compared; others have parts that mean nothing.</summary>
    public int Compared { get; init; } = int.MaxValue;

    /// <summary>Inputs that are constants of the model.</summary>
    public int[] Constants { get; init; } = [];

    /// <summary>The largest difference, absolute and relative.</summary>
    public double Tolerance { get; init; } = 1e-5;

    /// <summary>Compares; false when ONNX Runtime has no such operator for these types.</summary>
    public bool CompareIfKnown(IReferenceRuntime reference)
    {
        ModelProto proto = Model();
        IReadOnlyDictionary<string, Tensor> expected;
        try
        {
            expected = Run(reference, proto);
        }
        catch (EdgeException)
        {
            return false;
        }
        Compare(proto, expected);
        return true;
    }

    /// <summary>Fails with what differs, also when ONNX Runtime refuses the model.</summary>
    public void Compare(IReferenceRuntime reference)
    {
        ModelProto proto = Model();
        Compare(proto, Run(reference, proto));
    }

    private IReadOnlyDictionary<string, Tensor> Run(IReferenceRuntime reference, ModelProto proto)
    {
        using IReferenceModel theirs = reference.Load(proto.ToByteArray(), null, threads: 1, optimize: false);
        theirs.SetInputs(Fed(proto));
        return theirs.RunAndRead();
    }

    private (string Name, TensorView Value)[] Fed(ModelProto proto) =>
        [.. proto.Graph.Input.Select(i => (i.Name, Inputs[int.Parse(i.Name[1..], CultureInfo.InvariantCulture)]!.View))];

    private void Compare(ModelProto proto, IReadOnlyDictionary<string, Tensor> expected)
    {
        // Models say of which types their outputs are; here nobody knew before.
        foreach (ValueInfoProto output in proto.Graph.Output)
            output.Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = OnnxType(expected[output.Name].Type.DataType) } };
        using EdgeModel imported = OnnxImporter.Import(proto.AsRead());
        Check(imported, Fed(proto), expected, "as imported");
        using EdgeModel converted = Converter.Convert(new OnnxModel(proto, Name, null, "")).Model;
        Check(converted, Fed(proto), expected, "converted");
    }

    private void Check(EdgeModel model, (string Name, TensorView Value)[] fed, IReadOnlyDictionary<string, Tensor> expected, string how)
    {
        using var session = new InferenceSession(model.Graph, new SessionOptions { Threads = 1 });
        session.Run([.. model.Graph.Inputs.Select(i => fed.Single(f => f.Name == i.Name).Value)]);
        for (int i = 0; i < Math.Min(Outputs, Compared); i++)
        {
            TensorView ours = session.Output(i), theirs = expected[$"y{i}"].View;
            Assert.True(ours.DataType == theirs.DataType && ours.Shape == theirs.Shape, $"{Name} {how}: output {i} is {ours.Type}, expected {theirs.Type}");
            if (ours.DataType == DataType.Text || !ours.DataType.IsFloat())
            {
                Assert.True(ours.Bytes.SequenceEqual(theirs.Bytes), $"{Name} {how}: output {i} differs: [{Text(ours)}], expected [{Text(theirs)}]");
                continue;
            }
            double[] x = Elements.Read(ours), y = Elements.Read(theirs);
            for (int e = 0; e < x.Length; e++)
                Assert.True(x[e].Equals(y[e]) || Math.Abs(x[e] - y[e]) <= Tolerance * (1 + Math.Abs(y[e])), $"{Name} {how}: element {e} of output {i} is {x[e]}, expected {y[e]}");
        }
    }

    private static string Text(TensorView view) => view.DataType == DataType.Text
        ? string.Join(", ", view.Span<TextElement>().ToArray().Select(t => t.ToString())) : string.Join(", ", Elements.Read(view).Take(40));

    /// <summary>The model.</summary>
    public ModelProto Model()
    {
        int dot = Operator.LastIndexOf('.');
        string domain = dot < 0 ? "" : Operator[..dot];
        var node = new NodeProto { OpType = Operator[(dot + 1)..], Name = "node", Domain = domain };
        node.Attribute.AddRange(Attributes);
        for (int i = 0; i < Outputs; i++) node.Output.Add($"y{i}");
        var graph = new GraphProto { Name = "test" };
        for (int i = 0; i < Inputs.Length; i++)
        {
            string name = $"x{i}";
            node.Input.Add(Inputs[i] is null ? "" : name);
            if (Inputs[i] is not { } tensor) continue;
            if (Constants.Contains(i)) graph.Initializer.Add(Proto(name, tensor));
            else graph.Input.Add(OnnxModels.Info(name, OnnxType(tensor.Type.DataType), [.. tensor.Shape.Span.ToArray().Select(d => (object)d)]));
        }
        graph.Node.Add(node);
        for (int i = 0; i < Outputs; i++) graph.Output.Add(new ValueInfoProto { Name = $"y{i}" });
        var model = new ModelProto { IrVersion = 10, ProducerName = "tests", Graph = graph };
        if (domain.Length > 0) model.OpsetImport.Add(new OperatorSetIdProto { Domain = domain, Version = domain == "ai.onnx.ml" ? 3 : 1 });
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = Opset });
        return model;
    }

    private static TensorProto Proto(string name, Tensor tensor)
    {
        var proto = new TensorProto { Name = name, DataType = OnnxType(tensor.Type.DataType) };
        proto.Dims.AddRange(tensor.Shape.Span.ToArray().Select(d => (long)d));
        if (tensor.Type.DataType == DataType.Text) proto.StringData.AddRange(tensor.Span<TextElement>().ToArray().Select(t => ByteString.CopyFromUtf8(t.ToString())));
        else proto.RawData = ByteString.CopyFrom(tensor.View.Bytes);
        return proto;
    }

    /// <summary>The number of an element type in ONNX.</summary>
    public static int OnnxType(DataType type) => Enumerable.Range(1, 30).First(number => OnnxTensors.DataTypeOf(number) == type);
}
