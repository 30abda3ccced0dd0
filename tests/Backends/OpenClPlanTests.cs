using System.Collections.Concurrent;
using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Backends.OpenCl;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Graphs;
using EdgeRuntime.Planning;
using EdgeRuntime.Tensors;
using Silk.NET.OpenCL;
using Xunit;

namespace EdgeRuntime.Tests.Backends;

/// <summary>Plans on OpenCL devices: copied and shared memory, precision, times of steps; nothing leaks, nothing is allocated.</summary>
public class OpenClPlanTests
{
    private const string Pocl = OpenClDrivers.Pocl, Hardware = OpenClDrivers.Hardware;

    [Theory]
    [InlineData(Pocl), InlineData(Hardware)]
    public void Copies_by_way_of_staging_change_nothing(string driver)
    {
        using OpenClBackend direct = Open(driver), staged = Open(driver, o => o with { Staging = true });
        using ICompiledPlan a = direct.Compile(SmallNetwork.Plan(), TestContext.Current.CancellationToken), b = staged.Compile(SmallNetwork.Plan(), TestContext.Current.CancellationToken);
        for (int seed = 0; seed < 3; seed++)
        {
            Fill(a.Input(0), seed);
            Fill(b.Input(0), seed);
            a.Run();
            b.Run();
            for (int i = 0; i < 2; i++) Assert.True(a.Output(i).Bytes.SequenceEqual(b.Output(i).Bytes));
        }
    }

    [Theory]
    [InlineData(Pocl, GpuPrecision.Float16Storage, 5e-3), InlineData(Hardware, GpuPrecision.Float16Storage, 5e-3), InlineData(Hardware, GpuPrecision.Float16, 1e-2)]
    public void Half_precision_is_near(string driver, GpuPrecision precision, double tolerance)
    {
        using OpenClBackend backend = Open(driver, o => o with { Precision = precision });
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
    }

    [Fact]
    public void A_precision_that_the_device_lacks_is_refused()
    {
        Assert.SkipWhen(OpenClDrivers.Open(Pocl).Device.Fp16Arithmetic, "PoCL computes with 16 bits here.");
        Assert.Equal(ErrorCode.DeviceTrouble, Assert.Throws<EdgeException>(() => Open(Pocl, o => o with { Precision = GpuPrecision.Float16 })).Code);
    }

    [Theory]
    [InlineData(Pocl), InlineData(Hardware)]
    public void Steps_are_timed(string driver)
    {
        using OpenClBackend backend = Open(driver, o => o with { Profile = true });
        Assert.SkipUnless(backend.Device.TimestampNanoseconds is not null, "The device has no clock.");
        using ICompiledPlan plan = backend.Compile(SmallNetwork.Plan(size: 8), TestContext.Current.CancellationToken);
        plan.Run();
        plan.Run();
        Assert.Equal(plan.Plan.Steps.Count, plan.StepNanoseconds.Length);
        Assert.All(plan.StepNanoseconds.ToArray(), t => Assert.InRange(t, 0, long.MaxValue));
        Assert.True(plan.StepNanoseconds.ToArray().Sum() > 0);
    }

    [Theory]
    [InlineData(Pocl, false), InlineData(Pocl, true), InlineData(Hardware, false)]
    public void A_thousand_runs_allocate_nothing_and_keep_nothing(string driver, bool profile)
    {
        using OpenClBackend backend = Open(driver, o => o with { Profile = profile });
        using ICompiledPlan plan = backend.Compile(SmallNetwork.Plan(), TestContext.Current.CancellationToken);
        for (int i = 0; i < 5; i++) plan.Run();
        string alive = backend.Ledger.Description;
        // A collection that another test causes is counted as garbage of this thread, so the least of ten parts counts.
        long least = long.MaxValue;
        for (int part = 0; part < 10; part++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 100; i++) plan.Run();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        Assert.Equal(0, least);
        Assert.Equal(alive, backend.Ledger.Description);
    }

