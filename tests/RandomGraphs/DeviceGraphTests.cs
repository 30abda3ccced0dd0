using EdgeRuntime.Backends.Vulkan;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Tests.Backends;
using EdgeRuntime.Tools.Verification;
using Xunit;

namespace EdgeRuntime.Tests.RandomGraphs;

/// <summary>Random graphs of quantized operators on devices: what they take of a graph is one plan, and gives the bytes of the definitions.</summary>
public class DeviceGraphTests(ITestOutputHelper output)
{
    private const int UsualGraphs = 150;

    [Theory]
    [InlineData(VulkanDrivers.Lavapipe)]
    [InlineData(VulkanDrivers.SwiftShader)]
    [InlineData(VulkanDrivers.Hardware)]
    public void Vulkan_gives_the_bytes_of_the_definitions(string driver)
    {
        VulkanBackend backend = VulkanDrivers.Open(driver);
        (int first, int end) = GraphHunt.Seeds(UsualGraphs);
        string[] failures = GraphHunt.Run((first, end), [RunningWay.Of(driver, backend)], out long steps);
        output.WriteLine($"{end - first} graphs, {steps} steps on {driver}");
        Assert.True(failures.Length == 0, string.Join("\n\n", failures));
        Assert.Empty(backend.Messages);
    }

    [Fact]
    public void OpenCl_gives_the_bytes_of_the_definitions()
    {
        ComparedBackend[] opened = [];
        try
        {
            opened = [.. ComparedBackend.Open(["opencl"], _ => { })];
        }
        catch (EdgeException e) when (e.Code == ErrorCode.NoBackend)
        {
            Assert.Skip(e.Problem);
        }
        using ComparedBackend backend = opened[0];
        (int first, int end) = GraphHunt.Seeds(UsualGraphs);
        string[] failures = GraphHunt.Run((first, end), [RunningWay.Of(backend.Name, backend.Backend)], out long steps);
        output.WriteLine($"{end - first} graphs, {steps} steps on {backend.Backend.Traits.Device}");
        Assert.True(failures.Length == 0, string.Join("\n\n", failures));
    }
}
