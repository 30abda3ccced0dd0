using EdgeRuntime.Diagnostics;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Planning;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tests.Realtime;
using Xunit;

namespace EdgeRuntime.Tests.Sessions;

/// <summary>Devices that fail while a session runs on them.</summary>
[Collection(nameof(Alone))]
public class FailoverTests
{
    private static string? NoAbs(PlanStep step) => step.Operator is Unary { Function: UnaryFunction.Abs } ? "no kernel" : null;

    public static TheoryData<ErrorCode> Faults =>
        [ErrorCode.DeviceTrouble, ErrorCode.DeviceLost, ErrorCode.OutOfDeviceMemory, ErrorCode.DeviceTimeout, ErrorCode.PipelineRefused];

    [Theory]
    [MemberData(nameof(Faults))]
    public void The_frame_is_finished_on_the_cpu_from_the_same_inputs_and_state(ErrorCode code)
    {
        using var fake = new FakeBackend(NoAbs);
        using var session = new InferenceSession(Networks.Recurrent(), new SessionOptions { Threads = 1, Accelerator = fake });
        using var alone = new InferenceSession(Networks.Recurrent(), new SessionOptions { Threads = 1 });
        TensorView input = session.Input(0), output = session.Output(0);
        var random = new Random(9);
        for (int frame = 0; frame < 6; frame++)
        {
            if (frame == 3) fake.FailRun = new EdgeException(code, "The test pulled the plug.");
            using Tensor x = SectionTests.Filled(input.Type, random);
            session.Run([x.View, session.Output(1)]);
            alone.Run([x.View, alone.Output(1)]);
            for (int o = 0; o < 3; o++) Assert.Equal(alone.Output(o).Span<float>().ToArray(), session.Output(o).Span<float>().ToArray());
            // Views that were taken before the fault are of the same memory.
            Assert.Equal(alone.Output(0).Span<float>().ToArray(), output.Span<float>().ToArray());
            Assert.Equal(x.Span<float>().ToArray(), input.Span<float>().ToArray());
        }
        BackendEvent happened = Assert.Single(session.Events);
        Assert.Equal(("fake", code, "The test pulled the plug."), (happened.Backend, happened.Code, happened.Reason));
        Assert.StartsWith("recurrent/", happened.Section);
        Assert.Equal((0, 0), (fake.LivePlans, fake.Disposals));
        Assert.Equal("cpu", Assert.Single(session.Placement!.Sections).Backend);
        Assert.Contains("The test pulled the plug.", session.Explain());
    }

    [Fact]
    public void A_fault_in_a_later_section_is_a_frame_from_the_start()
    {
        using var fake = new FakeBackend(NoAbs);
        using var session = new InferenceSession(Networks.Branches(), new SessionOptions { Threads = 1, Accelerator = fake });
        using var alone = new InferenceSession(Networks.Branches(), new SessionOptions { Threads = 1 });
        Assert.Equal(2, fake.LivePlans);
        SectionTests.Filled(session.Input(0).Type, new Random(1)).View.Bytes.CopyTo(session.Input(0).Bytes);
        session.Input(0).Bytes.CopyTo(alone.Input(0).Bytes);
        session.Run();
        // The third run of the device is the first section of the second frame, which works; the fourth fails.
        fake.FailRunAfter(3, new EdgeException(ErrorCode.DeviceLost, "gone"));
        session.Run();
        alone.Run();
        Assert.Equal(4, fake.Runs);
        Assert.Equal("branches/2", Assert.Single(session.Events).Section);
        Assert.Equal(alone.Output(0).Span<float>().ToArray(), session.Output(0).Span<float>().ToArray());
        Assert.Equal(0, fake.LivePlans);
    }

    [Fact]
    public void A_device_without_memory_leaves_the_model_to_the_cpu()
    {
        using var fake = new FakeBackend { FailCompile = new EdgeException(ErrorCode.OutOfDeviceMemory, "too large") };
        using var session = new InferenceSession(Networks.Branches(), new SessionOptions { Threads = 1, Accelerator = fake });
        session.Run();
        Assert.Equal(ErrorCode.OutOfDeviceMemory, Assert.Single(session.Events).Code);
        Assert.Equal("cpu", Assert.Single(session.Placement!.Backends).Name);
    }

    [Fact]
    public void A_refused_kernel_sends_its_steps_elsewhere_and_keeps_the_device()
    {
        using var fake = new FakeBackend { Unbuildable = ["Unary"] };
        using var session = new InferenceSession(Networks.Branches(), new SessionOptions { Threads = 1, Accelerator = fake });
        session.Run();
        BackendEvent happened = Assert.Single(session.Events);
        Assert.Equal(ErrorCode.PipelineRefused, happened.Code);
        Assert.Contains("elsewhere", happened.Consequence);
        Assert.Equal([16, 8], session.Placement!.Backends.Select(b => b.Steps));
        Assert.Equal("its driver refuses the kernel", Assert.Single(session.Placement.Refusals).Reason);
        Assert.Equal(2, fake.LivePlans);
    }

