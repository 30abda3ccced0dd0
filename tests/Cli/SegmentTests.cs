using System.Text.Json;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Realtime.Pictures;
using EdgeRuntime.Tools.Commands;
using EdgeRuntime.Tools.Media;
using Xunit;

namespace EdgeRuntime.Tests.Cli;

/// <summary>The pipeline segment, from outside.</summary>
public class SegmentTests
{
    private static readonly string Sample = Repository.File("models", "astronaut.png");

    [Fact]
    public void The_mask_in_json_is_the_one_in_the_picture()
    {
        using var folder = new TemporaryFolder();
        string target = Path.Combine(folder.Path, "mask.png");
        Result result = Edgert.Run("run", "segment", "--source", Sample, "--model", Model(), "--json", "--save", target, "--background", "mask");
        Assert.Equal(ExitCode.Done, result.ExitCode);
        using JsonDocument line = JsonDocument.Parse(result.Output);
        JsonElement person = Assert.Single(line.RootElement.GetProperty("results").EnumerateArray().ToArray());
        Assert.Equal(["label", "score", "box", "points", "mask"], person.EnumerateObject().Select(p => p.Name));
        Assert.Equal("person", person.GetProperty("label").GetString());
        JsonElement mask = person.GetProperty("mask");
        Assert.Equal([512, 512], mask.GetProperty("size").EnumerateArray().Select(n => n.GetInt32()));

        // As COCO says: down the columns, out and in by turns.
        var pixels = new bool[512 * 512];
        (int at, bool inside) = (0, false);
        foreach (JsonElement count in mask.GetProperty("counts").EnumerateArray())
        {
            for (int end = at + count.GetInt32(); at < end; at++) pixels[at % 512 * 512 + at / 512] = inside;
            inside = !inside;
        }
        Assert.Equal(pixels.Length, at);
        var picture = new Frame();
        PictureFile.Read(target, picture);
        for (int i = 0; i < pixels.Length; i++) Assert.Equal(pixels[i], picture.Pixels[3 * i] >= 128);
        Assert.InRange(pixels.Count(p => p), 512 * 512 / 4, 512 * 512 * 3 / 4);
    }

    [Theory]
    [InlineData("00ff00", 0, 255, 0)]
    [InlineData("#0000FF", 0, 0, 255)]
    [InlineData("tint", 123, 0, 0)]
    public void Behind_people_is_what_was_asked_for(string background, byte red, byte green, byte blue)
    {
        using var folder = new TemporaryFolder();
        string target = Path.Combine(folder.Path, "picture.png");
        Assert.Equal(ExitCode.Done, Edgert.Run("run", "segment", "--source", Sample, "--model", Model(), "--save", target, "--background", background).ExitCode);
        Frame before = new(), after = new();
        PictureFile.Read(Sample, before);
        PictureFile.Read(target, after);
        Assert.Equal(Pixel(before, 225, 120), Pixel(after, 225, 120));
        if (background != "tint") Assert.Equal((red, green, blue), Pixel(after, 505, 5));
        else Assert.NotEqual(Pixel(before, 505, 5), Pixel(after, 505, 5));

        static (byte, byte, byte) Pixel(Frame frame, int x, int y) => (frame.Pixels[3 * (512 * y + x)], frame.Pixels[3 * (512 * y + x) + 1], frame.Pixels[3 * (512 * y + x) + 2]);
    }

    [Fact]
    public void It_runs_in_realtime_beside_others_and_is_replayed()
    {
        using var folder = new TemporaryFolder();
        string pictures = Path.Combine(folder.Path, "pictures"), recording = Path.Combine(folder.Path, "recording");
        Directory.CreateDirectory(pictures);
        for (int i = 0; i < 5; i++) File.Copy(Sample, Path.Combine(pictures, $"{i}.png"));
        Result result = Edgert.Run("run", "face-detect+segment", "--source", pictures, "--model", Repository.File("models", "blazeface-front.edge"), "--model", Model(), "--json", "--realtime", "--record", recording);
        Assert.Equal(ExitCode.Done, result.ExitCode);
        string[] lines = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var pipelines = new HashSet<string>();
        foreach (string text in lines[..^1])
        {
            using JsonDocument line = JsonDocument.Parse(text);
            string pipeline = line.RootElement.GetProperty("pipeline").GetString()!;
            pipelines.Add(pipeline);
            JsonElement found = Assert.Single(line.RootElement.GetProperty("results").EnumerateArray().ToArray());
            Assert.Equal(pipeline == "segment" ? "person" : "face", found.GetProperty("label").GetString());
            Assert.Equal(pipeline == "segment", found.TryGetProperty("mask", out _));
        }
        Assert.Equal(["face-detect", "segment"], pipelines.Order());
        Result replay = Edgert.Run("replay", recording);
        Assert.True(replay.ExitCode == ExitCode.Done, replay.Output + replay.Errors);
    }

    [Fact]
    public void Wrong_use_says_what_is_right()
    {
        string faces = Repository.File("models", "blazeface-front.edge");
        AssertRefused("for face-detection, not for segmentation", "run", "segment", "--source", Sample, "--model", faces);
        AssertRefused("--background 'pink' is none", "run", "segment", "--source", Sample, "--background", "pink");
        AssertRefused("--background means nothing", "run", "face-detect", "--source", Sample, "--background", "tint");
        AssertRefused("--track means nothing", "run", "segment", "--source", Sample, "--track");

        static void AssertRefused(string part, params string[] arguments)
        {
            Result result = Edgert.Run(arguments);
            Assert.NotEqual(ExitCode.Done, result.ExitCode);
            Assert.Contains(part, result.Errors);
        }
    }

    [Fact]
    public void A_colour_has_six_digits()
    {
        Assert.Equal(new Colour(255, 0, 16), Background.Parse("#ff0010").Colour);
        Assert.Null(Background.Parse("mask").Colour);
        Assert.Equal(Background.Tinted, Background.Parse(null));
        Assert.All(["", "#", "ff00", "+f0010", "ff001g", "ff00100"], text => Assert.Throws<EdgeException>(() => Background.Parse(text)));
    }

    private static string Model() => Repository.Data("models", "selfie_segmentation_landscape.onnx");
}
