using EdgeRuntime.Backends.OpenCl;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Planning;
using Silk.NET.OpenCL;
using Xunit;

namespace EdgeRuntime.Tests.Backends;

/// <summary>Calls of OpenCL that fail, each in its turn: the frame is finished on the CPU, the event is told, and nothing stays behind.</summary>
public class OpenClFaultTests
{
    private const int MostCalls = 500;

    /// <summary>Call, what it returns, what that means, and whether the device stays lost.</summary>
    public static TheoryData<string, string, ErrorCode, bool> Faults => new(
        ("clEnqueueNDRangeKernel", nameof(ErrorCodes.DeviceNotAvailable), ErrorCode.DeviceLost, true), ("clEnqueueNDRangeKernel", nameof(ErrorCodes.OutOfResources), ErrorCode.OutOfDeviceMemory, false),
        ("clFlush", nameof(ErrorCodes.InvalidCommandQueue), ErrorCode.DeviceLost, true), ("clGetEventInfo", nameof(ErrorCodes.DeviceNotAvailable), ErrorCode.DeviceLost, true),
        ("clCreateBuffer", nameof(ErrorCodes.MemObjectAllocationFailure), ErrorCode.OutOfDeviceMemory, false), ("clEnqueueMapBuffer", nameof(ErrorCodes.MapFailure), ErrorCode.OutOfDeviceMemory, false),
        ("clEnqueueUnmapMemObject", nameof(ErrorCodes.OutOfHostMemory), ErrorCode.OutOfDeviceMemory, false), ("clCreateCommandQueue", nameof(ErrorCodes.OutOfHostMemory), ErrorCode.OutOfDeviceMemory, false),
        ("clCreateKernel", nameof(ErrorCodes.OutOfHostMemory), ErrorCode.OutOfDeviceMemory, false), ("clSetKernelArg", nameof(ErrorCodes.OutOfResources), ErrorCode.OutOfDeviceMemory, false),
        ("clEnqueueFillBuffer", nameof(ErrorCodes.InvalidContext), ErrorCode.DeviceLost, true), ("clEnqueueMarkerWithWaitList", nameof(ErrorCodes.OutOfHostMemory), ErrorCode.OutOfDeviceMemory, false));

    [Theory]
    [MemberData(nameof(Faults))]
    public void The_call_that_fails_may_be_any(string call, string result, ErrorCode code, bool forever)
    {
        var ledger = new OpenClLedger();
        using (OpenClBackend backend = Open(ledger))
        {
            DeviceFaults.Frames(backend);
            int live = ledger.Live, n = 0;
            bool happened = true;
            while (happened)
            {
                Assert.True(++n < MostCalls, $"{call} was called {n} times.");
                happened = DeviceFaults.Inject(ledger, call, Enum.Parse<ErrorCodes>(result), n, forever, () => DeviceFaults.Frames(backend)) is { } events && DeviceFaults.Told(events, code);
                Assert.True(ledger.Live == live, $"{call} {n}: {ledger.Description}");
            }
            Assert.True(n > 1, $"{call} was never called.");
        }
        Assert.True(ledger.Live == 0, ledger.Description);
    }

    /// <summary>A driver that always refuses a program has its kernels put away; one that is just out of sorts is asked again.</summary>
    [Fact]
    public void A_driver_may_refuse_kernels()
    {
        var ledger = new OpenClLedger();
        using (OpenClBackend backend = Open(ledger))
        {
            IReadOnlyList<BackendEvent>? events = DeviceFaults.Inject(ledger, "clBuildProgram", ErrorCodes.BuildProgramFailure, 1, true, () => DeviceFaults.Frames(backend));
            Assert.NotNull(events);
            Assert.All(events, e => Assert.Equal(ErrorCode.PipelineRefused, e.Code));
            Assert.NotEmpty(events);
            Assert.NotEmpty(backend.Quarantine.Reasons);
        }
        Assert.True(ledger.Live == 0, ledger.Description);
        using (OpenClBackend backend = Open(ledger))
        {
            Assert.Empty(DeviceFaults.Inject(ledger, "clBuildProgram", ErrorCodes.BuildProgramFailure, 1, false, () => DeviceFaults.Frames(backend))!);
            Assert.Empty(backend.Quarantine.Reasons);
        }
        Assert.True(ledger.Live == 0, ledger.Description);
    }

