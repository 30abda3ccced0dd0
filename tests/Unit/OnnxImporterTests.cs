using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Operators;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Onnx;
using EdgeRuntime.Tools.Onnx.Proto;
using Google.Protobuf;
using Xunit;
using static EdgeRuntime.Tests.Unit.OnnxModels;

namespace EdgeRuntime.Tests.Unit;

public class OnnxImporterTests
{
    [Fact]
    public void Names_symbols_and_metadata_come_along()
    {
        ModelProto proto = Model(Node("Relu", "act", ["x"], "h"), Node("Exp", "", ["h"], "y"));
        proto.MetadataProps.Add(Entry("author", "somebody"));
        using EdgeModel model = OnnxImporter.Import(proto.AsRead());

        Assert.Equal(["n"], model.Graph.Symbols);
        Assert.Equal("x", model.Graph.Inputs[0].Name);
        Assert.Equal(["act", "y"], model.Graph.Nodes.Select(n => n.Name));
        Assert.Equal(["h", "y"], model.Graph.Nodes.Select(n => n.Outputs[0].Name));
        Assert.Equal("somebody", model.Metadata.SourceProperties["author"]);
        Assert.Equal("tests", model.Metadata.SourceProperties["producer_name"]);
    }

    [Fact]
    public void Given_shapes_fix_inputs_and_their_symbols()
    {
        ModelProto proto = Model(Node("Add", "sum", ["x", "z"], "y"));
        proto.Graph.Input.Add(Info("z", F32, "n", 3));
        using EdgeModel model = OnnxImporter.Import(proto.AsRead(), new Dictionary<string, Shape> { ["x"] = new(5, 3) });
        Assert.Equal(new Shape(5, 3), model.Graph.Inputs[1].Type.Shape);
        Assert.Equal(new Shape(5, 3), model.Graph.Outputs[0].Value.Type.Shape);

        Refused(proto, "does not fit", new Dictionary<string, Shape> { ["x"] = new(5, 4) });
        Refused(proto, "which the model has not", new Dictionary<string, Shape> { ["q"] = new(5) });
    }

    [Fact]
    public void Initializers_that_are_inputs_too_are_constants()
    {
        ModelProto proto = Model(Node("Mul", "scale", ["x", "w"], "y"));
        proto.Graph.Input.Add(Info("w", F32, 3));
        proto.Graph.Initializer.Add(Floats("w", [3], 1, 2, 3));
        using EdgeModel model = OnnxImporter.Import(proto.AsRead());
        Assert.Single(model.Graph.Inputs);
        Assert.NotNull(model.Graph.Nodes[0].Inputs[1]!.Constant);
    }

    [Fact]
    public void All_problems_are_reported_at_once()
    {
        ModelProto proto = Model(
            Node("Frobnicate", "f1", ["x"], "a"),
            Node("Frobnicate", "f2", ["a"], "b"),
            Node("Twist", "", ["x"], "c"),
            Node("Add", "after", ["b", "c"], "d"),
            Node("Elu", "elu", ["x"], "e"),
            Node("Relu", "gone", ["nowhere"], "f"),
            Node("Add", "types", ["x", "i"], "g"),
            Node("Relu", "last", ["x"], "y"));
        proto.Graph.Node[4].Attribute.Add(Text("alpha", "much"));
        proto.Graph.Initializer.Add(new TensorProto { Name = "i", DataType = 7, Int64Data = { 1 } });
        proto.Graph.Initializer.Add(Floats("short", [2, 2], 1));

        string problem = Refused(proto, "2 operators have no importer: Frobnicate (2×), Twist (1×). First at node 'f1'.");
        Assert.Contains("node 'elu' (Elu): attribute 'alpha' is String, expected Float", problem);
        Assert.Contains("node 'gone' (Relu): it reads 'nowhere', which nothing before it computes", problem);
        Assert.Contains("node 'types' (Add): Binary: Add of", problem);
        Assert.Contains("initializer 'short': f32[2x2] needs 4 elements, the file has 1", problem);
        Assert.DoesNotContain("'after'", problem);
        Assert.DoesNotContain("'last'", problem);
    }

