using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Backends.Vulkan;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Planning;
using EdgeRuntime.Realtime.Pictures;
using Silk.NET.Vulkan;
using Xunit;

namespace EdgeRuntime.Tests.Backends;

/// <summary>Calls that fail, each in its turn: the frame is finished on the CPU, the event is told, and nothing stays behind.</summary>
public class VulkanFaultTests
{
    private const int MostCalls = 500;

    /// <summary>Driver, call, what it returns, what that means, and whether the device stays lost.</summary>
    public static TheoryData<string, string, string, ErrorCode, bool> Faults => new(
        from driver in (string[])[VulkanDrivers.Lavapipe, VulkanDrivers.SwiftShader]
        from fault in ((string, string, ErrorCode, bool)[])
        [
            ("vkQueueSubmit", nameof(Result.ErrorDeviceLost), ErrorCode.DeviceLost, true), ("vkQueueSubmit", nameof(Result.ErrorOutOfHostMemory), ErrorCode.OutOfDeviceMemory, false),
            ("vkWaitForFences", nameof(Result.ErrorDeviceLost), ErrorCode.DeviceLost, true), ("vkWaitForFences", nameof(Result.Timeout), ErrorCode.DeviceTimeout, false),
            ("vkAllocateMemory", nameof(Result.ErrorOutOfDeviceMemory), ErrorCode.OutOfDeviceMemory, false), ("vkCreateBuffer", nameof(Result.ErrorOutOfHostMemory), ErrorCode.OutOfDeviceMemory, false),
            ("vkMapMemory", nameof(Result.ErrorMemoryMapFailed), ErrorCode.OutOfDeviceMemory, false), ("vkAllocateDescriptorSets", nameof(Result.ErrorOutOfPoolMemory), ErrorCode.OutOfDeviceMemory, false),
            ("vkCreateFence", nameof(Result.ErrorDeviceLost), ErrorCode.DeviceLost, true), ("vkEndCommandBuffer", nameof(Result.ErrorOutOfDeviceMemory), ErrorCode.OutOfDeviceMemory, false),
        ]
        select (driver, fault.Item1, fault.Item2, fault.Item3, fault.Item4));

    [Theory]
    [MemberData(nameof(Faults))]
    public void The_call_that_fails_may_be_any(string driver, string call, string result, ErrorCode code, bool forever)
    {
        var ledger = new VulkanLedger();
        using (VulkanBackend backend = Open(driver, ledger))
        {
            DeviceFaults.Frames(backend);
            int live = ledger.Live, n = 0;
            bool happened = true;
            while (happened)
            {
                Assert.True(++n < MostCalls, $"{call} was called {n} times.");
                happened = DeviceFaults.Inject(ledger, call, Enum.Parse<Result>(result), n, forever, () => DeviceFaults.Frames(backend)) is { } events && DeviceFaults.Told(events, code);
                Assert.True(ledger.Live == live, $"{call} {n}: {ledger.Description}");
            }
            Assert.True(n > 1, $"{call} was never called.");
            Assert.Empty(backend.Messages);
        }
        Assert.True(ledger.Live == 0, ledger.Description);
    }

    [Theory]
    [InlineData("vkCreateComputePipelines"), InlineData("vkCreateShaderModule")]
    public void A_driver_may_refuse_any_kernel(string call)
    {
        bool happened = true;
        for (int n = 1; happened; n++)
        {
            Assert.True(n < MostCalls);
            var ledger = new VulkanLedger();
            using (VulkanBackend backend = Open(VulkanDrivers.Lavapipe, ledger))
            {
                happened = DeviceFaults.Inject(ledger, call, Result.ErrorUnknown, n, false, () => DeviceFaults.Frames(backend)) is { } events && DeviceFaults.Told(events, ErrorCode.PipelineRefused);
                if (happened) Assert.NotEmpty(backend.Quarantine.Reasons);
            }
            Assert.True(ledger.Live == 0, ledger.Description);
        }
    }