    /// <summary>Kernels are measured and tried before the first frame, which is no time for faults either.</summary>
    [Theory]
    [InlineData("clEnqueueNDRangeKernel", nameof(ErrorCodes.DeviceNotAvailable)), InlineData("clCreateBuffer", nameof(ErrorCodes.MemObjectAllocationFailure)), InlineData("clCreateProgramWithSource", nameof(ErrorCodes.OutOfHostMemory))]
    public void Measuring_and_testing_may_fail_too(string call, string result)
    {
        bool happened = true;
        for (int n = 1; happened; n += 1 + n)
        {
            Assert.True(n < MostCalls * 10);
            var ledger = new OpenClLedger();
            using (var backend = OpenClBackend.Open(OpenClDrivers.Options(OpenClDrivers.Pocl) with { Ledger = ledger, Tuning = EdgeRuntime.Backends.Gpu.GpuTuning.Measure, SelfTest = true }))
                happened = DeviceFaults.Inject(ledger, call, Enum.Parse<ErrorCodes>(result), n, false, () => DeviceFaults.Frames(backend)) is not null;
            Assert.True(ledger.Live == 0, ledger.Description);
        }
    }

    [Fact]
    public void A_device_that_takes_longer_than_it_may_is_left()
    {
        var ledger = new OpenClLedger();
        using (var backend = OpenClBackend.Open(OpenClDrivers.Options(OpenClDrivers.Pocl) with { Ledger = ledger, Timeout = TimeSpan.FromTicks(1) }))
        {
            // Nobody says how fast a device is; where it was too slow, that is the one thing that is told.
            foreach (BackendEvent happened in DeviceFaults.Frames(backend)) Assert.Equal(ErrorCode.DeviceTimeout, happened.Code);
        }
        Assert.True(ledger.Live == 0, ledger.Description);
        Assert.Throws<ArgumentOutOfRangeException>(() => new OpenClOptions { Timeout = TimeSpan.Zero });
    }

    [Fact]
    public unsafe void What_a_device_that_was_given_up_still_uses_is_released_when_it_has_finished()
    {
        const string Slow = "kernel void slow(global uint *x, uint turns) { uint v = x[0]; for (uint i = 0; i < turns; i++) v = v * 1664525u + (v >> 7) + i; x[0] = v; }";
        var ledger = new OpenClLedger();
        using var context = new OpenClContext(OpenClDrivers.Options(OpenClDrivers.Pocl) with { Ledger = ledger });
        OpenClCalls calls = context.Calls;
        nint queue = calls.CreateQueue(false), program = calls.CreateProgram(Slow), buffer = calls.CreateBuffer(MemFlags.ReadWrite, 4096, null);
        Assert.Equal(ErrorCodes.Success, calls.Build(program, OpenClSource.Options, out _));
        nint kernel = calls.CreateKernel(program, "slow");
        uint turns = 200_000_000;
        calls.SetArgument(kernel, 0, sizeof(nint), &buffer);
        calls.SetArgument(kernel, 1, sizeof(uint), &turns);
        nuint* sizes = stackalloc nuint[] { 1, 1, 1, 1, 1, 1 };
        calls.Enqueue(queue, kernel, sizes, null);
        nint done = calls.Mark(queue);
        calls.Flush(queue);
        int live = ledger.Live;

        calls.Abandon(done);
        Assert.False(calls.Finish());
        calls.ReleaseKernel(kernel);
        calls.ReleaseBuffer(buffer);
        calls.ReleaseProgram(program);
        calls.ReleaseQueue(queue);
        calls.Dispose();
        Assert.True(calls.Abandoned);
        Assert.Equal(live, ledger.Live);

        Assert.True(SpinWait.SpinUntil(calls.Finish, TimeSpan.FromMinutes(1)));
        Assert.False(calls.Abandoned);
        calls.Dispose();
        Assert.True(ledger.Live == 0, ledger.Description);
    }

    [Fact]
    public void A_kernel_that_is_refused_comes_with_the_compilers_log()
    {
        EdgeException error = OpenClErrors.Refused("a device: clBuildProgram failed", "<source>:3:1: error: no such thing\n");
        Assert.Equal(ErrorCode.PipelineRefused, error.Code);
        Assert.Contains("error: no such thing", error.Message, StringComparison.Ordinal);
        Assert.InRange(OpenClErrors.Refused("a device", new string('x', 1 << 20)).Message.Length, 1, 1 << 13);
    }

    private static OpenClBackend Open(OpenClLedger ledger) => OpenClBackend.Open(OpenClDrivers.Options(OpenClDrivers.Pocl) with { Ledger = ledger });
}
