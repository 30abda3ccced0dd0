using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Backends.Vulkan;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Graphs;
using EdgeRuntime.Planning;
using EdgeRuntime.Tensors;
using Silk.NET.Vulkan;
using Xunit;

namespace EdgeRuntime.Tests.Backends;

/// <summary>Plans on Vulkan devices: staging, precision, frames in flight, time stamps, submissions; nothing leaks, nothing is allocated.</summary>
public class VulkanPlanTests
{
    private const string Lavapipe = VulkanDrivers.Lavapipe, SwiftShader = VulkanDrivers.SwiftShader, Hardware = VulkanDrivers.Hardware;

    [Theory]
    [InlineData(Lavapipe), InlineData(SwiftShader), InlineData(Hardware)]
    public void Copies_by_way_of_staging_change_nothing(string driver)
    {
        using VulkanBackend direct = Open(driver), staged = Open(driver, o => o with { Staging = true });
        using ICompiledPlan a = direct.Compile(SmallNetwork.Plan(), TestContext.Current.CancellationToken), b = staged.Compile(SmallNetwork.Plan(), TestContext.Current.CancellationToken);
        for (int seed = 0; seed < 3; seed++)
        {
            Fill(a.Input(0), seed);
            Fill(b.Input(0), seed);
            a.Run();
            b.Run();
            for (int i = 0; i < 2; i++) Assert.True(a.Output(i).Bytes.SequenceEqual(b.Output(i).Bytes));
        }
        Assert.Empty(direct.Messages.Concat(staged.Messages));
    }

    [Theory]
    [InlineData(Lavapipe, GpuPrecision.Float16Storage, 5e-3), InlineData(Lavapipe, GpuPrecision.Float16, 1e-2)]
    [InlineData(Hardware, GpuPrecision.Float16Storage, 5e-3), InlineData(Hardware, GpuPrecision.Float16, 1e-2)]
    public void Half_precision_is_near(string driver, GpuPrecision precision, double tolerance)
    {
        using VulkanBackend backend = Open(driver, o => o with { Precision = precision });
        using ICompiledPlan plan = backend.Compile(SmallNetwork.Plan(), TestContext.Current.CancellationToken);
        using Tensor x = SmallNetwork.Input(5);
        Tensor[] expected = GraphInterpreter.Run(SmallNetwork.Graph(), [x.View]);
        x.View.Bytes.CopyTo(plan.Input(0).Bytes);
        plan.Run();
        bool rounded = false;
        for (int i = 0; i < expected.Length; i++)
        {
            ReadOnlySpan<float> e = expected[i].Span<float>(), a = plan.Output(i).Span<float>();
            for (int j = 0; j < e.Length; j++)
            {
                Assert.True(Math.Abs(e[j] - a[j]) <= tolerance, $"output {i}, element {j}: {a[j]}, expected {e[j]}");
                rounded |= e[j] != a[j];
            }
        }
        Assert.True(rounded, "Nothing was rounded to 16 bits.");
        Assert.Empty(backend.Messages);
    }

    [Fact]
    public void A_precision_that_the_device_lacks_is_refused() =>
        Assert.Equal(ErrorCode.DeviceTrouble, Assert.Throws<EdgeException>(() => Open(SwiftShader, o => o with { Precision = GpuPrecision.Float16 })).Code);

    [Theory]
    [InlineData(Lavapipe, false), InlineData(Lavapipe, true), InlineData(SwiftShader, false), InlineData(Hardware, false), InlineData(Hardware, true)]
    public void Two_streams_interleaved_are_as_each_alone(string driver, bool staging)
    {
        using VulkanBackend backend = Open(driver, o => o with { Frames = 2, Staging = staging });
        using var plan = (VulkanPlan)backend.Compile(SmallNetwork.Plan(), TestContext.Current.CancellationToken);
        byte[] Alone(int seed)
        {
            Fill(plan.Input(0), seed);
            plan.Run();
            return plan.Output(1).Bytes.ToArray();
        }
        byte[][] expected = [.. Enumerable.Range(0, 20).Select(Alone)];
        // Frame 0 takes the even inputs, frame 1 the odd; each is written and started while the other is under way.
        for (int i = 0; i <= expected.Length; i++)
        {
            if (i < expected.Length)
            {
                Fill(plan.Input(i % 2, 0), i);
                plan.Submit(i % 2);
            }
            if (i == 0) continue;
            plan.Wait((i - 1) % 2);
            Assert.True(plan.Output((i - 1) % 2, 1).Bytes.SequenceEqual(expected[i - 1]), $"frame {i - 1}");
        }
        Assert.Empty(backend.Messages);
    }

