using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Tensors;
using Xunit;

namespace EdgeRuntime.Tests.Format;

public sealed class EdgeFileTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("edge-file-tests").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private string PathOf(string name) => Path.Combine(folder, name);

    [Fact]
    public void A_model_comes_back_as_it_was()
    {
        using var written = new EdgeModel(SmallModels.Rich(), SmallModels.Metadata);
        string path = PathOf("rich.edge");
        EdgeWriter.Write(path, written);

        using EdgeModel read = EdgeReader.Read(path);

        Assert.Equal(GraphText.Dump(written.Graph), GraphText.Dump(read.Graph));
        Assert.Equal(written.Graph.Symbols, read.Graph.Symbols);
        Assert.Equal(written.Graph.Nodes.SelectMany(n => n.Outputs).Select(v => (v.Name, v.Type)), read.Graph.Nodes.SelectMany(n => n.Outputs).Select(v => (v.Name, v.Type)));
        Assert.Equal(written.Graph.Inputs.Select(v => (v.Name, v.Type)), read.Graph.Inputs.Select(v => (v.Name, v.Type)));
        foreach ((Value before, Value after) in written.Graph.Constants.Zip(read.Graph.Constants))
        {
            Assert.Equal((before.Name, before.Type), (after.Name, after.Type));
            Assert.Equal(before.Constant!.View.Bytes, after.Constant!.View.Bytes);
        }
        Assert.Equal(System.Text.Json.JsonSerializer.Serialize(written.Metadata), System.Text.Json.JsonSerializer.Serialize(read.Metadata));
        Assert.Equal(File.ReadAllBytes(path), EdgeWriter.ToArray(read));
    }

    [Fact]
    public unsafe void Weights_are_used_where_they_lie_and_aligned()
    {
        byte[] bytes = EdgeWriter.ToArray(new EdgeModel(SmallModels.Rich(), SmallModels.Metadata));
        string path = PathOf("rich.edge");
        File.WriteAllBytes(path, bytes);
        long before = GC.GetAllocatedBytesForCurrentThread();
        using EdgeModel mapped = EdgeReader.Read(path);
        using EdgeModel copied = EdgeReader.Read(bytes);

        foreach (EdgeModel model in new[] { mapped, copied })
        {
            Tensor[] weights = [.. model.Graph.Constants.Select(v => v.Constant!)];
            // Biases and tables were unpacked; weights were not.
            Assert.Single(weights.Where(w => w.Type.ByteCount > EdgeFormat.SmallBlock).Select(w => w.Owner).Distinct());
            Assert.Single(weights.Where(w => w.Type.ByteCount <= EdgeFormat.SmallBlock).Select(w => w.Owner).Distinct());
            Assert.All(weights, w => Assert.Equal(0, (long)w.View.Data % AlignedBuffer.Alignment));
        }
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 10 << 20);
    }

    [Fact]
    public void Files_of_version_1_are_read_as_before()
    {
        foreach (Graph graph in SmallModels.All())
        {
            using var model = new EdgeModel(graph, SmallModels.Metadata);
            using EdgeModel old = EdgeReader.Read(FileSurgery.Old(model)), now = EdgeReader.Read(EdgeWriter.ToArray(model));
            Assert.Equal(GraphText.Dump(now.Graph), GraphText.Dump(old.Graph));
            foreach ((Value a, Value b) in old.Graph.Constants.Zip(now.Graph.Constants)) Assert.Equal(a.Constant!.View.Bytes, b.Constant!.View.Bytes);
            Assert.Equal(EdgeWriter.ToArray(model), EdgeWriter.ToArray(old));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(99)]
    public void Files_of_other_versions_are_refused_as_such(byte major)
    {
        byte[] file = EdgeWriter.ToArray(new EdgeModel(SmallModels.Chain(), SmallModels.Metadata));
        file[8] = major;
        FileSurgery.Mend(file);
        Assert.Equal(ErrorCode.EdgeVersion, Assert.Throws<EdgeException>(() => EdgeReader.Read(file)).Code);
    }

    [Fact]
    public void Small_constants_take_little_more_than_their_bytes()
    {
        var builder = new GraphBuilder("biases");
        for (int i = 0; i < 100; i++) builder.Output($"{i}", builder.Constant($"{i}", Tensor.Vector<int>(i, i * 7919 % 1000, -i)));
        byte[] file = EdgeWriter.ToArray(new EdgeModel(builder.Build(), new ModelMetadata()));
        Assert.True(file.Length < 3000, $"100 constants of 12 bytes make a file of {file.Length} bytes");
        using EdgeModel read = EdgeReader.Read(file);
        Assert.Equal([77, 77 * 7919 % 1000, -77], read.Graph.Outputs[77].Value.Constant!.Span<int>().ToArray());
    }

    [Fact]
    public void The_same_model_gives_the_same_bytes() =>
        Assert.Equal(EdgeWriter.ToArray(new EdgeModel(SmallModels.Rich(), SmallModels.Metadata)), EdgeWriter.ToArray(new EdgeModel(SmallModels.Rich(), SmallModels.Metadata)));

    [Fact]
    public void A_checksum_is_that_of_the_standard() => Assert.Equal(0xE3069283u, Crc32C.Of("123456789"u8));

    [Fact]
    public void A_checksum_of_many_bytes_is_that_of_one_after_the_other()
    {
        byte[] bytes = new byte[40_000];
        new Random(5).NextBytes(bytes);
        for (int length = 0; length < bytes.Length; length = length * 3 / 2 + 1)
        {
            uint crc = uint.MaxValue;
            foreach (byte b in bytes.AsSpan(0, length)) crc = System.Numerics.BitOperations.Crc32C(crc, b);
            Assert.Equal(~crc, Crc32C.Of(bytes.AsSpan(0, length)));
        }
    }

    [Theory]
    [InlineData("a text file")]
    [InlineData("")]
    [InlineData("E")]
    public void Other_files_are_refused_as_such(string content)
    {
        File.WriteAllText(PathOf("other.edge"), content);
        var error = Assert.Throws<EdgeException>(() => EdgeReader.Read(PathOf("other.edge")));
        Assert.Equal(ErrorCode.NotAnEdgeFile, error.Code);
        Assert.Contains("other.edge", error.Message);
        Assert.NotNull(error.Remedy);
    }

    [Fact]
    public void A_missing_file_and_a_folder_cannot_be_read()
    {
        Assert.Equal(ErrorCode.CannotRead, Assert.Throws<EdgeException>(() => EdgeReader.Read(PathOf("none.edge"))).Code);
        Assert.Equal(ErrorCode.CannotRead, Assert.Throws<EdgeException>(() => EdgeReader.Read(folder)).Code);
    }

    [Fact]
    public void Metadata_without_a_field_has_its_default_and_unknown_fields_are_skipped()
    {
        byte[] file = Minimal("""{"name":"n","image":{"fit":"Stretch"},"decoder":{},"of_a_later_version":[1]}"""u8);
        using EdgeModel model = EdgeReader.Read(file);
        Assert.Equal(("n", "", ImageFit.Stretch), (model.Metadata.Name, model.Metadata.Task, model.Metadata.Image!.Fit));
        Assert.Equal([1f, 1f, 1f], model.Metadata.Image.Scale);
        Assert.Empty(model.Metadata.SourceProperties);
        Assert.Empty(model.Metadata.Decoder!.Parameters);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("""{"name":null}""")]
    [InlineData("""{"name":7}""")]
    [InlineData("""{"source_properties":{"a":null}}""")]
    [InlineData("""{"image":{"channels":99}}""")]
    [InlineData("""{"image":{"scale":[1]}}""")]
    [InlineData("""{"decoder":{"parameters":{"a":null}}}""")]
    public void Metadata_that_makes_no_sense_is_refused(string json)
    {
        var error = Assert.Throws<EdgeException>(() => EdgeReader.Read(Minimal(System.Text.Encoding.UTF8.GetBytes(json))));
        Assert.Equal(ErrorCode.CorruptEdgeFile, error.Code);
        Assert.Contains("section 'metadata'", error.Message);
    }

    private static byte[] Minimal(ReadOnlySpan<byte> metadata) => FileSurgery.Assemble(metadata, GraphEncoder.Encode(SmallModels.Empty()).Section, []);
}