    /// <summary>Kernels are measured and tried before the first frame, which is no time for faults either.</summary>
    [Theory]
    [InlineData("vkQueueSubmit", nameof(Result.ErrorDeviceLost)), InlineData("vkAllocateMemory", nameof(Result.ErrorOutOfDeviceMemory)), InlineData("vkCreateComputePipelines", nameof(Result.ErrorUnknown))]
    public void Measuring_and_testing_may_fail_too(string call, string result)
    {
        bool happened = true;
        for (int n = 1; happened; n += 4)
        {
            Assert.True(n < MostCalls);
            var ledger = new VulkanLedger();
            using (var backend = VulkanBackend.Open(new VulkanOptions { Device = VulkanDrivers.Index(VulkanDrivers.Lavapipe), Ledger = ledger, Validation = true }))
            {
                happened = DeviceFaults.Inject(ledger, call, Enum.Parse<Result>(result), n, false, () => DeviceFaults.Frames(backend)) is not null;
                Assert.Empty(backend.Messages);
            }
            Assert.True(ledger.Live == 0, ledger.Description);
        }
    }

    [Theory]
    [InlineData(VulkanDrivers.Lavapipe), InlineData(VulkanDrivers.SwiftShader)]
    public void A_device_that_takes_longer_than_it_may_is_left(string driver)
    {
        var ledger = new VulkanLedger();
        using (var backend = VulkanBackend.Open(new VulkanOptions { Device = VulkanDrivers.Index(driver), Ledger = ledger, Validation = true, Tuning = GpuTuning.First, SelfTest = false, Timeout = TimeSpan.FromTicks(1) }))
        {
            // Nobody says how fast a device is; where it was too slow, that is the one thing that is told.
            foreach (BackendEvent happened in DeviceFaults.Frames(backend)) Assert.Equal(ErrorCode.DeviceTimeout, happened.Code);
            Assert.Empty(backend.Messages);
        }
        Assert.True(ledger.Live == 0, ledger.Description);
        Assert.Throws<ArgumentOutOfRangeException>(() => new VulkanOptions { Timeout = TimeSpan.Zero });
    }

    /// <summary>What the host wrote for frames that are under way stays as it is when one of them fails, so that all of them can be run elsewhere.</summary>
    [Theory]
    [InlineData(nameof(Result.Timeout)), InlineData(nameof(Result.ErrorDeviceLost))]
    public void Frames_under_way_keep_their_inputs_when_one_fails(string result)
    {
        var ledger = new VulkanLedger();
        using (var backend = VulkanBackend.Open(new VulkanOptions { Device = VulkanDrivers.Index(VulkanDrivers.Lavapipe), Ledger = ledger, Validation = true, Tuning = GpuTuning.First, SelfTest = false, Frames = 3 }))
        {
            int live = ledger.Live;
            using (var plan = (VulkanPlan)backend.Compile(Planner.Plan(DeviceFaults.Graph()), TestContext.Current.CancellationToken))
            {
                for (int frame = 0; frame < 3; frame++)
                {
                    plan.Input(frame, 0).Span<float>().Fill(frame + 1);
                    plan.Submit(frame);
                }
                plan.Wait(0);
                ledger.Fault = name => name == "vkWaitForFences" ? Enum.Parse<Result>(result) : null;
                Assert.Throws<EdgeException>(() => plan.Wait(1));
                ledger.Fault = null;
                for (int frame = 0; frame < 3; frame++) Assert.All(plan.Input(frame, 0).Span<float>().ToArray(), v => Assert.Equal(frame + 1, v));
                Assert.All(plan.Output(0, 0).Span<float>().ToArray(), v => Assert.Equal(-1, v));
            }
            Assert.InRange(ledger.Live - live, 0, 20);
            Assert.Empty(backend.Messages);
        }
        Assert.True(ledger.Live == 0, ledger.Description);
    }

