using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tests.Passes;
using EdgeRuntime.Tools.Commands;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Verification;
using Xunit;

namespace EdgeRuntime.Tests.Conversion;

public class ConverterTests
{
    [Fact]
    public void Half_weights_take_half_the_size_and_are_widened_for_running()
    {
        Graph Build()
        {
            var b = new GraphBuilder("half");
            b.Output("y", b.Pointwise("conv", b.Input("x", new TensorType(DataType.F32, 1, 3, 3, 32)), 32, 16));
            return b.Build();
        }
        Graph half = Build();
        Assert.Equal(1, HalfWeights.Apply(half));
        Value weight = half.Constants.Single(c => c.Type.DataType == DataType.F16);
        Assert.Equal(new Shape(16, 1, 1, 32), weight.Type.Shape);

        using var exact = new InferenceSession(Build());
        using var rounded = new InferenceSession(half);
        Tensor x = PassCheck.Noise(exact.Graph.Inputs[0].Type, 5);
        exact.Run([x.View]);
        rounded.Run([x.View]);
        Assert.Equal(["Conv"], rounded.Plan!.Steps.Select(s => s.Operator.Name));
        var difference = TensorDifference.Of(rounded.Output(0), exact.Output(0));
        Assert.InRange(difference.MaxRelative, 1e-6, 2e-3);
    }

    [Fact]
    public void Weights_that_f16_cannot_hold_stay()
    {
        var b = new GraphBuilder("large");
        var weight = new Tensor(new TensorType(DataType.F32, 300));
        weight.Span<float>()[7] = 1e6f;
        b.Output("y", b.Apply("mul", BinaryFunction.Mul, b.Input("x", new TensorType(DataType.F32, 300)), b.Constant("w", weight)));
        Assert.Equal(0, HalfWeights.Apply(b.Build()));
    }

    [Theory]
    [InlineData("no/such/file.onnx", ErrorCode.CannotRead)]
    [InlineData(".", ErrorCode.CannotRead)]
    public void What_is_no_file_is_refused(string argument, ErrorCode code) =>
        Assert.Equal(code, Assert.Throws<EdgeException>(() => ModelLoader.Load(argument, stop: TestContext.Current.CancellationToken)).Code);

