using System.Text.Json.Nodes;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.TensorFlow;
using Xunit;

namespace EdgeRuntime.Tests.TensorFlow;

/// <summary>Files that are no models, that are damaged, or that want what they must not have.</summary>
public class TensorFlowReaderTests
{
    [Theory]
    [InlineData("{", ErrorCode.MalformedTensorFlow, "cut off or damaged")]
    [InlineData("{\"a\": 1}", ErrorCode.MalformedTensorFlow, "no modelTopology")]
    [InlineData("{\"modelTopology\": {}}", ErrorCode.MalformedTensorFlow, "holds no graph")]
    [InlineData("{\"modelTopology\": {\"node\": []}}", ErrorCode.UnsupportedTensorFlow, "no outputs")]
    [InlineData("{\"modelTopology\": {\"node\": [{\"name\": \"\\ud800\"}]}}", ErrorCode.MalformedTensorFlow, "cut off or damaged")]
    [InlineData("{\"format\": \"layers-model\", \"modelTopology\": {\"model_config\": {}}}", ErrorCode.UnsupportedTensorFlow, "Keras")]
    [InlineData("{\"modelTopology\": {\"node\": [{\"op\": \"Relu\"}, 7, {\"name\": \"a\", \"op\": \"b\"}, {\"name\": \"a\", \"op\": \"b\"}]}}", ErrorCode.MalformedTensorFlow, "named 'a'")]
    public void What_is_no_model_is_refused(string json, ErrorCode code, string words)
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "some.json");
        File.WriteAllText(path, json);
        EdgeException error = Assert.Throws<EdgeException>(() => Converter.Convert(path).Model.Dispose());
        Assert.Equal(code, error.Code);
        Assert.Contains(words, error.Problem);
    }

    [Theory]
    [InlineData("../weights.bin")]
    [InlineData("/etc/hostname")]
    [InlineData("a/../../weights.bin")]
    [InlineData("..\\weights.bin")]
    [InlineData("")]
    public void Weights_lie_in_the_models_folder(string path)
    {
        using GraphModelFile file = Model();
        file.Root["weightsManifest"]![0]!["paths"]![0] = path;
        EdgeException error = Assert.Throws<EdgeException>(() => TensorFlowReader.Read(file.Write()));
        Assert.Equal(ErrorCode.MalformedTensorFlow, error.Code);
        Assert.Contains("does not lie in the model's folder", error.Problem);
    }

    [Fact]
    public void Weights_may_lie_in_several_files_and_a_folder_below()
    {
        using GraphModelFile file = Model();
        file.Write();
        byte[] all = File.ReadAllBytes(file.WeightsPath);
        string folder = Path.GetDirectoryName(file.Path)!;
        Directory.CreateDirectory(Path.Combine(folder, "sub"));
        File.WriteAllBytes(Path.Combine(folder, "one.bin"), all[..5]);
        File.WriteAllBytes(Path.Combine(folder, "sub", "two.bin"), all[5..]);
        file.Root["weightsManifest"]![0]!["paths"] = new JsonArray("one.bin", "sub/two.bin");
        using var model = file.Import();
        Assert.Equal(2, Assert.Single(model.Graph.Constants).Constant!.Span<float>()[1]);
    }

    [Fact]
    public void All_that_is_wrong_is_said_at_once()
    {
        using GraphModelFile file = Model();
        file.Weight("a", "complex128", [1], [0]).Weight("w", "float32", [1], [0, 0, 0, 0]).Weight("b", "string", [1], [0]).Weight("c", "float32", [-1], []).Weight("d", "float32", [1 << 20, 1 << 20], [])
            .Weight("e", "float32", [1], [0], """{"dtype": "uint8"}""").Weight("f", "float32", [1], [0], """{"dtype": "int4", "scale": 1, "min": 0}""").Weight("g", "bool", [1], [0], """{"dtype": "uint8", "scale": 1, "min": 0}""");
        EdgeException error = Assert.Throws<EdgeException>(() => TensorFlowReader.Read(file.Write()));
        foreach (string part in (string[])["'a'", "'w'", "'b'", "'c'", "'d'", "'e'", "'f'", "'g'"]) Assert.Contains($"weight {part}", error.Problem);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public void Weights_must_have_the_length_that_the_manifest_says(int more)
    {
        using GraphModelFile file = Model();
        file.Write();
        byte[] all = File.ReadAllBytes(file.WeightsPath);
        Array.Resize(ref all, all.Length + more);
        File.WriteAllBytes(file.WeightsPath, all);
        EdgeException error = Assert.Throws<EdgeException>(() => TensorFlowReader.Read(file.Path));
        Assert.Contains($"has {8 + more} bytes; the weights in it need 8", error.Problem);
        File.Delete(file.WeightsPath);
        Assert.Contains("missing", Assert.Throws<EdgeException>(() => TensorFlowReader.Read(file.Path)).Problem);
    }

    [Fact]
    public void A_folder_with_a_model_json_serves_as_the_model()
    {
        using GraphModelFile file = Model();
        string folder = Path.GetDirectoryName(file.Write())!;
        using LoadedModel loaded = ModelLoader.Load(folder, stop: TestContext.Current.CancellationToken);
        Assert.Equal(Path.GetFileName(folder), loaded.Model.Metadata.Name);
        Assert.Null(loaded.Onnx);
        // There is nothing to compare with.
        EdgeException error = Assert.Throws<EdgeException>(() => SourceModel.Find(loaded, null));
        Assert.Equal(ErrorCode.BadUsage, error.Code);
        Assert.Contains("TensorFlow.js", error.Problem);
    }

    private static GraphModelFile Model() => new GraphModelFile().Input("x", [2]).Constant<float>("w", [2], 1, 2).Node("y", "Add", ["x", "w"]);
}
