using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Backends.OpenCl;
using EdgeRuntime.Backends.Vulkan;
using EdgeRuntime.Tests.Backends;
using Xunit;

namespace EdgeRuntime.Tests.RandomGraphs;

/// <summary>Random graphs of quantized operators on devices: what they take of a graph is one plan, and gives the bytes of the definitions, by the ways that are likely to be the best and by others.</summary>
public class DeviceGraphTests(ITestOutputHelper output)
{
    private const int UsualGraphs = 300;

    /// <summary>PoCL compiles each form of a kernel for a tenth of a second and more.</summary>
    private const int UsualOpenClGraphs = 60;

    [Theory]
    [InlineData(VulkanDrivers.Lavapipe)]
    [InlineData(VulkanDrivers.SwiftShader)]
    [InlineData(VulkanDrivers.Hardware)]
    public void Vulkan_gives_the_bytes_of_the_definitions(string driver)
    {
        VulkanBackend backend = VulkanDrivers.Open(driver);
        Check(driver, UsualGraphs, RunningWay.Of(driver, backend), new RunningWay($"{driver}, other ways", backend.Reject, plan => backend.Compile(GpuProgram.Build(plan, backend.GpuTraits, Other))));
        Assert.Empty(backend.Messages);
    }

    [Theory]
    [InlineData(OpenClDrivers.Pocl)]
    [InlineData(OpenClDrivers.Hardware)]
    public void OpenCl_gives_the_bytes_of_the_definitions(string driver)
    {
        OpenClBackend backend = OpenClDrivers.Open(driver);
        Check(driver, UsualOpenClGraphs, RunningWay.Of(driver, backend), new RunningWay($"{driver}, other ways", backend.Reject, plan => backend.Compile(GpuProgram.Build(plan, backend.GpuTraits, Other))));
    }

    /// <summary>Each way in turn: every graph takes the ways that are likely to be the best, or some of all.</summary>
    private void Check(string driver, int usual, params RunningWay[] ways)
    {
        (int first, int end) = GraphHunt.Seeds(usual);
        var failures = new List<string>();
        long steps = 0;
        for (int seed = first; seed < end && failures.Count < 5; seed++)
        {
            failures.AddRange(GraphHunt.Run((seed, seed + 1), [ways[seed % ways.Length]], out long more));
            steps += more;
        }
        output.WriteLine($"{end - first} graphs, {steps} steps on {driver}");
        Assert.True(failures.Count == 0, string.Join("\n\n", failures));
    }

    /// <summary>One of the ways, the same for the same operator with the same operands.</summary>
    private static GpuCandidate Other(GpuStep step, GpuLowering ways)
    {
        int hash = step.Operands().Aggregate(17, (h, o) => unchecked(h * 31 + (int)(o.IsMissing ? 0 : o.Shape.Count)));
        foreach (char c in step.Operator.ToString()) hash = unchecked(hash * 31 + c);
        return ways.Candidates[(hash & int.MaxValue) % ways.Candidates.Count];
    }
}