    [Theory]
    [InlineData(new byte[] { 0xFF, 0xD8, 0xFF, 0xE0, 0, 16, (byte)'J', (byte)'F', (byte)'I', (byte)'F' }, "model.edge", ErrorCode.MalformedOnnx)]
    [InlineData(new byte[] { 0x89, (byte)'E', (byte)'D', (byte)'G', (byte)'E', 0x0D, 0x0A, 0x1A, 0, 0, 0, 0 }, "model.onnx", ErrorCode.CorruptEdgeFile)]
    [InlineData(new byte[0], "empty.onnx", ErrorCode.MalformedOnnx)]
    public void Files_are_known_by_their_content(byte[] content, string name, ErrorCode code)
    {
        string folder = Directory.CreateTempSubdirectory("edgert-test-").FullName;
        try
        {
            string path = Path.Combine(folder, name);
            File.WriteAllBytes(path, content);
            Assert.Equal(code, Assert.Throws<EdgeException>(() => ModelLoader.Load(path, stop: TestContext.Current.CancellationToken)).Code);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("x=1x3x320x320", "x", new[] { 1, 3, 320, 320 })]
    [InlineData("a=b:0=7", "a=b:0", new[] { 7 })]
    public void Input_shapes_are_read(string argument, string name, int[] shape) =>
        Assert.Equal(new Shape(shape), InputShapes.Parse([argument])[name]);

    [Theory]
    [InlineData("x"), InlineData("=1x2"), InlineData("x=1x-2"), InlineData("x=1xtwo"), InlineData("x=")]
    public void Malformed_input_shapes_are_refused(string argument) =>
        Assert.Equal(ErrorCode.BadUsage, Assert.Throws<EdgeException>(() => InputShapes.Parse([argument])).Code);

    [Fact]
    public void Equal_constants_are_kept_once()
    {
        var b = new GraphBuilder("shared");
        Value x = b.Input("x", new TensorType(DataType.F32, 3));
        x = b.Apply("first", BinaryFunction.Add, x, b.Constant("a", Tensor.Vector(1f, 2f, 3f)));
        x = b.Apply("second", BinaryFunction.Mul, x, b.Constant("b", Tensor.Vector(1f, 2f, 3f)));
        x = b.Apply("third", BinaryFunction.Mul, x, b.Constant("c", Tensor.Vector(1f, 2f, 4f)));
        // Equal bytes are not enough: the shape is another one.
        x = b.Apply("fourth", BinaryFunction.Mul, x, b.Constant("d", Tensor.From<float>(new Shape(1, 3), 1, 2, 3)));
        b.Output("y", x);
        Graph graph = b.Build();
        Assert.Equal(1, SharedConstants.Apply(graph));
        Assert.Equal(["a", "c", "d"], graph.Constants.Select(c => c.Name));

        using var session = new InferenceSession(graph);
        Tensor ones = Tensor.Vector(1f, 1f, 1f);
        session.Run([ones.View]);
        Assert.Equal([2f, 3 * 2 * 2 * 2, 4 * 3 * 4 * 3], session.Output(0).Span<float>().ToArray());
    }

    [Fact]
    public void Shapes_are_fixed_in_edge_files_too()
    {
        var b = new GraphBuilder("open");
        int batch = b.Symbol("batch");
        b.Output("y", b.Apply("double", BinaryFunction.Add, b.Input("x", new TensorType(DataType.F32, batch, 3)), b.Constant("two", Tensor.Vector(1f, 2f, 3f))));
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "open.edge");
        EdgeWriter.Write(path, new EdgeModel(b.Build(), new ModelMetadata { Name = "open" }));

        using LoadedModel loaded = ModelLoader.Load(path, InputShapes.Parse(["x=5x3"]), stop: TestContext.Current.CancellationToken);
        Assert.Equal(new Shape(5, 3), loaded.Model.Graph.Outputs[0].Value.Type.Shape);
        EdgeException wrong = Assert.Throws<EdgeException>(() => ModelLoader.Load(path, InputShapes.Parse(["z=5x3"]), stop: TestContext.Current.CancellationToken));
        Assert.Equal(ErrorCode.BadUsage, wrong.Code);
        Assert.Contains("'x'", wrong.Remedy);
        Assert.Equal(ErrorCode.InputMismatch, Assert.Throws<EdgeException>(() => ModelLoader.Load(path, InputShapes.Parse(["x=5x4"]), stop: TestContext.Current.CancellationToken)).Code);
    }

    [Theory]
    [InlineData("fp8"), InlineData("INT8"), InlineData("")]
    public void Precisions_that_are_not_there_are_refused(string name) =>
        Assert.Equal(ErrorCode.BadUsage, Assert.Throws<EdgeException>(() => QuantizationArguments.ParsePrecision(name)).Code);

    [Fact]
    public void Differences_are_measured_against_the_tensors_scale()
    {
        Tensor expected = Tensor.Vector<float>(3, 4, 0), actual = Tensor.Vector<float>(3, 4, 0.5f);
        var difference = TensorDifference.Of(actual.View, expected.View);
        Assert.Equal(0.5, difference.MaxAbsolute, 6);
        Assert.Equal(0.5 / Math.Sqrt(25 / 3.0), difference.MaxRelative, 6);
        Assert.Equal(double.PositiveInfinity, TensorDifference.Of(Tensor.Vector(float.NaN).View, Tensor.Vector(1f).View).MaxRelative);
        Assert.Equal(0, TensorDifference.Of(Tensor.Vector(float.NaN).View, Tensor.Vector(float.NaN).View).MaxRelative);
    }
}
