using System.Text.Json;
using EdgeRuntime.Tools.Commands;
using Xunit;

namespace EdgeRuntime.Tests.Cli;

/// <summary>The verb run on sound and text, from outside.</summary>
public class PromptRunTests
{
    private static string Model(string name) => Repository.File("models", name + ".edge");

    [Fact]
    public void Keywords_are_printed_with_time_and_score()
    {
        string sound = Repository.File("models", "samples", "keywords", "stop", "stop-000.wav");
        Result plain = Edgert.Run("run", "keyword", "--source", sound, "--model", Model("keywords"));
        Assert.Equal(ExitCode.Done, plain.ExitCode);
        Assert.Matches(@"^\s+[01]\.\d s  stop\s+[01]\.\d{3}\s*$", plain.Output);
        Assert.Contains("1.0 s heard, 1 found", plain.Errors);
        JsonElement line = Json(Edgert.Run("run", "keyword", "--source", sound, "--model", Model("keywords"), "--json")).Single();
        Assert.Equal(["time_ms", "label", "score"], line.EnumerateObject().Select(p => p.Name));
        Assert.Equal("stop", line.GetProperty("label").GetString());
        // A threshold that nothing reaches.
        Assert.Equal("", Edgert.Run("run", "keyword", "--source", sound, "--model", Model("keywords"), "--threshold", "1").Output.Trim());
    }

    [Fact]
    public void Sentences_are_classified_one_a_line()
    {
        Result plain = Edgert.Run("run", "classify-text", "--prompt", "turn the lamp on", "--model", Model("intent"));
        Assert.StartsWith("light-on 0.9", plain.Output);
        using var folder = new TemporaryFolder();
        string file = Path.Combine(folder.Path, "a.txt");
        File.WriteAllText(file, "lock the front door\n\nwill it rain tomorrow\n");
        JsonElement[] lines = Json(Edgert.Run("run", "classify-text", "--source", file, "--model", Model("intent"), "--json"));
        Assert.Equal(["lock the front door", "will it rain tomorrow"], lines.Select(l => l.GetProperty("text").GetString()));
        Assert.Equal(["lock", "weather"], lines.Select(l => l.GetProperty("results")[0].GetProperty("label").GetString()));
        Assert.Equal([0, 0], lines.Select(l => l.GetProperty("unknown_words").GetInt32()));
    }

    [Fact]
    public void Text_goes_on_from_the_prompt_and_is_the_same_for_a_seed()
    {
        string[] arguments = ["run", "generate", "--model", Model("generator"), "--prompt", "It was ", "--length", "50", "--seed", "5"];
        Result first = Edgert.Run(arguments);
        Assert.Equal(ExitCode.Done, first.ExitCode);
        Assert.StartsWith("It was ", first.Output);
        Assert.Equal(50 + "It was ".Length, first.Output.TrimEnd('\r', '\n').Length);
        Assert.Contains("50 letters, ", first.Errors);
        Assert.Equal(first.Output, Edgert.Run(arguments).Output);
        JsonElement[] lines = Json(Edgert.Run([.. arguments, "--json"]));
        Assert.Equal(Enumerable.Range(0, 50), lines.Select(l => l.GetProperty("step").GetInt32()));
        Assert.Equal(first.Output.TrimEnd('\r', '\n')["It was ".Length..], string.Concat(lines.Select(l => l.GetProperty("text").GetString())));
    }

    [Theory]
    [InlineData("--source", "run", "keyword")]
    [InlineData("--prompt", "run", "keyword", "--prompt", "x")]
    [InlineData("--source", "run", "classify-text")]
    [InlineData("--source", "run", "generate", "--source", "x")]
    [InlineData("--temperature", "run", "generate", "--temperature", "11")]
    [InlineData("--temperature", "run", "generate", "--temperature", "nan")]
    [InlineData("--length", "run", "generate", "--length", "0")]
    [InlineData("--limit", "run", "generate", "--limit", "5")]
    [InlineData("--save", "run", "keyword", "--source", "x", "--save", "y")]
    [InlineData("--source", "run", "face-detect")]
    [InlineData("--seed", "run", "face-detect", "--source", "x.png", "--seed", "1")]
    public void Wrong_use_is_named(string part, params string[] arguments)
    {
        Result result = Edgert.Run(arguments);
        Assert.Equal(ExitCode.BadInput, result.ExitCode);
        Assert.Contains(part, result.Errors);
    }

    private static JsonElement[] Json(Result result) => [.. result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement)];
}
