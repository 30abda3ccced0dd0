using EdgeRuntime.Diagnostics;
using EdgeRuntime.Planning;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tests.Realtime;
using Xunit;

namespace EdgeRuntime.Tests.Sessions;

/// <summary>Devices that failed and are tried again, by a clock of the test's.</summary>
[Collection(nameof(Alone))]
public class RetryTests
{
    private static readonly EdgeException Lost = new(ErrorCode.DeviceLost, "The test pulled the plug.");

    private readonly FakeClock clock = new();
    private readonly List<FakeBackend> opened = [];

    private FailoverOptions AtOnce => new() { Clock = clock, Background = work => work() };

    /// <summary>A device that can be opened again.</summary>
    private FakeBackend Device(EdgeException? failing = null)
    {
        var device = new FakeBackend { FailRun = failing };
        device.Reopening = () => Device(failing);
        opened.Add(device);
        return device;
    }

    private static InferenceSession Session(FakeBackend device, FailoverOptions failover) =>
        new(Networks.Recurrent(), new SessionOptions { Threads = 1, Accelerator = device, Failover = failover });

    /// <summary>The explanation without its line breaks.</summary>
    private static string Explained(InferenceSession session) => string.Join(' ', session.Explain().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    [Fact]
    public void A_device_comes_back_after_a_second()
    {
        FakeBackend device = Device();
        using InferenceSession session = Session(device, AtOnce);
        session.Run();
        device.FailRun = Lost;
        session.Run();
        Assert.Contains("it is tried again 1 s after that", Explained(session));
        clock.Advance(0.99);
        session.Run();
        Assert.Equal("cpu", session.StepBackends![0]);
        Assert.Single(opened);

        clock.Advance(0.02);
        session.Run();

        Assert.Equal("fake", session.StepBackends![0]);
        Assert.Equal((2, 1, 1), (opened.Count, opened[1].Runs, opened[1].Retests));
        Assert.Equal([BackendEventKind.Fault, BackendEventKind.Return], session.Events.Select(e => e.Kind));
        Assert.Equal((1, ErrorCode.DeviceLost), (session.Faults, session.Events[1].Code));
        Assert.Contains("at attempt 1", session.Events[1].Reason);
        // The first is the caller's, what was opened since the session's.
        session.Dispose();
        Assert.Equal((0, 1), (opened[0].Disposals, opened[1].Disposals));
        Assert.All(opened, d => Assert.Equal(0, d.LivePlans));
        device.Dispose();
    }

    [Fact]
    public void One_that_fails_at_once_is_waited_for_twice_as_long_each_time_up_to_a_minute()
    {
        using InferenceSession session = Session(Device(Lost), AtOnce);
        session.Run();
        foreach (int wait in (int[])[1, 2, 4, 8, 16, 32, 60, 60])
        {
            int before = opened.Count;
            clock.Advance(wait - 0.01);
            session.Run();
            Assert.Equal(before, opened.Count);
            clock.Advance(0.02);
            session.Run();
            Assert.Equal(before + 1, opened.Count);
        }
        Assert.Equal(9, session.Faults);
        Assert.All(opened.Skip(1), d => Assert.Equal(1, d.Disposals));

        // One that works for longer than it was waited for begins anew.
        opened[^1].Reopening = () => Device();
        clock.Advance(60.1);
        session.Run();
        Assert.Equal("fake", session.StepBackends![0]);
        clock.Advance(61);
        opened[^1].FailRun = Lost;
        session.Run();
        Assert.Contains("it is tried again 1 s after that", Explained(session));
    }

    [Fact]
    public void One_that_cannot_be_opened_is_tried_again_and_told_once()
    {
        FakeBackend device = Device();
        int tries = 0;
        device.Reopening = () => ++tries < 4 ? throw new EdgeException(ErrorCode.DeviceTrouble, "still out") : Device();
        using InferenceSession session = Session(device, AtOnce);
        device.FailRun = Lost;
        session.Run();
        foreach (double wait in (double[])[1, 2, 4])
        {
            clock.Advance(wait + 0.01);
            session.Run();
            session.Run();
        }
        Assert.Equal(3, tries);
        Assert.Single(session.Events);
        Assert.Contains("still out; it is tried again 8 s after that, and was 3 times", Explained(session));
        clock.Advance(8.01);
        session.Run();
        Assert.Equal("fake", session.StepBackends![0]);
        Assert.Contains("at attempt 4", session.Events[^1].Reason);
    }

    [Fact]
    public void Frames_go_on_while_a_device_is_being_opened_and_prepared()
    {
        using var mayOpen = new ManualResetEventSlim();
        FakeBackend device = Device();
        device.Reopening = () =>
        {
            mayOpen.Wait();
            return Device();
        };
        using InferenceSession session = Session(device, new FailoverOptions { Clock = clock });
        device.FailRun = Lost;
        session.Run();
        clock.Advance(2);
        for (int i = 0; i < 100; i++) session.Run();
        Assert.Equal("cpu", session.StepBackends![0]);
        mayOpen.Set();
        Assert.True(SpinWait.SpinUntil(() =>
        {
            session.Run();
            return session.StepBackends![0] == "fake";
        }, TimeSpan.FromMinutes(1)));
        Assert.Equal(2, opened.Count);
    }

    [Fact]
    public void A_session_that_ends_meanwhile_closes_what_was_being_opened()
    {
        using var mayOpen = new ManualResetEventSlim();
        FakeBackend device = Device();
        device.Reopening = () =>
        {
            mayOpen.Wait();
            return Device();
        };
        using (InferenceSession session = Session(device, new FailoverOptions { Clock = clock }))
        {
            device.FailRun = Lost;
            session.Run();
            clock.Advance(2);
            session.Run();
            mayOpen.Set();
        }
        Assert.Equal((2, 1, 0), (opened.Count, opened[1].Disposals, opened[1].LivePlans));
    }

    [Fact]
    public void Whoever_does_not_want_it_gets_no_retry()
    {
        FakeBackend device = Device(Lost);
        using InferenceSession session = Session(device, AtOnce with { Retry = false });
        session.Run();
        clock.Advance(100);
        session.Run();
        Assert.Single(opened);
        Assert.Contains("it is not tried again", Explained(session));
    }

    [Fact]
    public void Nothing_is_allocated_while_a_device_is_waited_for_and_after_it_came_back()
    {
        FakeBackend device = Device();
        using InferenceSession session = Session(device, AtOnce);
        device.FailRun = Lost;
        Many();
        Assert.Equal(0, Allocations.LeastOfAllThreads(Many));
        clock.Advance(2);
        Many();
        Assert.Equal("fake", session.StepBackends![0]);
        Assert.Equal(0, Allocations.LeastOfAllThreads(Many));

        void Many()
        {
            for (int i = 0; i < 1000; i++) session.Run();
        }
    }

    [Fact]
    public void A_device_that_begins_to_compute_wrong_loses_no_frame_where_every_frame_is_tested()
    {
        var faults = new FaultPlan();
        faults.Add(FaultKind.Wrong, FaultPoint.Run, 3);
        using var faulty = new FaultyBackend(Device(), faults);
        using var session = new InferenceSession(Networks.Recurrent(), new SessionOptions { Threads = 1, Accelerator = faulty, Failover = AtOnce with { SelfTestEvery = 1 } });
        using var alone = new InferenceSession(Networks.Recurrent(), new SessionOptions { Threads = 1 });
        for (int frame = 0; frame < 6; frame++)
        {
            alone.Run([alone.Input(0), alone.Output(1)]);
            session.Run([session.Input(0), session.Output(1)]);
            Assert.Equal(alone.Output(1).Span<float>().ToArray(), session.Output(1).Span<float>().ToArray());
        }
        Assert.Equal(ErrorCode.WrongResult, Assert.Single(session.Events).Code);
    }

    [Fact]
    public void Kernels_are_tested_again_after_as_many_frames_as_asked_for()
    {
        FakeBackend device = Device();
        using InferenceSession session = Session(device, AtOnce with { SelfTestEvery = 10 });
        for (int i = 0; i < 35; i++) session.Run();
        Assert.Equal(3, device.Retests);
        device.FailRetest = new EdgeException(ErrorCode.WrongResult, "bits");
        for (int i = 0; i < 10; i++) session.Run();
        Assert.Equal(ErrorCode.WrongResult, Assert.Single(session.Events).Code);
    }

    [Fact]
    public void A_device_that_came_back_and_computes_wrong_gets_no_frame()
    {
        FakeBackend device = Device();
        device.Reopening = () =>
        {
            FakeBackend next = Device();
            next.FailRetest = new EdgeException(ErrorCode.WrongResult, "bits");
            return next;
        };
        using InferenceSession session = Session(device, AtOnce);
        device.FailRun = Lost;
        session.Run();
        clock.Advance(1.1);
        session.Run();
        Assert.Equal((0, 1), (opened[1].Runs, opened[1].Disposals));
        Assert.Equal([ErrorCode.DeviceLost, ErrorCode.WrongResult], session.Events.Select(e => e.Code));
        Assert.Equal(TimeSpan.Zero, session.Events[1].Cost);
        Assert.Contains("it is tried again 2 s after that", Explained(session));
    }

    [Fact]
    public void The_next_device_takes_over_before_the_cpu_and_gives_back()
    {
        FakeBackend first = Device(), second = new() { Traits = new BackendTraits("other", "another device", []) };
        using var session = new InferenceSession(Networks.Recurrent(), new SessionOptions { Threads = 1, Accelerators = [first, second], Failover = AtOnce });
        session.Run();
        Assert.Equal("fake", session.StepBackends![0]);
        first.FailRun = Lost;
        session.Run();
        Assert.Equal("other", session.StepBackends![0]);
        second.FailRun = new EdgeException(ErrorCode.DeviceTimeout, "slow");
        session.Run();
        Assert.Equal("cpu", session.StepBackends![0]);
        Assert.Equal(["fake", "other"], session.Events.Select(e => e.Backend));
        clock.Advance(1.1);
        session.Run();
        Assert.Equal("fake", session.StepBackends![0]);
        Assert.Equal((0, 0), (first.LivePlans, second.LivePlans));
        second.Dispose();
    }

    [Fact]
    public void Both_may_fail_in_one_frame_and_costs_add_up_to_what_it_took()
    {
        FakeBackend first = Device(Lost), second = Device(Lost);
        first.Reopening = second.Reopening = null;
        using var a = new SlowBackend(first, () => clock.Advance(0.030));
        using var b = new SlowBackend(second, () => clock.Advance(0.007));
        using var session = new InferenceSession(Networks.Recurrent(), new SessionOptions { Threads = 1, Accelerators = [a, b], Failover = AtOnce });
        session.Run();
        Assert.Equal([30, 7], session.Events.Select(e => e.Cost.TotalMilliseconds));
        Assert.Equal(37, session.TimeLost.TotalMilliseconds);
        Assert.Contains("Cost: 30.0 ms.", session.Events[0].ToString());
        session.Run();
        Assert.Equal(37, session.TimeLost.TotalMilliseconds);
    }

    [Fact]
    public void Old_events_are_forgotten()
    {
        using InferenceSession session = Session(Device(Lost), AtOnce);
        for (int i = 0; i < 400; i++)
        {
            session.Run();
            clock.Advance(61);
        }
        Assert.True(session.Faults > 300);
        Assert.Equal(256, session.Events.Count);
    }

    /// <summary>A backend whose runs take time.</summary>
    private sealed class SlowBackend(IBackend inner, Action wait) : IBackend
    {
        public BackendTraits Traits => inner.Traits;

        public string? Reject(ExecutionPlan plan, PlanStep step) => inner.Reject(plan, step);

        public ICompiledPlan Compile(ExecutionPlan plan) => new SlowPlan(inner.Compile(plan), wait);

        public void Dispose() => inner.Dispose();
    }

    private sealed class SlowPlan(ICompiledPlan inner, Action wait) : ICompiledPlan
    {
        public ExecutionPlan Plan => inner.Plan;

        public IReadOnlyList<string> Kernels => inner.Kernels;

        public ReadOnlySpan<long> StepNanoseconds => inner.StepNanoseconds;

        public TensorView Input(int index) => inner.Input(index);

        public TensorView Output(int index) => inner.Output(index);

        public void Run()
        {
            wait();
            inner.Run();
        }

        public void Dispose() => inner.Dispose();
    }
}