    [Theory]
    [InlineData(new long[] { 2, 3 }, 24, null)]
    [InlineData(new long[] { 2, 3 }, 20, "needs 24 bytes, the file has 20")]
    [InlineData(new long[] { 2, -3 }, 24, "dimension 1 is -3")]
    [InlineData(new long[] { 1L << 40 }, 24, "dimension 0 is 1099511627776")]
    [InlineData(new long[] { 1 << 30, 1 << 30, 1 << 30 }, 24, "more than 2^40 elements")]
    [InlineData(new long[] { 1, 1, 1, 1, 1, 1, 1, 1, 6 }, 24, "9 dimensions; at most 8")]
    public void Tensor_sizes_are_checked_against_their_data(long[] dims, int bytes, string? expected)
    {
        var tensor = new TensorProto { DataType = F32, RawData = ByteString.CopyFrom(new byte[bytes]) };
        tensor.Dims.AddRange(dims);
        Exception? error = Record.Exception(() => OnnxTensors.Read(tensor, null).Dispose());
        if (expected is null) Assert.Null(error);
        else Assert.Contains(expected, Assert.IsType<EdgeException>(error).Problem);
    }

    [Theory]
    [InlineData("../secret")]
    [InlineData("a/../../secret")]
    [InlineData("..\\secret")]
    [InlineData("/etc/passwd")]
    [InlineData("C:\\secret")]
    [InlineData("")]
    public void External_data_stays_in_the_models_folder(string location)
    {
        TensorProto tensor = External(location);
        var error = Assert.Throws<EdgeException>(() => OnnxTensors.Read(tensor, Path.GetTempPath()));
        Assert.Contains("outside of the model's folder", error.Problem);
    }

