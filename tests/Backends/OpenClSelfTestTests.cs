using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Backends.OpenCl;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Planning;
using EdgeRuntime.Tensors;
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
            using ICompiledPlan plan = backend.Compile(SmallNetwork.Plan(), TestContext.Current.CancellationToken);
            Assert.Equal(start == 0, backend.Tuner.Measured > 0);
            Assert.NotEmpty(backend.Records.Tests);
            Assert.All(backend.Records.Tests, t => Assert.True(t.Passed));
            if (start > 0) Assert.Equal(chosen, plan.Kernels);
            chosen = [.. plan.Kernels];
        }
    }

    [Fact]
    public void On_the_processor_nothing_is_compiled_to_try_kernels_of_floats()
    {
        using OpenClBackend backend = OpenClBackend.Open(OpenClDrivers.Options(OpenClDrivers.Pocl) with { SelfTest = true });
        using ICompiledPlan plan = backend.Compile(SmallNetwork.Plan(), TestContext.Current.CancellationToken);
        Assert.Equal(1, backend.Programs.All);
        Assert.All(plan.Kernels.Distinct(), way => Assert.Contains(backend.Records.Tests, t => t.Key.Candidate == way && t.Passed));
    }

    [Fact]
    public void Weights_that_nearly_cancel_each_other_make_no_kernel_wrong()
    {
        var builder = new GraphBuilder("cancelling");
        var weight = new Tensor(new TensorType(DataType.F32, 8, 1, 1, 96));
        var random = new Random(4);
        foreach (ref float v in weight.Span<float>()) v = (random.NextSingle() - 0.5f) * 200;
        builder.Output("y", builder.Add1("product", new Conv { Window = Window.Of(1, 1) }, builder.Input("x", new TensorType(DataType.F32, 1, 4, 4, 96)), builder.Constant("w", weight), builder.Constant("b", Tensor.Vector(new float[8]))));
        using OpenClBackend backend = OpenClBackend.Open(OpenClDrivers.Options(OpenClDrivers.Pocl) with { SelfTest = true });
        using ICompiledPlan plan = backend.Compile(Planner.Plan(builder.Build()), TestContext.Current.CancellationToken);
        Assert.Equal(0, backend.Records.Tests.Max(t => t.MaxError));
    }

    [Fact]
    public void A_kernel_of_floats_that_computes_something_else_is_not_used()
    {
        using OpenClBackend backend = OpenClBackend.Open(OpenClDrivers.Options(OpenClDrivers.Pocl) with { SelfTest = true, Sabotage = way => way.StartsWith("conv", StringComparison.Ordinal) });
        Assert.Equal(ErrorCode.PipelineRefused, Assert.Throws<EdgeException>(() => backend.Compile(SmallNetwork.Plan(), TestContext.Current.CancellationToken)).Code);
        Assert.Contains(backend.Records.Tests, t => !t.Passed && t.Key.Candidate.StartsWith("conv", StringComparison.Ordinal));
    }

    [Fact]
    public void On_the_processor_nothing_is_measured_unasked()
    {
        using OpenClBackend backend = OpenClBackend.Open(OpenClDrivers.Options(OpenClDrivers.Pocl) with { Tuning = GpuTuning.Auto });
        using ICompiledPlan plan = backend.Compile(SmallNetwork.Plan(), TestContext.Current.CancellationToken);
        Assert.True(backend.GpuTraits.IsProcessor);
        Assert.Equal((0, 0), (backend.Tuner.Measured, backend.Tuner.Guessed));
    }
}