    [Fact]
    public void A_device_that_refuses_kernels_for_ever_is_given_up()
    {
        using var fake = new FakeBackend { FailCompile = new EdgeException(ErrorCode.PipelineRefused, "no reason") };
        using var session = new InferenceSession(Networks.Branches(), new SessionOptions { Threads = 1, Accelerator = fake });
        session.Run();
        Assert.Single(session.Events);
        Assert.Equal("cpu", Assert.Single(session.Placement!.Backends).Name);
    }

    [Fact]
    public void Other_errors_are_errors_and_leave_nothing()
    {
        using var fake = new FakeBackend(NoAbs);
        using var session = new InferenceSession(Networks.Branches(), new SessionOptions { Threads = 1, Accelerator = fake });
        fake.FailRun = new EdgeException(ErrorCode.InvalidOperands, "a bug");
        Assert.Equal(ErrorCode.InvalidOperands, Assert.Throws<EdgeException>(session.Run).Code);
        Assert.Empty(session.Events);
        fake.FailRun = null;
        session.Run();

        fake.FailCompile = new EdgeException(ErrorCode.CannotPlan, "no");
        Assert.Throws<EdgeException>(() => new InferenceSession(Networks.Branches(), new SessionOptions { Threads = 1, Accelerator = fake }));
        Assert.Equal(2, fake.LivePlans);
    }

    [Fact]
    public void Plans_that_are_kept_let_go_of_a_device_that_fails_in_another()
    {
        var builder = new GraphBuilder("open");
        Value x = builder.Input("x", new TensorType(DataType.F32, builder.Symbol("n"), 2));
        builder.Output("y", builder.Add1("double", new Binary(), x, x));
        using var fake = new FakeBackend();
        using var session = new InferenceSession(builder.Build(), new SessionOptions { Threads = 1, Accelerator = fake });
        for (int n = 1; n <= 3; n++) Run(n);
        Assert.Equal(3, fake.LivePlans);

        fake.FailRun = new EdgeException(ErrorCode.DeviceLost, "It is gone.");
        for (int n = 3; n >= 1; n--) Run(n);

        Assert.Equal(0, fake.LivePlans);
        Assert.Single(session.Events);

        void Run(int n)
        {
            using var input = new Tensor(new TensorType(DataType.F32, n, 2));
            input.Span<float>().Fill(n);
            session.Run([input.View]);
            Assert.Equal(2f * n, session.Output(0).Span<float>()[^1]);
        }
    }

    [Fact]
    public void New_shapes_after_a_fault_do_not_wake_the_dead()
    {
        var builder = new GraphBuilder("open");
        Value x = builder.Input("x", new TensorType(DataType.F32, builder.Symbol("n"), 2));
        builder.Output("y", builder.Add1("double", new Binary(), x, x));
        using var fake = new FakeBackend { FailRun = new EdgeException(ErrorCode.DeviceLost, "gone") };
        using var session = new InferenceSession(builder.Build(), new SessionOptions { Threads = 1, Accelerator = fake });
        for (int n = 1; n < 4; n++)
        {
            using var input = new Tensor(new TensorType(DataType.F32, n, 2));
            input.Span<float>().Fill(n);
            session.Run([input.View]);
            Assert.Equal(2f * n, session.Output(0).Span<float>()[^1]);
        }
        Assert.Equal((1, 0), (fake.Runs, fake.LivePlans));
    }

    [Fact]
    public void Nothing_is_allocated_before_or_after()
    {
        using var fake = new FakeBackend(NoAbs);
        using var session = new InferenceSession(Networks.Recurrent(), new SessionOptions { Threads = 2, Accelerator = fake });
        using var x = new Tensor(session.Input(0).Type);
        void Run() => session.Run([x.View, session.Output(1)]);
        void Many()
        {
            for (int i = 0; i < 1000; i++) Run();
        }
        Many();
        Assert.Equal(0, Allocations.LeastOfAllThreads(Many));
        fake.FailRun = new EdgeException(ErrorCode.DeviceLost, "gone");
        Many();
        Assert.Equal(0, Allocations.LeastOfAllThreads(Many));
        Assert.Single(session.Events);
    }

    [Fact]
    public void Many_sessions_share_a_device_and_leave_it_as_it_was()
    {
        using var fake = new FakeBackend(NoAbs);
        Graph graph = Networks.Branches();
        for (int i = 0; i < 200; i++)
        {
            using var session = new InferenceSession(graph, new SessionOptions { Threads = 1, Accelerator = fake });
            session.Run();
        }
        Assert.Equal((0, 0), (fake.LivePlans, fake.Disposals));
    }
}