    [Fact]
    public void A_hundred_faults_in_a_row_leave_nothing_behind()
    {
        (string Call, Result Result)[] faults =
        [
            ("vkQueueSubmit", Result.ErrorDeviceLost), ("vkWaitForFences", Result.Timeout), ("vkAllocateMemory", Result.ErrorOutOfDeviceMemory), ("vkWaitForFences", Result.ErrorDeviceLost),
            ("vkCreateBufferView", Result.ErrorOutOfHostMemory), ("vkBeginCommandBuffer", Result.ErrorOutOfHostMemory), ("vkCreateDescriptorPool", Result.ErrorOutOfDeviceMemory),
        ];
        var ledger = new VulkanLedger();
        using (VulkanBackend backend = Open(VulkanDrivers.Lavapipe, ledger))
        {
            DeviceFaults.Frames(backend);
            int live = ledger.Live;
            long before = 0;
            for (int i = 0; i < 100; i++)
            {
                (string call, Result result) = faults[i % faults.Length];
                IReadOnlyList<BackendEvent>? events = DeviceFaults.Inject(ledger, call, result, 1 + i % 2, i % 3 == 0, () => DeviceFaults.Frames(backend));
                Assert.True(events is null || events.Count == 1);
                Assert.True(ledger.Live == live, $"fault {i}: {ledger.Description}");
                if (i == 20) before = GC.GetTotalMemory(forceFullCollection: true);
            }
            Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 1 << 20);
            Assert.Empty(backend.Messages);
        }
        Assert.True(ledger.Live == 0, ledger.Description);
    }

    [Theory]
    [InlineData(VulkanDrivers.Lavapipe), InlineData(VulkanDrivers.SwiftShader)]
    public void A_detector_finds_the_same_faces_when_its_device_fails(string driver)
    {
        using EdgeModel model = EdgeReader.Read(Repository.File("models", "blazeface-front.edge"));
        var frame = new Frame();
        PictureFile.Read(Repository.File("models", "astronaut.png"), frame);
        using var alone = new FaceDetector(model);
        Detection[] expected = alone.Process(frame).ToArray();
        Assert.NotEmpty(expected);
        var ledger = new VulkanLedger();
        using (VulkanBackend backend = Open(driver, ledger))
        {
            Detect(backend);
            int live = ledger.Live;
            foreach ((string call, Result result) in ((string, Result)[])[("vkQueueSubmit", Result.ErrorDeviceLost), ("vkWaitForFences", Result.Timeout), ("vkAllocateMemory", Result.ErrorOutOfDeviceMemory)])
                foreach (int n in (int[])[1, 2, 3, 4, 6])
                {
                    IReadOnlyList<BackendEvent>? events = DeviceFaults.Inject(ledger, call, result, n, result == Result.ErrorDeviceLost, () => Detect(backend));
                    Assert.True(events is null || events.Count == 1, $"{call} {n}");
                    Assert.True(ledger.Live == live, $"{call} {n}: {ledger.Description}");
                }
            Assert.Empty(backend.Messages);
        }
        Assert.True(ledger.Live == 0, ledger.Description);

        IReadOnlyList<BackendEvent> Detect(VulkanBackend backend)
        {
            using var detector = new FaceDetector(model, new FaceDetectorOptions { Accelerator = backend, Threads = 1 });
            for (int i = 0; i < 3; i++)
            {
                ReadOnlySpan<Detection> faces = detector.Process(frame);
                Assert.Equal(expected.Length, faces.Length);
                for (int f = 0; f < expected.Length; f++)
                {
                    Assert.Equal(expected[f].Score, faces[f].Score, 0.02);
                    Assert.Equal(expected[f].X, faces[f].X, 1.0);
                    Assert.Equal(expected[f].Width, faces[f].Width, 1.0);
                }
            }
            return [.. detector.Session.Events];
        }
    }

    private static VulkanBackend Open(string driver, VulkanLedger ledger) =>
        VulkanBackend.Open(new VulkanOptions { Device = VulkanDrivers.Index(driver), Ledger = ledger, Validation = true, Tuning = GpuTuning.First, SelfTest = false });
}
