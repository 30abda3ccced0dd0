using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Backends.OpenCl;
using EdgeRuntime.Planning;
using Xunit;

namespace EdgeRuntime.Tests.Backends;

/// <summary>Kernels tried on OpenCL devices before they are used, and chosen by measuring; what becomes of that is the same for each API.</summary>
public class OpenClSelfTestTests
{
    [Theory]
    [InlineData(OpenClDrivers.Pocl, GpuPrecision.Float32), InlineData(OpenClDrivers.Hardware, GpuPrecision.Float32), InlineData(OpenClDrivers.Hardware, GpuPrecision.Float16)]
    public void All_kernels_pass(string driver, GpuPrecision precision)
    {
        IReadOnlyList<GpuTestResult> results = OpenClDrivers.Open(driver, precision).TestKernels();
        Assert.NotEmpty(results);
        Assert.DoesNotContain(results, r => !r.Passed);
    }

    [Fact]
    public void Kernels_are_tried_and_measured_once()
    {
        using var folder = new TemporaryFolder();
        string[] chosen = [];
        for (int start = 0; start < 2; start++)
        {
            using OpenClBackend backend = OpenClBackend.Open(OpenClDrivers.Options(OpenClDrivers.Pocl) with { CacheFolder = folder.Path, SelfTest = true, Tuning = GpuTuning.Measure });
            using ICompiledPlan plan = backend.Compile(SmallNetwork.Plan());
            Assert.Equal(start == 0, backend.Tuner.Measured > 0);
            Assert.NotEmpty(backend.Records.Tests);
            Assert.All(backend.Records.Tests, t => Assert.True(t.Passed));
            if (start > 0) Assert.Equal(chosen, plan.Kernels);
            chosen = [.. plan.Kernels];
        }
    }

    [Fact]
    public void On_the_processor_nothing_is_measured_unasked()
    {
        using OpenClBackend backend = OpenClBackend.Open(OpenClDrivers.Options(OpenClDrivers.Pocl) with { Tuning = GpuTuning.Auto });
        using ICompiledPlan plan = backend.Compile(SmallNetwork.Plan());
        Assert.True(backend.GpuTraits.IsProcessor);
        Assert.Equal((0, 0), (backend.Tuner.Measured, backend.Tuner.Guessed));
    }
}
