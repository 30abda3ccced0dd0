using EdgeRuntime.Backends.Cpu;
using EdgeRuntime.Format;
using EdgeRuntime.Tests.Backends;
using EdgeRuntime.Tests.Evaluation;
using EdgeRuntime.Tools.Verification;
using Xunit;

namespace EdgeRuntime.Tests.Verification;

/// <summary>Models in integers, on pictures and sounds, give the same bytes on every path of the CPU and on every device that is here.</summary>
public sealed class SameBytesTests(ITestOutputHelper output) : IDisposable
{
    private readonly List<ComparedBackend> own = [];

    [Theory]
    [InlineData("blazeface-front")]
    [InlineData("blazeface-back")]
    [InlineData("ultraface")]
    [InlineData("yunet")]
    [InlineData("fastestdet")]
    [InlineData("nanodet-m")]
    [InlineData("yolox-nano")]
    [InlineData("hand-landmark")]
    [InlineData("mobilenet-v2-qdq")]
    [InlineData("keywords")]
    [InlineData("digits")]
    public void Everywhere(string name)
    {
        using EdgeModel model = QuantizedModels.Get(name);
        IReadOnlyList<ComparedBackend> backends = Backends();
        IntegerResult result = new IntegerTrial(backends).Run(name, model, TestContext.Current.CancellationToken);
        output.WriteLine($"{name}: {result.Layers} layers, in floats {string.Join(", ", result.Floats)}; {result.Inputs}");
        foreach (IntegerOnBackend b in result.Backends) output.WriteLine($"{b.Backend}: {b.Steps} steps, {(b.Same ? "the same bytes" : $"outputs {b.MaxRel:0.0e+00}, {b.DifferentLayers} layers differ")} {b.Trouble}");
        Assert.Contains(backends, b => b.Name == "cpu:scalar");
        Assert.True(result.Passed, string.Join("\n", result.Backends.Where(b => b.Trouble is not null).Select(b => $"{b.Backend}: {b.Trouble}")));
    }

    public void Dispose()
    {
        foreach (ComparedBackend backend in own) backend.Dispose();
    }

    private List<ComparedBackend> Backends()
    {
        own.Add(new ComparedBackend("cpu", new CpuBackend(2)));
        own.AddRange(CpuPath.All.Select(p => new ComparedBackend($"cpu:{p.Name}", p.Open(2))));
        // Those of all tests, which stay open.
        return [.. own, .. VulkanDrivers.Names.Where(VulkanDrivers.IsHere).Select(name => new ComparedBackend(name, VulkanDrivers.Open(name))),
            .. OpenClDrivers.Names.Where(OpenClDrivers.IsHere).Select(name => new ComparedBackend(name, OpenClDrivers.Open(name)))];
    }
}
