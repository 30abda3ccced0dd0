using System.Text.Json.Nodes;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Pipelines.Faces;
using Xunit;

namespace EdgeRuntime.Tests.Pipelines.Faces;

public class FaceGalleryTests
{
    private static readonly ModelMetadata Model = new() { Name = "features", SourceSha256 = "abc" };

    [Fact]
    public void What_is_written_is_read_again()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "faces.json");
        FaceGallery gallery = Two();
        gallery.Add("Ann", [0, 0.5f, 0.25f]);
        gallery.Write(path);
        Assert.Equal([path], Directory.GetFiles(folder.Path));
        FaceGallery read = FaceGallery.Read(path);
        Assert.Equal(("features", "abc", 3, 3), (read.Model, read.ModelSha256, read.Length, read.Count));
        Assert.Equal(["Ann", "Bob \"é\""], read.Names);
        Assert.Equal(gallery.Faces.SelectMany(f => f.Features), read.Faces.SelectMany(f => f.Features));
        // Over what was there.
        read.Add("Cid", [1, 1, 1]);
        read.Write(path);
        Assert.Equal(4, FaceGallery.Read(path).Count);
    }

    [Fact]
    public void The_nearest_is_the_one_in_the_same_direction()
    {
        FaceGallery gallery = Two();
        Assert.Equal(0, gallery.Nearest([0.8f, 0.6f, 0], out float likeness));
        Assert.Equal(0.8f, likeness, 1e-6f);
        Assert.Equal(1, gallery.Nearest([0, 0, 1], out likeness));
        Assert.Equal(1, likeness, 1e-6f);
        Assert.Equal(-1, new FaceGallery(Model, 3).Nearest([1, 0, 0], out likeness));
        Assert.Equal(float.NegativeInfinity, likeness);
        // Vectors longer than a register, against the sum of products.
        var random = new Random(3);
        float[] a = [.. Enumerable.Range(0, 515).Select(_ => random.NextSingle() - 0.5f)], b = [.. a.Select(x => x * x - 0.1f)];
        Assert.Equal(a.Zip(b, (x, y) => (double)x * y).Sum(), FaceGallery.Dot(a, b), 1e-4);
    }

    [Fact]
    public void Galleries_of_another_model_are_refused_but_not_of_the_same_quantized()
    {
        FaceGallery gallery = Two();
        gallery.Require(Model, 3);
        gallery.Require(Model with { Name = "features-int8" }, 3);
        foreach ((ModelMetadata other, int length) in ((ModelMetadata, int)[])[(Model with { SourceSha256 = "abd" }, 3), (Model, 4), (new ModelMetadata { Name = "features" }, 3)])
        {
            EdgeException error = Assert.Throws<EdgeException>(() => gallery.Require(other, length));
            Assert.Equal(ErrorCode.InputMismatch, error.Code);
            Assert.Contains("'features'", error.Problem, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Names_and_features_that_are_none_are_refused()
    {
        FaceGallery gallery = Two();
        foreach (string name in (string[])["", " ", "a\nb", "unknown", new string('x', 101)]) Assert.Equal(ErrorCode.BadUsage, Assert.Throws<EdgeException>(() => gallery.Add(name, [1, 2, 3])).Code);
        foreach (float[] features in (float[][])[[1, 2], [0, 0, 0], [1, float.NaN, 0], [float.PositiveInfinity, 0, 0]]) Assert.Equal(ErrorCode.InputMismatch, Assert.Throws<EdgeException>(() => gallery.Add("Cid", features)).Code);
        Assert.Equal(2, gallery.Count);
    }

    [Theory]
    [InlineData("format", "\"else\"")]
    [InlineData("format", "7")]
    [InlineData("version", "2")]
    [InlineData("version", "\"1\"")]
    [InlineData("version", "1e99")]
    [InlineData("length", "0")]
    [InlineData("length", "4")]
    [InlineData("length", "2000000000")]
    [InlineData("model", "null")]
    [InlineData("faces", "{}")]
    [InlineData("faces", "[1]")]
    [InlineData("faces", "[{\"name\":\"x\"}]")]
    [InlineData("faces", "[{\"name\":\"x\",\"features\":[1,2,\"3\"]}]")]
    [InlineData("faces", "[{\"name\":\"x\",\"features\":[1,2,1e99]}]")]
    [InlineData("faces", "[{\"name\":\"x\",\"features\":[0,0,0]}]")]
    [InlineData("faces", "[{\"name\":\"\",\"features\":[1,0,0]}]")]
    [InlineData("faces", "[{\"name\":null,\"features\":[1,0,0]}]")]
    public void Damaged_files_are_refused(string property, string value)
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "faces.json");
        Two().Write(path);
        JsonNode root = JsonNode.Parse(File.ReadAllText(path))!;
        root[property] = JsonNode.Parse(value);
        File.WriteAllText(path, root.ToJsonString());
        EdgeException error = Assert.Throws<EdgeException>(() => FaceGallery.Read(path));
        Assert.Equal(ErrorCode.CannotRead, error.Code);
        Assert.Contains(path, error.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_that_are_cut_or_missing_are_refused_at_every_length()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "faces.json");
        Assert.Equal(ErrorCode.CannotRead, Assert.Throws<EdgeException>(() => FaceGallery.Read(path)).Code);
        Assert.Equal(ErrorCode.CannotRead, Assert.Throws<EdgeException>(() => FaceGallery.Read(folder.Path)).Code);
        Two().Write(path);
        byte[] whole = File.ReadAllBytes(path);
        for (int length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(path, whole[..length]);
            Assert.Equal(ErrorCode.CannotRead, Assert.Throws<EdgeException>(() => FaceGallery.Read(path)).Code);
        }
    }

    private static FaceGallery Two()
    {
        var gallery = new FaceGallery(Model, 3);
        gallery.Add("Ann", [2, 0, 0]);
        gallery.Add("Bob \"é\"", [0, 0, 0.1f]);
        return gallery;
    }
}
