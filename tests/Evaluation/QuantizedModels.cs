using System.Collections.Concurrent;
using EdgeRuntime.Format;
using EdgeRuntime.Tools.Benchmark;
using EdgeRuntime.Tools.Verification;
using EdgeRuntime.Tools.Zoo;
using Xunit;

namespace EdgeRuntime.Tests.Evaluation;

/// <summary>Models in integers, as <c>convert --quantize int8</c> makes them: quantized once for all tests, and kept for this build of the program.</summary>
internal static class QuantizedModels
{
    private static readonly ConcurrentDictionary<string, Lazy<string?>> Made = new();

    /// <summary>A model of <see cref="IntegerModels.All"/>; the test is skipped where it, or what it is calibrated on, is not on this machine.</summary>
    public static EdgeModel Get(string name)
    {
        SuiteModel model = IntegerModels.All.Single(m => m.Name == name);
        IntegerModels source = new(new SuiteFiles(ModelCache.Default, Repository.FindData("models"), [model]), new SuiteIntegers(Path.Combine(ModelCache.Default.Folder, "suite"), TestContext.Current.CancellationToken));
        string? reason = Made.GetOrAdd(name, _ => new Lazy<string?>(() =>
        {
            (EdgeModel? first, string? why) = source.Get(model, TestContext.Current.CancellationToken);
            first?.Dispose();
            return why;
        })).Value;
        Assert.SkipUnless(reason is null, $"{name}: {reason}");
        return source.Get(model, TestContext.Current.CancellationToken).Model!;
    }
}