    [Fact]
    public void External_data_is_read_within_its_bounds()
    {
        string folder = Directory.CreateTempSubdirectory("edgeruntime-test-").FullName;
        try
        {
            File.WriteAllBytes(Path.Combine(folder, "w.bin"), [9, 9, 9, 9, 0, 0, 128, 63, 0, 0, 0, 64]);
            using Tensor tensor = OnnxTensors.Read(External("w.bin", ("offset", "4"), ("length", "8")), folder);
            Assert.Equal([1f, 2f], tensor.Span<float>().ToArray());

            Assert.Contains("holds 4", Problem(("offset", "8")));
            Assert.Contains("ends at byte", Problem(("offset", "8"), ("length", "8")));
            Assert.Contains("begins at byte", Problem(("offset", "9223372036854775807")));
            Assert.Contains("no number", Problem(("offset", "-4")));
            Assert.Contains("not beside the model", Assert.Throws<EdgeException>(() => OnnxTensors.Read(External("gone.bin"), folder)).Problem);

            string Problem(params (string, string)[] entries) =>
                Assert.Throws<EdgeException>(() => OnnxTensors.Read(External("w.bin", entries), folder)).Problem;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Functions_are_inlined_with_their_attributes()
    {
        ModelProto proto = Model(Node("Twice", "call", ["x", ""], "y"));
        proto.Graph.Node[0].Domain = "own";
        proto.Graph.Node[0].Attribute.Add(new AttributeProto { Name = "slope", F = 0.5f, Type = AttributeProto.Types.AttributeType.Float });
        proto.OpsetImport.Add(new OperatorSetIdProto { Domain = "own", Version = 1 });
        FunctionProto function = Function("Twice", ["a", "left_out"], "c", Node("LeakyRelu", "leak", ["a"], "b"), Node("Add", "add", ["b", "b"], "c"));
        function.Node[0].Attribute.Add(new AttributeProto { Name = "alpha", RefAttrName = "slope", Type = AttributeProto.Types.AttributeType.Float });
        proto.Functions.Add(function);
        using EdgeModel model = OnnxImporter.Import(proto.AsRead());
        using var session = new InferenceSession(model.Graph);
        using Tensor x = Tensor.From<float>(new Shape(1, 3), -2, 0, 3);
        session.Run([x.View]);
        Assert.Equal([-2f, 0f, 6f], session.Output(0).Span<float>().ToArray());
    }

    [Fact]
    public void Half_precision_is_computed_in_single_and_keeps_its_types_outside()
    {
        ModelProto proto = Model(Node("Add", "add", ["x", "w"], "sum"), Node("Cast", "cast", ["sum"], "half"), Node("Exp", "exp", ["half"], "y"));
        proto.Graph.Node[1].Attribute.Add(Int("to", 10));
        proto.Graph.Input[0] = Info("x", 10, "n", 3);
        proto.Graph.Output[0] = Info("y", 10, "n", 3);
        var weight = new TensorProto { Name = "w", DataType = 10, RawData = Google.Protobuf.ByteString.CopyFrom(0, 0x3C, 0, 0xC0, 0, 0x38) };
        weight.Dims.Add(3);
        proto.Graph.Initializer.Add(weight);
        using EdgeModel model = OnnxImporter.Import(proto.AsRead());
        Assert.Equal((DataType.F16, DataType.F16), (model.Graph.Inputs[0].Type.DataType, model.Graph.Outputs[0].Value.Type.DataType));
        Assert.All(model.Graph.Nodes.Where(n => n.Operator is not Cast), n => Assert.Equal(DataType.F32, n.Outputs[0].Type.DataType));

        using var session = new InferenceSession(model.Graph);
        using Tensor x = Tensor.From(new Shape(1, 3), (Half)1, (Half)2, (Half)(-0.5f));
        session.Run([x.View]);
        Assert.Equal([(Half)MathF.Exp(2), (Half)1, (Half)1], session.Output(0).Span<Half>().ToArray());
    }

    [Fact]
    public void Sequences_of_known_elements_are_none_at_run_time()
    {
        ModelProto proto = Model(Node("SplitToSequence", "split", ["x"], "parts"), Node("SequenceInsert", "insert", ["parts", "x"], "more"), Node("SequenceLength", "count", ["more"], "n"),
            Node("SequenceAt", "last", ["more", "two"], "z"), Node("SequenceErase", "erase", ["parts"], "fewer"), Node("ConcatFromSequence", "join", ["fewer"], "y"));
        proto.Graph.Node[0].Attribute.Add(Int("axis", 1));
        proto.Graph.Node[5].Attribute.Add(Int("axis", 1));
        proto.Graph.Initializer.Add(new TensorProto { Name = "two", DataType = 7, Int64Data = { -2 } });
        proto.Graph.Output.Add(new ValueInfoProto { Name = "n" });
        proto.Graph.Output.Add(new ValueInfoProto { Name = "z" });
        using EdgeModel model = OnnxImporter.Import(proto.AsRead());
        Assert.DoesNotContain(model.Graph.Nodes, n => n.Operator.Name.StartsWith("Sequence", StringComparison.Ordinal));
        Assert.Equal(4L, model.Graph.Outputs[1].Value.Constant!.Span<long>()[0]);

        using var session = new InferenceSession(model.Graph);
        using Tensor x = Tensor.From<float>(new Shape(2, 3), 1, 2, 3, 4, 5, 6);
        session.Run([x.View]);
        Assert.Equal([1f, 2f, 4f, 5f], session.Output(0).Span<float>().ToArray());
        Assert.Equal([3f, 6f], session.Output(2).Span<float>().ToArray());
    }

    [Fact]
    public void A_position_outside_of_a_known_sequence_is_refused()
    {
        ModelProto proto = Model(Node("SequenceConstruct", "make", ["x"], "s"), Node("SequenceAt", "at", ["s", "two"], "y"));
        proto.Graph.Initializer.Add(new TensorProto { Name = "two", DataType = 7, Int64Data = { 2 } });
        Refused(proto, "position 2 is outside of 1 elements");
    }

    [Fact]
    public void Functions_that_call_themselves_are_refused()
    {
        ModelProto proto = Model(Node("Again", "call", ["x"], "y"));
        proto.Graph.Node[0].Domain = "own";
        NodeProto itself = Node("Again", "again", ["a"], "b");
        itself.Domain = "own";
        proto.Functions.Add(Function("Again", ["a"], "b", itself));
        Refused(proto, "calls itself");
    }

    [Theory]
    [InlineData(26, "operator set 26")]
    [InlineData(0, "operator set 0")]
    public void Operator_sets_out_of_range_are_refused(int version, string expected)
    {
        ModelProto proto = Model(Node("Relu", "act", ["x"], "y"));
        proto.OpsetImport[0].Version = version;
        Refused(proto, expected);
    }

    [Fact]
    public void Inputs_of_complex_numbers_are_refused_with_the_reason()
    {
        ModelProto proto = Model(Node("Relu", "act", ["x"], "y"));
        proto.Graph.Input.Add(Info("s", 14, 1));
        Refused(proto, "input 's': its elements are complex numbers");
    }

    [Fact]
    public void A_constant_condition_takes_one_branch_and_an_open_one_chooses()
    {
        ModelProto proto = Model(Node("Greater", "positive", ["c", "zero"], "is"), Node("If", "if", ["is"], "y"));
        foreach ((string branch, string op) in new[] { ("then_branch", "Abs"), ("else_branch", "Neg") })
        {
            var graph = new GraphProto { Name = branch };
            graph.Node.Add(Node(op, "", ["x"], "r_" + branch));
            graph.Output.Add(new ValueInfoProto { Name = "r_" + branch });
            proto.Graph.Node[1].Attribute.Add(new AttributeProto { Name = branch, G = graph, Type = AttributeProto.Types.AttributeType.Graph });
        }
        proto.Graph.Initializer.Add(Floats("zero", [], 0));
        ModelProto open = proto.Clone();
        proto.Graph.Initializer.Add(Floats("c", [], 1));
        open.Graph.Input.Add(Info("c", F32));

        using EdgeModel known = OnnxImporter.Import(proto.AsRead(), new Dictionary<string, Shape> { ["x"] = new(1, 3) });
        Assert.Equal(UnaryFunction.Abs, Assert.IsType<Unary>(Assert.Single(known.Graph.Nodes).Operator).Function);
        using EdgeModel chooses = OnnxImporter.Import(open.AsRead(), new Dictionary<string, Shape> { ["x"] = new(1, 3) });
        using var session = new InferenceSession(chooses.Graph);
        using Tensor x = Tensor.From<float>(new Shape(1, 3), -2, 0, 3), yes = Tensor.Scalar(1f), no = Tensor.Scalar(-1f);
        session.Run([x.View, yes.View]);
        Assert.Equal([2f, 0f, 3f], session.Output(0).Span<float>().ToArray());
        session.Run([x.View, no.View]);
        Assert.Equal([2f, 0f, -3f], session.Output(0).Span<float>().ToArray());
    }

    private static FunctionProto Function(string name, string[] inputs, string output, params NodeProto[] nodes)
    {
        var function = new FunctionProto { Name = name, Domain = "own" };
        function.Input.AddRange(inputs);
        function.Output.Add(output);
        function.Node.AddRange(nodes);
        function.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = 17 });
        return function;
    }

    private static TensorProto External(string location, params (string Key, string Value)[] entries)
    {
        var tensor = new TensorProto { DataType = F32, DataLocation = TensorProto.Types.DataLocation.External };
        tensor.Dims.Add(2);
        tensor.ExternalData.Add(Entry("location", location));
        foreach ((string key, string value) in entries) tensor.ExternalData.Add(Entry(key, value));
        return tensor;
    }

    private static string Refused(ModelProto proto, string expected, IReadOnlyDictionary<string, Shape>? shapes = null)
    {
        var error = Assert.Throws<EdgeException>(() => OnnxImporter.Import(proto.AsRead(), shapes));
        Assert.Equal(ErrorCode.UnsupportedOnnx, error.Code);
        Assert.Contains(expected, error.Problem);
        return error.Problem;
    }
}
