using EdgeRuntime.Backends;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Planning;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tests.Realtime;
using Xunit;

namespace EdgeRuntime.Tests.Sessions;

/// <summary>Sessions that begin on the CPU while a device is prepared, on a device whose compiler waits for the test.</summary>
[Collection(nameof(Alone))]
public class StartTests
{
    private static readonly EdgeException Lost = new(ErrorCode.DeviceLost, "The test pulled the plug.");

    private readonly FakeBackend device = new();
    private readonly FakeClock clock = new();

    private SessionOptions AtOnce(params IBackend[] accelerators) =>
        new() { Threads = 1, Accelerators = accelerators, Start = StartPolicy.AtOnce, Failover = new FailoverOptions { Clock = clock } };

    /// <summary>Runs frames until the session has gone over.</summary>
    private static void RunUntilReady(InferenceSession session) => Assert.True(SpinWait.SpinUntil(() =>
    {
        session.Run();
        return session.IsReady;
    }, TimeSpan.FromMinutes(1)));

    [Fact]
    public void Frames_run_on_the_cpu_until_the_device_is_ready()
    {
        using var gated = new GatedBackend(device);
        using var session = new InferenceSession(Networks.Recurrent(), AtOnce(gated));
        Assert.Equal(0, gated.Compiled);
        Assert.False(session.IsReady);
        for (int i = 0; i < 100; i++) session.Run();
        gated.Begun.Wait(TestContext.Current.CancellationToken);
        Assert.NotEqual(Environment.CurrentManagedThreadId, gated.CompilingThread);
        Assert.All(session.StepBackends!, b => Assert.Equal("cpu", b));
        Assert.Contains("fake (a device of the tests): it is being prepared", string.Join(' ', session.Explain().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
        clock.Advance(0.25);
        gated.Gate.Set();
        RunUntilReady(session);

        Assert.All(session.StepBackends!, b => Assert.Equal("fake", b));
        Assert.Equal((1, 1, 1), (gated.Compiled, gated.WarmedUp, device.Runs));
        BackendEvent joined = Assert.Single(session.Events);
        Assert.Equal((BackendEventKind.Joined, "fake", null, TimeSpan.Zero), (joined.Kind, joined.Backend, joined.Code, joined.Cost));
        Assert.StartsWith("Preparing it took 250 ms, while ", joined.Reason);
        Assert.Contains("joined fake (a device of the tests) at recurrent", joined.ToString());
        Assert.Equal((0, 0), (session.Faults, session.Returns));
        Assert.DoesNotContain("being prepared", session.Explain());
    }

    [Fact]
    public void Whoever_waits_for_it_finds_the_device_ready()
    {
        using var session = new InferenceSession(Networks.Recurrent(), AtOnce(device) with { Start = StartPolicy.WhenReady });
        Assert.True(session.IsReady);
        session.Run();
        Assert.Equal(1, device.Runs);
        Assert.Empty(session.Events);
    }

    [Theory]
    [InlineData(false), InlineData(true)]
    public void A_stream_goes_over_with_its_state(bool inParts)
    {
        // Convolutions are the CPU's, so that each frame crosses over four times.
        using var gated = new GatedBackend(new FakeBackend(step => step.Operator.Name == "Conv" ? "told so" : null));
        Graph graph = Networks.Integers();
        using var session = new InferenceSession(graph, AtOnce(gated));
        using var cpu = new InferenceSession(graph, new SessionOptions { Threads = 1, Accelerators = [] });
        var random = new Random(3);
        using var x = new Tensor(session.Input(0).Type);
        int onDevice = 0;
        for (int frame = 0; frame < 2000 && onDevice < 100; frame++)
        {
            random.NextBytes(x.View.Bytes);
            if (frame == 50) gated.Gate.Set();
            if (inParts) RunInParts(session, x);
            else session.Run([x.View, session.Output(1)]);
            cpu.Run([x.View, cpu.Output(1)]);
            for (int i = 0; i < graph.Outputs.Count; i++) Assert.True(session.Output(i).Bytes.SequenceEqual(cpu.Output(i).Bytes), $"output {i} of frame {frame}");
            if (session.StepBackends!.Contains("fake")) onDevice++;
            else Thread.Yield();
        }
        Assert.Equal(100, onDevice);
        Assert.Single(session.Events);

        static void RunInParts(InferenceSession session, Tensor x)
        {
            session.Output(1).Bytes.CopyTo(session.Input(1).Bytes);
            x.View.Bytes.CopyTo(session.Input(0).Bytes);
            string[]? during = null;
            while (!session.Advance(new TimeBudget(TimeSpan.FromMicroseconds(20))))
            {
                during ??= [.. session.StepBackends!];
                Assert.Equal(during, session.StepBackends!);
            }
        }
    }

    [Fact]
    public void Nothing_is_allocated_while_it_is_prepared_and_afterwards()
    {
        using var gated = new GatedBackend(device);
        using var session = new InferenceSession(Networks.Recurrent(), AtOnce(gated));
        Many();
        gated.Begun.Wait(TestContext.Current.CancellationToken);
        Assert.Equal(0, Allocations.LeastOfAllThreads(Many));
        gated.Gate.Set();
        RunUntilReady(session);
        Assert.Equal(0, Allocations.LeastOfAllThreads(Many));

        void Many()
        {
            for (int i = 0; i < 1000; i++) session.Run();
        }
    }

    [Theory]
    [InlineData(true), InlineData(false)]
    public void A_session_that_ends_meanwhile_leaves_nothing(bool stops)
    {
        for (int i = 0; i < 20; i++)
        {
            var gated = new GatedBackend(device) { Stops = stops };
            using (var session = new InferenceSession(Networks.Recurrent(), AtOnce(gated)))
            {
                session.Run();
                if (i % 2 == 0) gated.Begun.Wait(TestContext.Current.CancellationToken);
                // One that does not stop is waited for.
                if (!stops) new Thread(gated.Gate.Set).Start();
            }
            Assert.Equal(0, device.LivePlans);
        }
    }

    [Fact]
    public void A_plan_that_never_runs_is_not_prepared()
    {
        using var gated = new GatedBackend(device);
        using (var session = new InferenceSession(Networks.Recurrent(), AtOnce(gated)))
            for (int i = 0; i < 3; i++) session.Exchange(Networks.Recurrent());
        Assert.Equal(0, gated.Compiled);
    }

    [Fact]
    public void What_cannot_be_compiled_stays_on_the_cpu_and_is_tried_again()
    {
        device.FailCompile = new EdgeException(ErrorCode.OutOfDeviceMemory, "full");
        var again = new FakeBackend();
        device.Reopening = () => again;
        using var session = new InferenceSession(Networks.Recurrent(), AtOnce(device) with { Failover = new() { Clock = clock, Background = work => work() } });
        for (int i = 0; i < 5; i++) session.Run();
        Assert.Equal("cpu", session.StepBackends![0]);
        Assert.Equal((BackendEventKind.Fault, ErrorCode.OutOfDeviceMemory, TimeSpan.Zero), (Assert.Single(session.Events).Kind, session.Events[0].Code!.Value, session.Events[0].Cost));
        clock.Advance(1.1);
        session.Run();
        Assert.Equal("fake", session.StepBackends![0]);
        Assert.Equal([BackendEventKind.Fault, BackendEventKind.Return], session.Events.Select(e => e.Kind));
    }

    [Fact]
    public void A_refused_kernel_costs_its_steps_only()
    {
        device.Unbuildable.Add("Unary");
        using var session = new InferenceSession(Networks.Recurrent(), AtOnce(device));
        RunUntilReady(session);
        Assert.Equal(["cpu", "fake"], session.StepBackends!.Distinct().Order());
        Assert.Equal([BackendEventKind.Fault, BackendEventKind.Joined], session.Events.Select(e => e.Kind));
    }

    [Fact]
    public void The_next_device_joins_where_the_first_cannot()
    {
        device.FailCompile = Lost;
        using var second = new FakeBackend { Traits = new BackendTraits("other", "another device", []) };
        using var session = new InferenceSession(Networks.Recurrent(), AtOnce(device, second));
        RunUntilReady(session);
        Assert.Equal("other", session.StepBackends![0]);
        Assert.Equal([("fake", BackendEventKind.Fault), ("other", BackendEventKind.Joined)], session.Events.Select(e => (e.Backend, e.Kind)));
    }

    [Fact]
    public void When_a_device_fails_the_cpu_goes_on_while_the_next_is_prepared()
    {
        using var second = new GatedBackend(new FakeBackend { Traits = new BackendTraits("other", "another device", []) });
        using var session = new InferenceSession(Networks.Recurrent(), AtOnce(device, second) with { Failover = new() { Clock = clock, Retry = false } });
        RunUntilReady(session);
        Assert.Equal("fake", session.StepBackends![0]);
        device.FailRun = Lost;
        session.Run();
        Assert.Equal("cpu", session.StepBackends![0]);
        for (int i = 0; i < 10; i++) session.Run();
        second.Gate.Set();
        RunUntilReady(session);
        Assert.Equal("other", session.StepBackends![0]);
        Assert.Equal([BackendEventKind.Joined, BackendEventKind.Fault, BackendEventKind.Joined], session.Events.Select(e => e.Kind));
    }

    [Fact]
    public void Plans_for_several_shapes_go_over_each()
    {
        var builder = new GraphBuilder("open");
        Value x = builder.Input("x", new TensorType(DataType.F32, builder.Symbol("n"), 4));
        builder.Output("y", builder.Add1("abs", new Unary { Function = UnaryFunction.Abs }, x));
        using var session = new InferenceSession(builder.Build(), AtOnce(device));
        foreach (int rows in (int[])[3, 5, 3])
        {
            using Tensor input = new(new TensorType(DataType.F32, rows, 4));
            input.Span<float>().Fill(-2);
            Assert.True(SpinWait.SpinUntil(() =>
            {
                session.Run([input.View]);
                Assert.Equal(2, session.Output(0).Span<float>()[^1]);
                return session.StepBackends![0] == "fake";
            }, TimeSpan.FromMinutes(1)));
        }
        Assert.Equal(2, device.LivePlans);
        Assert.Single(session.Events);
    }
}