    [Theory]
    [InlineData(Lavapipe), InlineData(SwiftShader), InlineData(Hardware)]
    public void Steps_are_timed(string driver)
    {
        using VulkanBackend backend = Open(driver, o => o with { Profile = true });
        Assert.SkipUnless(backend.Device.TimestampNanoseconds is not null, "The device has no clock.");
        using ICompiledPlan plan = backend.Compile(SmallNetwork.Plan(size: 8), TestContext.Current.CancellationToken);
        plan.Run();
        Assert.Equal(plan.Plan.Steps.Count, plan.StepNanoseconds.Length);
        Assert.True(plan.StepNanoseconds.ToArray().All(t => t >= 0));
        Assert.True(plan.StepNanoseconds.ToArray().Sum() > 0);
        Assert.Empty(backend.Messages);
    }

    [Theory]
    [InlineData(100ul, 350ul, 64, 1.0, 250)]
    [InlineData(100ul, 350ul, 64, 52.08, 13020)]
    [InlineData(0xFFFFFFF0ul, 0x10ul, 32, 1.0, 0x20)] // The clock began again at 0.
    [InlineData(0xAB_FFFFFFF0ul, 0xCD_00000010ul, 32, 1.0, 0x20)] // Bits beyond those that count are undefined.
    [InlineData(ulong.MaxValue, 4ul, 64, 2.0, 10)]
    public void Clocks_may_begin_again(ulong from, ulong to, int bits, double period, long expected) =>
        Assert.Equal(expected, VulkanTimestamps.Nanoseconds(from, to, bits, period));

    [Theory]
    [InlineData(Lavapipe), InlineData(SwiftShader)]
    public void A_plan_in_several_submissions_computes_the_same(string driver)
    {
        const int size = 40;
        using VulkanBackend backend = Open(driver);
        using var plan = (VulkanPlan)backend.Compile(SmallNetwork.Plan(size), TestContext.Current.CancellationToken);
        Assert.True(plan.Submissions > 1);
        using Tensor x = SmallNetwork.Input(1, size);
        Tensor[] expected = GraphInterpreter.Run(SmallNetwork.Graph(size), [x.View]);
        for (int run = 0; run < 4; run++)
        {
            x.View.Bytes.CopyTo(plan.Input(0).Bytes);
            plan.Run();
            for (int i = 0; i < expected.Length; i++) Conformance.Closeness.Check(expected[i].View, plan.Output(i), Operators.Tolerance.Accumulation, $"run {run}");
        }
        Assert.Empty(backend.Messages);
    }

    [Theory]
    [InlineData(Lavapipe), InlineData(SwiftShader), InlineData(Hardware)]
    public void Ten_thousand_runs_allocate_nothing_and_keep_nothing(string driver)
    {
        using VulkanBackend backend = Open(driver, o => o with { Frames = 2 });
        using var plan = (VulkanPlan)backend.Compile(SmallNetwork.Plan(), TestContext.Current.CancellationToken);
        plan.Run();
        string alive = backend.Ledger.Description;
        // A collection that another test causes is counted as garbage of this thread, so the least of ten parts counts.
        long least = long.MaxValue;
        for (int part = 0; part < 10; part++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 500; i++)
            {
                plan.Submit(0);
                plan.Submit(1);
                plan.Wait(0);
                plan.Wait(1);
            }
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        Assert.Equal(0, least);
        Assert.Equal(alive, backend.Ledger.Description);
        Assert.Empty(backend.Messages);
    }