    [Theory]
    [InlineData(nameof(ErrorCodes.OutOfHostMemory), ErrorCode.OutOfDeviceMemory, false), InlineData(nameof(ErrorCodes.DeviceNotAvailable), ErrorCode.DeviceLost, true)]
    public void Nothing_leaks_whichever_call_fails(string result, ErrorCode expected, bool staging)
    {
        ErrorCodes fault = Enum.Parse<ErrorCodes>(result);
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

        EdgeException? Attempt(Func<string, ErrorCodes?> injected)
        {
            // How often a state is asked for is chance.
            var ledger = new OpenClLedger { Fault = call => call == "clGetEventInfo" ? null : injected(call) };
            EdgeException? error = null;
            try
            {
                using OpenClBackend backend = Open(Pocl, o => o with { Ledger = ledger, Staging = staging, Profile = true });
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
    public void Kernels_are_compiled_once_for_all_plans()
    {
        using OpenClBackend backend = Open(Pocl);
        using ICompiledPlan first = backend.Compile(SmallNetwork.Plan(), TestContext.Current.CancellationToken);
        int programs = backend.Programs.All;
        using ICompiledPlan second = backend.Compile(SmallNetwork.Plan(), TestContext.Current.CancellationToken);
        Assert.Equal(programs, backend.Programs.All);
    }

    [Fact]
    public void A_device_is_opened_anew_and_kernels_tested_again()
    {
        bool wrong = false;
        using OpenClBackend backend = Open(Pocl, o => o with { SelfTest = true, Sabotage = _ => wrong });
        using var again = (OpenClBackend)backend.Reopen();
        Assert.Equal(backend.Device, again.Device);
        using ICompiledPlan plan = again.Compile(SmallNetwork.Plan(), TestContext.Current.CancellationToken);
        again.Retest(plan);
        again.Retest(plan);
        wrong = true;
        Assert.Equal(ErrorCode.WrongResult, Assert.Throws<EdgeException>(() => again.Retest(plan)).Code);
    }

    [Fact]
    public void Devices_are_chosen_by_kind_number_or_name()
    {
        (string, string)[] devices = [("pthread", "cpu"), ("Adreno", "gpu"), ("Board", "accelerator")];
        Assert.Equal(1, GpuDeviceChoice.Choose("OpenCL", devices, null));
        Assert.Equal(0, GpuDeviceChoice.Choose("OpenCL", devices[..1], null));
        Assert.Equal(2, GpuDeviceChoice.Choose("OpenCL", devices, "2"));
        Assert.Equal(1, GpuDeviceChoice.Choose("OpenCL", devices, "adreno"));
        Assert.Contains("0 (pthread)", Assert.Throws<EdgeException>(() => GpuDeviceChoice.Choose("OpenCL", devices, "Mali")).Message);
        Assert.Throws<EdgeException>(() => GpuDeviceChoice.Choose("OpenCL", [], null));
    }

    private static OpenClBackend Open(string driver, Func<OpenClOptions, OpenClOptions>? change = null)
    {
        OpenClOptions options = OpenClDrivers.Options(driver);
        return OpenClBackend.Open(change?.Invoke(options) ?? options);
    }

    private static void Fill(TensorView input, int seed)
    {
        using Tensor x = SmallNetwork.Input(seed);
        x.View.Bytes.CopyTo(input.Bytes);
    }

    [Fact]
    public void Queues_on_several_threads_take_turns()
    {
        using OpenClBackend first = OpenClBackend.Open(OpenClDrivers.Options(OpenClDrivers.Pocl)), second = OpenClBackend.Open(OpenClDrivers.Options(OpenClDrivers.Pocl));
        using ICompiledPlan small = first.Compile(SmallNetwork.Plan(), TestContext.Current.CancellationToken);
        using Tensor x = SmallNetwork.Input(1);
        x.View.Bytes.CopyTo(small.Input(0).Bytes);
        small.Run();
        float[] expected = small.Output(0).Span<float>().ToArray();
        var wrong = new ConcurrentQueue<string>();
        var frames = new Thread(() =>
        {
            for (int i = 0; i < 300; i++)
            {
                small.Run();
                if (!small.Output(0).Span<float>().SequenceEqual(expected)) wrong.Enqueue($"run {i}");
            }
        });
        frames.Start();
        // PoCL loads a kernel anew for each wider grid.
        for (int size = 1; size < 10; size++)
        {
            using ICompiledPlan wider = second.Compile(SmallNetwork.Plan(size), TestContext.Current.CancellationToken);
            for (int i = 0; i < 10; i++) wider.Run();
        }
        frames.Join();
        Assert.Empty(wrong);
    }
}
