using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Backends.Gpu.SelfTest;
using EdgeRuntime.Backends.Vulkan;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Planning;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tests.Sessions;
using Xunit;

namespace EdgeRuntime.Tests.Backends;

/// <summary>Kernels tried before they are used, and what becomes of those that compute something else than they should.</summary>
public class VulkanSelfTestTests
{
    [Fact]
    public void Every_kernel_has_a_case()
    {
        var tested = new HashSet<(string, string)>();
        var ways = new HashSet<string>();
        // Lowering depends on what a device can do: a CPU, a chip, and floats of all sizes.
        foreach (GpuPrecision precision in Enum.GetValues<GpuPrecision>())
            foreach ((int lanes, bool dot) in ((int, bool)[])[(4, false), (32, false), (32, true)])
                foreach (SelfTestWay way in SelfTestWay.All(new GpuTraits { Api = "vulkan", Device = "none", Precision = precision, SubgroupSize = lanes, IntegerDotProduct = dot, MaxGroupInvocations = 256, SharedMemoryBytes = 32768, MaxTexelElements = 1 << 27 }))
                    foreach (GpuTestKey key in way.Keys)
                    {
                        tested.Add((key.Kernel, key.Variant));
                        ways.Add(key.Candidate);
                    }
        var missing = from kernel in KernelManifest.All.Values
                      from variant in KernelVariant.Of(kernel)
                          // Ports are converted only where floats have 16 bits, and Winograd's sums need 32.
                      where !kernel.Name.StartsWith("port_", StringComparison.Ordinal) || variant.HalfStorage
                      where !kernel.Name.StartsWith("conv_winograd", StringComparison.Ordinal) || !variant.HalfStorage
                      where !tested.Contains((kernel.Name, variant.ToString()))
                      select $"{kernel.Name}.{variant}";
        Assert.Empty(missing);
    }

    [Theory]
    [InlineData(VulkanDrivers.Lavapipe, GpuPrecision.Float32), InlineData(VulkanDrivers.SwiftShader, GpuPrecision.Float32), InlineData(VulkanDrivers.Hardware, GpuPrecision.Float32)]
    [InlineData(VulkanDrivers.Lavapipe, GpuPrecision.Float16), InlineData(VulkanDrivers.Hardware, GpuPrecision.Float16)]
    public void All_kernels_pass(string driver, GpuPrecision precision)
    {
        VulkanBackend backend = VulkanDrivers.Open(driver, precision);
        IReadOnlyList<GpuTestResult> results = backend.TestKernels();
        Assert.NotEmpty(results);
        Assert.DoesNotContain(results, r => !r.Passed);
        Assert.Empty(backend.Messages);
    }

    [Fact]
    public void A_kernel_that_computes_something_else_is_put_away_and_its_steps_go_elsewhere()
    {
        using var folder = new TemporaryFolder();
        var ledger = new VulkanLedger();
        for (int start = 0; start < 2; start++)
        {
            // The second start knows it from the first.
            bool wrong = start == 0;
            using var backend = VulkanBackend.Open(new VulkanOptions
            {
                Device = VulkanDrivers.Index(VulkanDrivers.Lavapipe), CacheFolder = folder.Path, Ledger = ledger, Tuning = GpuTuning.First, Sabotage = way => wrong && way.StartsWith("unary", StringComparison.Ordinal),
            });
            using var session = new InferenceSession(Network(), new SessionOptions { Accelerator = backend, Threads = 1 });
            Check(session);
            Assert.Equal("cpu", session.StepBackends![1]);
            Assert.Contains("failed its self-test", session.Explain(), StringComparison.Ordinal);
            if (wrong) Assert.All(session.Events, e => Assert.Equal(ErrorCode.PipelineRefused, e.Code));
            else Assert.Empty(session.Events);
            Assert.Equal(wrong, session.Events.Count > 0);
        }
        Assert.True(ledger.Live == 0, ledger.Description);
    }

