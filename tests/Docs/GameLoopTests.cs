using System.Text.RegularExpressions;
using EdgeRuntime.Realtime;
using EdgeRuntime.Tests.Realtime;
using Xunit;

namespace EdgeRuntime.Tests.Docs;

[Collection(nameof(Alone))]
public partial class GameLoopTests
{
    [Fact]
    public void The_loop_in_the_page_is_the_one_that_runs()
    {
        string[] shown = Lines(Example().Match(File.ReadAllText(Repository.File("docs", "game-loop.md"))).Groups[1].Value);
        string[] compiled = Lines(File.ReadAllText(Repository.File("tests", "Docs", "GameLoop.cs")));
        Assert.InRange(shown.Length, 30, 100);
        Assert.InRange(compiled.Length, shown.Length, 100);
        Assert.All(shown, line => Assert.Contains(line, compiled));
    }

    [Fact]
    public void The_loop_sees_the_face_of_the_picture()
    {
        using var folder = new TemporaryFolder();
        for (int i = 0; i < 5; i++) File.Copy(Repository.File("models", "astronaut.png"), Path.Combine(folder.Path, $"{i}.png"));
        string told = GameLoop.Run(Repository.File("models", "blazeface-front.edge"), FrameSource.Open(folder.Path, stop: TestContext.Current.CancellationToken), TimeSpan.FromSeconds(20));
        Assert.Matches(@"^5 captured = \d results.*; tick .*; seen \d times$", told);
        Assert.DoesNotContain("seen 0 times", told);
    }

    private static string[] Lines(string text) => [.. text.Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0)];

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Example();
}
