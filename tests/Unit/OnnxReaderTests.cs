using EdgeRuntime.Diagnostics;
using EdgeRuntime.Tools.Onnx;
using EdgeRuntime.Tools.Onnx.Proto;
using Google.Protobuf;
using Xunit;
using static EdgeRuntime.Tests.Unit.OnnxModels;

namespace EdgeRuntime.Tests.Unit;

public class OnnxReaderTests
{
    [Theory]
    [InlineData(new byte[0], "is empty")]
    [InlineData(new byte[] { 0xFF, 0xD8, 0xFF, 0xE0, 0, 16, (byte)'J', (byte)'F', (byte)'I', (byte)'F' }, "looks like a JPEG picture")]
    [InlineData(new byte[] { 0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10 }, "looks like a PNG picture")]
    [InlineData(new byte[] { (byte)'P', (byte)'K', 3, 4, 0 }, "looks like a zip archive")]
    [InlineData(new byte[] { 0xAA, 0xBB, 0xCC, 0xDD, 0xEE }, "is not an ONNX model")]
    [InlineData(new byte[] { 8, 8 }, "holds no graph")]
    public void Says_what_a_file_is_that_is_no_model(byte[] bytes, string expected)
    {
        var error = Assert.Throws<EdgeException>(() => OnnxReader.Read(bytes, "m"));
        Assert.Equal(ErrorCode.MalformedOnnx, error.Code);
        Assert.Contains(expected, error.Problem);
        Assert.NotNull(error.Remedy);
    }

    [Fact]
    public void A_missing_file_and_a_folder_are_named()
    {
        Assert.Equal(ErrorCode.CannotRead, Assert.Throws<EdgeException>(() => OnnxReader.Read("/no/such/file.onnx")).Code);
        var error = Assert.Throws<EdgeException>(() => OnnxReader.Read(Path.GetTempPath()));
        Assert.Equal(ErrorCode.CannotRead, error.Code);
        Assert.Contains("folder", error.Problem);
    }

    [Fact]
    public void Cut_off_at_any_length_it_is_refused()
    {
        byte[] whole = TwoLayers().ToByteArray();
        int refused = 0;
        for (int length = 0; length < whole.Length; length++)
        {
            var error = Record.Exception(() => OnnxImporter.Import(OnnxReader.Read(whole[..length], "cut")).Dispose());
            Assert.True(error is EdgeException { Code: ErrorCode.MalformedOnnx }, $"at {length} of {whole.Length}: {error}");
            refused++;
        }
        Assert.Equal(whole.Length, refused);
    }

    [Fact]
    public void Damaged_bytes_never_crash_the_import()
    {
        byte[] whole = TwoLayers().ToByteArray();
        var random = new Random(1);
        for (int i = 0; i < 10_000; i++)
        {
            byte[] damaged = [.. whole];
            for (int flips = random.Next(1, 4); flips > 0; flips--) damaged[random.Next(damaged.Length)] ^= (byte)random.Next(1, 256);
            Exception? error = Record.Exception(() => OnnxImporter.Import(OnnxReader.Read(damaged, "damaged")).Dispose());
            Assert.True(error is null or EdgeException, $"round {i}: {error}");
        }
    }

    [Fact]
    public void Messages_nested_too_deep_are_refused()
    {
        var graph = new GraphProto();
        for (int i = 0; i < 500; i++)
        {
            var outer = new GraphProto();
            outer.Node.Add(Node("If", $"n{i}", ["c"], "y"));
            outer.Node[0].Attribute.Add(new AttributeProto { Name = "then_branch", G = graph });
            graph = outer;
        }
        byte[] bytes = new ModelProto { Graph = graph }.ToByteArray();
        Assert.Equal(ErrorCode.MalformedOnnx, Assert.Throws<EdgeException>(() => OnnxReader.Read(bytes, "deep")).Code);
    }

    /// <summary>A model with a weight, an attribute and a symbolic dimension. Operator sets come last, so that every cut shows.</summary>
    private static ModelProto TwoLayers()
    {
        ModelProto model = Model(Node("Gemm", "dense", ["x", "w"], "h"), Node("LeakyRelu", "act", ["h"], "y"));
        model.Graph.Node[0].Attribute.Add(Int("transB", 1));
        model.Graph.Node[1].Attribute.Add(new AttributeProto { Name = "alpha", F = 0.1f, Type = AttributeProto.Types.AttributeType.Float });
        model.Graph.Initializer.Add(Floats("w", [2, 3], 1, 2, 3, 4, 5, 6));
        return model;
    }
}
