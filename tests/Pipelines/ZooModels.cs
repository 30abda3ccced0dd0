using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Zoo;
using Xunit;

namespace EdgeRuntime.Tests.Pipelines;

/// <summary>Models of the zoo that are on this machine.</summary>
internal static class ZooModels
{
    /// <summary>A model of the zoo; the test is skipped where it is not in the cache.</summary>
    public static LoadedModel Load(string name) => ModelLoader.Load(Require(name), stop: TestContext.Current.CancellationToken);

    /// <summary>The file of a model of the zoo; the test is skipped where it is not in the cache.</summary>
    public static string Require(string name)
    {
        string? path = ModelCache.Default.Find(ModelZoo.Default.Get(name));
        Assert.SkipUnless(path is not null, $"{name} is not on this machine: `edgert models pull {name}`");
        return path;
    }
}
