using System.Text.RegularExpressions;
using EdgeRuntime.Tests.Cli;
using EdgeRuntime.Tools.Runs;
using Xunit;

namespace EdgeRuntime.Tests.Docs;

/// <summary>What the documents say is true.</summary>
public partial class ReadmeTests
{
    private static readonly string Readme = File.ReadAllText(Repository.File("README.md"));

    [Fact]
    public void The_example_is_the_one_that_compiles()
    {
        string[] example = Lines(Example().Match(Readme).Groups[1].Value);
        string[] compiled = Lines(File.ReadAllText(Repository.File("tests", "Docs", "ReadmeExample.cs")));
        Assert.InRange(example.Length, 8, 14);
        Assert.All(example, line => Assert.Contains(line, compiled));
    }

    [Fact]
    public void All_verbs_and_pipelines_are_listed()
    {
        string help = Edgert.Run("--help").Output;
        string[] verbs = [.. Verb().Matches(help[help.IndexOf("Commands:", StringComparison.Ordinal)..]).Select(m => m.Groups[1].Value)];
        Assert.NotEmpty(verbs);
        Assert.All(verbs, verb => Assert.Contains($"| `edgert {verb}", Readme));
        Assert.All(PipelineCatalog.All, pipeline => Assert.Contains($"`{pipeline.Name}`", Readme));
    }

    [Fact]
    public void Links_between_documents_lead_somewhere()
    {
        foreach (string document in Directory.EnumerateFiles(Repository.Root, "*.md").Concat(Directory.EnumerateFiles(Repository.File("docs"), "*.md")).Append(Repository.File("models", "README.md")))
            foreach (Match link in Link().Matches(File.ReadAllText(document)))
                if (!link.Groups[1].Value.Contains("://", StringComparison.Ordinal))
                    Assert.True(Path.Exists(Path.Combine(Path.GetDirectoryName(document)!, link.Groups[1].Value)), $"{Path.GetFileName(document)} links to {link.Groups[1].Value}");
    }

    private static string[] Lines(string text) => [.. text.Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0)];

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Example();

    [GeneratedRegex(@"^  ([a-z]+) ", RegexOptions.Multiline)]
    private static partial Regex Verb();

    [GeneratedRegex(@"\]\(([^)#]+)\)")]
    private static partial Regex Link();
}