    [Fact]
    public void A_device_that_begins_to_compute_wrong_is_found_out_and_tried_again()
    {
        var ledger = new VulkanLedger();
        var clock = new FakeClock();
        bool wrong = false;
        using (var backend = VulkanBackend.Open(new VulkanOptions { Device = VulkanDrivers.Index(VulkanDrivers.Lavapipe), Ledger = ledger, Tuning = GpuTuning.First, Sabotage = _ => wrong }))
        {
            using (var session = new InferenceSession(Network(), new SessionOptions { Accelerator = backend, Threads = 1, Failover = new() { SelfTestEvery = 3, Clock = clock, Background = work => work() } }))
            {
                Check(session);
                for (int i = 0; i < 5; i++) session.Run();
                int live = ledger.Live;
                for (int i = 0; i < 30; i++) session.Run();
                Assert.Equal(live, ledger.Live);
                Assert.Empty(session.Events);
                wrong = true;
                for (int i = 0; i < 3; i++) session.Run();
                Assert.Equal(ErrorCode.WrongResult, Assert.Single(session.Events).Code);
                Assert.Contains("computes something else than before", session.Events[0].Reason, StringComparison.Ordinal);
                Assert.All(session.StepBackends!, b => Assert.Equal("cpu", b));
                // It comes back as wrong as it was, and gets no frame; then it is well.
                clock.Advance(1.1);
                session.Run();
                Assert.Equal(2, session.Faults);
                wrong = false;
                clock.Advance(2.1);
                Check(session);
                Assert.All(session.StepBackends!, b => Assert.Equal("vulkan", b));
                Assert.Equal(BackendEventKind.Return, session.Events[^1].Kind);
            }
            Assert.Empty(backend.Quarantine.Reasons);
        }
        Assert.True(ledger.Live == 0, ledger.Description);
    }

    [Fact]
    public void A_way_that_fails_leaves_its_step_to_another()
    {
        using var backend = VulkanBackend.Open(new VulkanOptions { Device = VulkanDrivers.Index(VulkanDrivers.Lavapipe), Tuning = GpuTuning.First, Sabotage = way => way == "unary_4" });
        using var session = new InferenceSession(Network(), new SessionOptions { Accelerator = backend, Threads = 1 });
        Check(session);
        Assert.Empty(session.Events);
        Assert.DoesNotContain("unary_4", session.Compiled!.Kernels);
        Assert.All(session.StepBackends!, b => Assert.Equal("vulkan", b));
        Assert.Contains("unary_4", Assert.Single(backend.Quarantine.Reasons).Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Elements_of_cases_are_the_same_everywhere()
    {
        float[] floats = new SelfTestInput(new TensorType(DataType.F32, 4)).Elements(0).Span<float>().ToArray();
        Assert.Equal(floats, new SelfTestInput(new TensorType(DataType.F32, 4)).Elements(0).Span<float>().ToArray());
        Assert.NotEqual(floats, new SelfTestInput(new TensorType(DataType.F32, 4)).Elements(1).Span<float>().ToArray());
        Assert.All(floats, f => Assert.Equal(f, (float)(Half)f));
        Assert.Equal(SelfTestCases.All.Count, SelfTestCases.All.DistinctBy(c => c.Name).Count());
    }

    private static void Check(InferenceSession session)
    {
        var random = new Random(5);
        using Tensor x = SectionTests.Filled(session.Input(0).Type, random), w = SectionTests.Filled(session.Input(1).Type, random);
        session.Run([x.View, w.View]);
        float[] actual = session.Output(0).Span<float>().ToArray();
        for (int i = 0; i < actual.Length; i++) Assert.Equal(Math.Abs(x.Span<float>()[i] + w.Span<float>()[i]) * w.Span<float>()[i], actual[i], 1e-5);
    }

    /// <summary>|x + w| w, of which the middle is put away.</summary>
    private static Graph Network()
    {
        var builder = new GraphBuilder("between");
        Value x = builder.Input("x", new TensorType(DataType.F32, 300, 67)), w = builder.Input("w", new TensorType(DataType.F32, 300, 67));
        Value sum = builder.Add1("sum", new Binary { Function = BinaryFunction.Add }, x, w);
        Value abs = builder.Add1("abs", new Unary { Function = UnaryFunction.Abs }, sum);
        builder.Output("y", builder.Add1("product", new Binary { Function = BinaryFunction.Mul }, abs, w));
        return builder.Build();
    }
}