    [Theory]
    [InlineData(Lavapipe, nameof(Result.ErrorOutOfDeviceMemory), ErrorCode.OutOfDeviceMemory)]
    [InlineData(SwiftShader, nameof(Result.ErrorDeviceLost), ErrorCode.DeviceLost)]
    public void Nothing_leaks_whichever_call_fails(string driver, string result, ErrorCode expected)
    {
        Result fault = Enum.Parse<Result>(result);
        var calls = new List<string>();
        Attempt(call => { calls.Add(call); return null; });
        Assert.True(calls.Count > 40);
        // Of each function the first call, the last and one between.
        foreach (int failing in calls.Index().GroupBy(c => c.Item).SelectMany(g => (int[])[g.First().Index, g.ElementAt(g.Count() / 2).Index, g.Last().Index]).Distinct())
        {
            int left = failing;
            string failed = "";
            EdgeException? error = Attempt(call =>
            {
                if (left-- != 0) return null;
                failed = call;
                return fault;
            });
            Assert.True(error?.Code == expected, $"{failed}: {error}");
            Assert.Contains(failed, error!.Message);
            Assert.Contains(result, error.Message);
        }

        EdgeException? Attempt(Func<string, Result?> injected)
        {
            var ledger = new VulkanLedger { Fault = injected };
            EdgeException? error = null;
            try
            {
                using var backend = VulkanBackend.Open(new VulkanOptions { Device = VulkanDrivers.Index(driver), Ledger = ledger, Staging = true, Profile = true, Tuning = GpuTuning.First, SelfTest = false });
                using ICompiledPlan plan = backend.Compile(SmallNetwork.Plan());
                plan.Run();
            }
            catch (EdgeException e)
            {
                error = e;
            }
            Assert.True(ledger.Live == 0, $"{ledger.Description}, after {error}");
            return error;
        }
    }

    [Fact]
    public void Pipelines_are_shared_by_plans()
    {
        using VulkanBackend backend = Open(Lavapipe);
        using ICompiledPlan first = backend.Compile(SmallNetwork.Plan(), TestContext.Current.CancellationToken);
        int pipelines = backend.PipelineCount;
        using ICompiledPlan second = backend.Compile(SmallNetwork.Plan(), TestContext.Current.CancellationToken);
        Assert.Equal(pipelines, backend.PipelineCount);
    }

    [Fact]
    public void Devices_are_chosen_by_kind_number_or_name()
    {
        VulkanDevice[] devices = [Device("llvmpipe", "cpu"), Device("Iris", "integrated_gpu"), Device("RTX 2", "discrete_gpu"), Device("Virtio", "virtual_gpu")];
        Assert.Equal(2, VulkanDeviceChoice.Choose(devices, null));
        Assert.Equal(1, VulkanDeviceChoice.Choose([.. devices.Where(d => d.Type != "discrete_gpu")], null));
        Assert.Equal(0, VulkanDeviceChoice.Choose([devices[0]], null));
        Assert.Equal(3, VulkanDeviceChoice.Choose(devices, "3"));
        Assert.Equal(1, VulkanDeviceChoice.Choose(devices, "iris"));
        Assert.Contains("0 (llvmpipe)", Assert.Throws<EdgeException>(() => VulkanDeviceChoice.Choose(devices, "Radeon")).Message);
        Assert.Throws<EdgeException>(() => VulkanDeviceChoice.Choose([], null));
    }

    [Fact]
    public void Memory_is_chosen_by_what_it_is_for()
    {
        const MemoryPropertyFlags local = MemoryPropertyFlags.DeviceLocalBit, host = MemoryPropertyFlags.HostVisibleBit | MemoryPropertyFlags.HostCoherentBit, cached = MemoryPropertyFlags.HostCachedBit;
        MemoryPropertyFlags[] discrete = [0, local, host, host | cached, local | host];
        Assert.Equal(local, Best(VulkanMemoryUse.Device));
        Assert.Equal(host | cached, Best(VulkanMemoryUse.Shared));
        Assert.Equal(local | host, Best(VulkanMemoryUse.Upload));
        Assert.True(VulkanMemoryTypes.Score(MemoryPropertyFlags.HostVisibleBit | cached, VulkanMemoryUse.Shared) < 0);
        Assert.True(VulkanMemoryTypes.Score(local | MemoryPropertyFlags.ProtectedBit, VulkanMemoryUse.Device) < 0);

        MemoryPropertyFlags Best(VulkanMemoryUse use) => discrete.MaxBy(flags => VulkanMemoryTypes.Score(flags, use));
    }

    private static VulkanDevice Device(string name, string type) => new(name, type, null, "", "", [], false, 1, 128, 16384, false, false, false, false, false, false, false, false, null);

    private static VulkanBackend Open(string driver, Func<VulkanOptions, VulkanOptions>? change = null)
    {
        var options = new VulkanOptions { Device = VulkanDrivers.Index(driver), Validation = true, Tuning = GpuTuning.First, SelfTest = false };
        return VulkanBackend.Open(change?.Invoke(options) ?? options);
    }

    private static void Fill(TensorView input, int seed)
    {
        using Tensor x = SmallNetwork.Input(seed);
        x.View.Bytes.CopyTo(input.Bytes);
    }
}
