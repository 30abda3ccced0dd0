using System.Text.Json;
using EdgeRuntime.Pipelines.Faces;
using EdgeRuntime.Tests.Pipelines;
using EdgeRuntime.Tools.Commands;
using Xunit;

namespace EdgeRuntime.Tests.Cli;

/// <summary>Pipelines that look closely at faces, from outside.</summary>
public class FaceRecognizeTests
{
    private static readonly string Sample = Repository.File("models", "astronaut.png");

    [Fact]
    public void Who_was_enrolled_is_named_alone_live_and_replayed()
    {
        NeedModels();
        using var folder = new TemporaryFolder();
        string gallery = Path.Combine(folder.Path, "faces.json"), pictures = Path.Combine(folder.Path, "pictures"), recording = Path.Combine(folder.Path, "recording");
        Result enrolled = Recognize("--source", Repository.Data("images", "grace_hopper.bmp"), "--gallery", gallery, "--enrol", "Grace");
        Assert.True(enrolled.ExitCode == ExitCode.Done, enrolled.Errors);
        Assert.Equal("unknown", Label(Recognize("--source", Sample, "--gallery", gallery, "--json")));
        Assert.Contains("2 persons, 2 faces", Recognize("--source", Sample, "--gallery", gallery, "--enrol", "Eileen").Output, StringComparison.Ordinal);
        Assert.Equal("Eileen", Label(Recognize("--source", Sample, "--gallery", gallery, "--json")));
        // The same picture again is nothing new; under another name it is told.
        Assert.Contains("0 faces of 1 frame", Recognize("--source", Sample, "--gallery", gallery, "--enrol", "Eileen").Output, StringComparison.Ordinal);
        Assert.Contains("like that of 'Eileen'", Recognize("--source", Sample, "--gallery", gallery, "--enrol", "Somebody").Errors, StringComparison.Ordinal);

        Directory.CreateDirectory(pictures);
        for (int i = 0; i < 4; i++) File.Copy(Sample, Path.Combine(pictures, $"{i}.png"));
        Result live = Edgert.Run("run", "face-recognize+face-mesh", "--source", pictures, "--gallery", gallery, "--json", "--realtime", "--record", recording);
        Assert.True(live.ExitCode == ExitCode.Done, live.Errors);
        Assert.Contains("\"label\":\"Eileen\"", live.Output, StringComparison.Ordinal);
        Assert.Contains("\"mesh\":[[", live.Output, StringComparison.Ordinal);
        Result replay = Edgert.Run("replay", recording);
        Assert.True(replay.ExitCode == ExitCode.Done, replay.Output + replay.Errors);
        FaceGallery other = FaceGallery.Read(gallery);
        other.Write(gallery + "2");
        File.AppendAllText(gallery, " ");
        Assert.Contains("its digest is another", Edgert.Run("replay", recording).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Points_of_a_face_are_in_json()
    {
        NeedModels();
        foreach ((string pipeline, string property, int count, int dimensions) in ((string, string, int, int)[])[("face-mesh", "mesh", 468, 3), ("face-landmark", "landmarks", 68, 2)])
        {
            Result result = Edgert.Run("run", pipeline, "--source", Sample, "--json");
            Assert.True(result.ExitCode == ExitCode.Done, result.Errors);
            using JsonDocument line = JsonDocument.Parse(result.Output);
            JsonElement face = Assert.Single(line.RootElement.GetProperty("results").EnumerateArray().ToArray());
            JsonElement[] points = [.. face.GetProperty(property).EnumerateArray()];
            Assert.Equal(count, points.Length);
            // The face of the sample.
            Assert.All(points, p => Assert.True(p.GetArrayLength() == dimensions && p[0].GetDouble() is > 160 and < 290 && p[1].GetDouble() is > 60 and < 190, p.ToString()));
        }
    }

    [Fact]
    public void Wrong_use_says_what_is_right()
    {
        NeedModels();
        using var folder = new TemporaryFolder();
        string gallery = Path.Combine(folder.Path, "faces.json"), fruits = Repository.Data("images", "fruits.jpg");
        AssertRefused("needs --gallery", "face-recognize", "--source", Sample);
        AssertRefused("--enrol needs --gallery", "face-recognize", "--source", Sample, "--enrol", "Ann");
        AssertRefused("is no name", "face-recognize", "--source", Sample, "--gallery", gallery, "--enrol", " ");
        AssertRefused("cannot be read", "face-recognize", "--source", Sample, "--gallery", gallery);
        AssertRefused("There is no face", "face-recognize", "--source", fruits, "--gallery", gallery, "--enrol", "Ann");
        AssertRefused("shows 4 faces", "face-recognize", "--source", Repository.Data("images", "face.jpg"), "--gallery", gallery, "--enrol", "Ann");
        Assert.False(File.Exists(gallery));
        AssertRefused("--gallery means nothing", "face-detect", "--source", Sample, "--gallery", gallery);
        AssertRefused("--finder means nothing", "face-detect", "--source", Sample, "--finder", "blazeface-back");
        AssertRefused("means nothing with --enrol", "face-recognize", "--source", Sample, "--gallery", gallery, "--enrol", "Ann", "--json");
        AssertRefused("eyes, nose and mouth", "face-recognize", "--source", Sample, "--gallery", gallery, "--enrol", "Ann", "--finder", "face-detect");
        File.WriteAllText(gallery, "{\"format\":\"edgeruntime-faces\",\"version\":1,\"model\":\"m\",\"model_sha256\":\"x\",\"length\":512,\"faces\":[]}");
        AssertRefused("is empty", "face-recognize", "--source", Sample, "--gallery", gallery);
        AssertRefused("was made with the model 'm'", "face-recognize", "--source", Sample, "--gallery", gallery, "--enrol", "Ann");

        static void AssertRefused(string part, params string[] arguments)
        {
            Result result = Edgert.Run(["run", .. arguments]);
            Assert.Equal(ExitCode.BadInput, result.ExitCode);
            Assert.Contains(part, result.Errors, StringComparison.Ordinal);
        }
    }

    private static Result Recognize(params string[] arguments) => Edgert.Run(["run", "face-recognize", .. arguments]);

    private static string? Label(Result result)
    {
        using JsonDocument line = JsonDocument.Parse(result.Output);
        return Assert.Single(line.RootElement.GetProperty("results").EnumerateArray().ToArray()).GetProperty("label").GetString();
    }

    private static void NeedModels()
    {
        foreach (string name in (string[])["blazeface-back", "face-feature", "facemesh", "face-detect", "face-landmark"]) ZooModels.Require(name);
    }
}
