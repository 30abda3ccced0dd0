using EdgeRuntime.Backends.Vulkan;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tests.Backends;
using Silk.NET.Vulkan;
using Xunit;

namespace EdgeRuntime.Tests.Sessions;

/// <summary>Sessions on Vulkan devices: what they compute, and how they go on when a call fails.</summary>
public class VulkanSessionTests
{
    private const string Lavapipe = VulkanDrivers.Lavapipe, SwiftShader = VulkanDrivers.SwiftShader;

    [Theory]
    [InlineData(Lavapipe), InlineData(SwiftShader)]
    public void A_device_named_in_the_options_runs_the_model_and_allocates_nothing(string driver)
    {
        using var session = new InferenceSession(Graph(), new SessionOptions { Backend = EdgeRuntime.Backends.BackendKind.Vulkan, Device = VulkanDrivers.Index(driver), Threads = 1 });
        PlacedBackend backend = Assert.Single(session.Placement!.Backends);
        Assert.Equal(("vulkan", 1.0), (backend.Name, backend.StepShare));
        Assert.Contains(driver, backend.Device);
        Check(session, frames: 20);
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (int i = 0; i < 100; i++) session.Run();
        }));
        Assert.Empty(session.Events);
    }

    [Theory]
    [InlineData(Lavapipe, "vkQueueSubmit", nameof(Result.ErrorDeviceLost), ErrorCode.DeviceLost)]
    [InlineData(Lavapipe, "vkWaitForFences", nameof(Result.Timeout), ErrorCode.DeviceTimeout)]
    [InlineData(Lavapipe, "vkWaitForFences", nameof(Result.ErrorDeviceLost), ErrorCode.DeviceLost)]
    [InlineData(SwiftShader, "vkQueueSubmit", nameof(Result.ErrorOutOfDeviceMemory), ErrorCode.OutOfDeviceMemory)]
    public void A_frame_that_fails_is_finished_on_the_cpu(string driver, string call, string result, ErrorCode code)
    {
        var ledger = new VulkanLedger();
        using (var backend = VulkanBackend.Open(new VulkanOptions { Device = VulkanDrivers.Index(driver), Ledger = ledger, Validation = true }))
        {
            int opened = ledger.Live;
            using (var session = new InferenceSession(Graph(), new SessionOptions { Accelerator = backend, Threads = 1 }))
            {
                Check(session, frames: 3);
                ledger.Fault = name => name == call ? Enum.Parse<Result>(result) : null;
                Check(session, frames: 3);
                Assert.Equal(code, Assert.Single(session.Events).Code);
                Assert.Equal("cpu", Assert.Single(session.Placement!.Backends).Name);
            }
            ledger.Fault = null;
            // Kernels stay for the next plan; nothing else does.
            using (var again = new InferenceSession(Graph(), new SessionOptions { Accelerator = backend, Threads = 1 })) Check(again, frames: 2);
            Assert.True(ledger.Live >= opened, ledger.Description);
            Assert.Empty(backend.Messages);
        }
        Assert.True(ledger.Live == 0, ledger.Description);
    }

    [Theory]
    [InlineData("vkAllocateMemory", nameof(Result.ErrorOutOfDeviceMemory), ErrorCode.OutOfDeviceMemory)]
    [InlineData("vkCreateComputePipelines", nameof(Result.ErrorUnknown), ErrorCode.PipelineRefused)]
    [InlineData("vkCreateFence", nameof(Result.ErrorDeviceLost), ErrorCode.DeviceLost)]
    public void A_plan_that_cannot_be_made_leaves_the_model_to_the_cpu(string call, string result, ErrorCode code)
    {
        var ledger = new VulkanLedger();
        using (var backend = VulkanBackend.Open(new VulkanOptions { Device = VulkanDrivers.Index(Lavapipe), Ledger = ledger }))
        {
            ledger.Fault = name => name == call ? Enum.Parse<Result>(result) : null;
            using var session = new InferenceSession(Graph(), new SessionOptions { Accelerator = backend, Threads = 1 });
            Check(session, frames: 2);
            Assert.Equal(code, session.Events[0].Code);
            Assert.Equal("cpu", Assert.Single(session.Placement!.Backends).Name);
        }
        Assert.True(ledger.Live == 0, ledger.Description);
    }

    private static void Check(InferenceSession session, int frames)
    {
        var random = new Random(11);
        for (int i = 0; i < frames; i++)
        {
            using Tensor x = SectionTests.Filled(session.Input(0).Type, random);
            session.Run([x.View]);
            float[] actual = session.Output(0).Span<float>().ToArray();
            for (int e = 0; e < actual.Length; e++) Assert.Equal(-Math.Abs(x.Span<float>()[e]), actual[e]);
        }
    }

    /// <summary>-|x|, in steps whose results are exact on every device.</summary>
    private static Graph Graph()
    {
        var builder = new GraphBuilder("negative");
        Value x = builder.Input("x", new TensorType(DataType.F32, 3, 67));
        x = builder.Add1("abs", new Unary { Function = UnaryFunction.Abs }, x);
        builder.Output("y", builder.Add1("neg", new Unary { Function = UnaryFunction.Neg }, x));
        return builder.Build();
    }
}
