using EdgeRuntime.Diagnostics;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Planning;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tests.Realtime;
using Xunit;

namespace EdgeRuntime.Tests.Sessions;

/// <summary>Placement by measuring, on backends that take the time they are told to: what is chosen, how much work that costs, and what is kept.</summary>
public sealed class MeasuredPlacementTests : IDisposable
{
    private const double Ms = 1e6;

    private static readonly TransferCost Bus = new(0.2 * Ms, 1, 1);

    private readonly TemporaryFolder folder = new();
    private readonly ManualClock clock = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_is_faster_there_goes_there()
    {
        using TimedBackend device = Device(_ => 1 * Ms);
        using Start start = Begin(_ => 4 * Ms, device);
        PlacementFindings found = start.Place(Chain(8));
        Assert.Equal("device", found.Best.Name);
        Assert.Equal(["cpu", "device"], found.Contenders.Select(c => c.Name));
        Assert.All(found.Contenders, c => Assert.True(c.Runs > 3));
        Assert.Equal((1, 0), (device.LivePlans, start.Host.LivePlans));
    }

    [Fact]
    public void A_part_that_is_faster_there_goes_there_alone()
    {
        // The device is good at three steps in the middle, and bad at the others.
        using TimedBackend device = Device(s => IsMiddle(s) ? 1 * Ms : 6 * Ms);
        using Start start = Begin(s => IsMiddle(s) ? 5 * Ms : 2 * Ms, device);
        PlacementFindings found = start.Place(Chain(9));
        Assert.Equal("mixed", found.Best.Name);
        Assert.Equal([1, 1, 1, 0, 0, 0, 1, 1, 1], found.Best.Assignment!.BackendOf);
        Assert.True(found.Best.Nanoseconds < 0.7 * found.Contenders[0].Nanoseconds);

        static bool IsMiddle(PlanStep step) => step.Name is "step3" or "step4" or "step5";
    }

    [Fact]
    public void Copies_count()
    {
        // Each step is faster there, but never by what it costs to go there and back.
        using TimedBackend device = Device(_ => 1 * Ms, new TransferCost(0.1 * Ms, 20, 20));
        using Start start = Begin(_ => 2 * Ms, device);
        PlacementFindings found = start.Place(Chain(6));
        Assert.Null(found.Best.Assignment);
        Assert.Contains("no part of the model is faster there", Assert.Single(found.PassedOver).Reason);
    }

    [Fact]
    public void A_device_that_is_far_behind_costs_little()
    {
        using TimedBackend device = Device(_ => 30 * Ms);
        using Start start = Begin(_ => 2 * Ms, device);
        PlacementFindings found = start.Place(Chain(20));
        Assert.Null(found.Best.Assignment);
        Assert.Contains("take 60.00 ms there and 4.00 ms on cpu, where all of the model takes 40.00 ms", Assert.Single(found.PassedOver).Reason);
        // Transfers of two sizes and two steps alone: never the whole model.
        Assert.Equal(4, device.Compiled);
        Assert.Equal(0, device.LivePlans);
    }

    [Fact]
    public void A_model_that_is_done_sooner_than_a_device_answers_is_not_tried_there()
    {
        using TimedBackend device = Device(_ => 0.001 * Ms, new TransferCost(5 * Ms, 0, 0));
        using Start start = Begin(_ => 0.1 * Ms, device);
        PlacementFindings found = start.Place(Chain(8));
        Assert.Null(found.Best.Assignment);
        Assert.Contains("asking it and waiting takes 5.00 ms", Assert.Single(found.PassedOver).Reason);
        Assert.Equal(2, device.Compiled);
    }

    [Fact]
    public void What_is_chosen_is_never_slower_than_the_best_backend_alone()
    {
        var random = new Random(75);
        for (int round = 0; round < 150; round++)
        {
            Graph graph = Bound(round % 2 == 0 ? Networks.Random(random) : Chain(random.Next(1, 20)));
            int salt = random.Next(1000);
            if (Planner.Plan(graph).Steps.Count == 0) continue;
            Func<PlanStep, double> Times(int which, double scale) => s => scale * Ms * (1 + (s.Name.Sum(c => c) * 7919 + which * 104729 + salt * 31) % 97 / 10.0);
            Func<PlanStep, string?> reject = s => (s.Name.Sum(c => c) + salt) % 5 == 0 ? "not that one" : null;
            var transfer = new TransferCost(random.NextDouble() * Ms, random.NextDouble() * 10, 0);
            transfer = transfer with { OutPerByte = transfer.InPerByte };
            using TimedBackend one = new("one", clock, Times(1, random.NextDouble()), transfer, reject), two = new("two", clock, Times(2, random.NextDouble()), transfer);
            using var start = new Start(clock, Times(0, 0.5), [one, two], null);
            PlacementFindings found = start.Place(graph);
            Assert.InRange(start.Placer.Spent.TotalSeconds, 0, 3);
            var flow = new PlanFlow(Planner.Plan(graph));
            var costs = new PlacementCosts(
                [.. new TimedBackend[] { one, two, start.Host }.Select(b => flow.Plan.Steps.Select(s => b.Reject(flow.Plan, s) is null ? b.TimeOf(s) : double.NaN).ToArray())], [transfer, transfer, default]);
            double best = Enumerable.Range(0, 3).Min(b => PlacementSolver.Cost(flow, costs, [.. costs.Steps[b].Select(t => double.IsNaN(t) ? 2 : b)]));
            double chosen = PlacementSolver.Cost(flow, costs, found.Best.Assignment?.BackendOf ?? [.. flow.Plan.Steps.Select(_ => 2)]);
            Assert.True(chosen <= best * 1.05, $"round {round}: {found.Best.Name} takes {chosen / Ms} ms, the best backend alone {best / Ms} ms; {string.Join(", ", found.Contenders.Select(c => $"{c.Name} {c.Nanoseconds / Ms}"))}; {string.Join("; ", found.PassedOver)}");
        }
    }

    [Theory]
    [InlineData(0.1), InlineData(10), InlineData(100), InlineData(400)]
    public void Measuring_has_an_end(double milliseconds)
    {
        using TimedBackend device = new("device", clock, _ => milliseconds * 0.6 * Ms, Bus) { CompileTime = TimeSpan.FromMilliseconds(50) };
        using Start start = Begin(_ => milliseconds * Ms, device);
        start.Place(Chain(6));
        // Of what is longer than the budget one run of each way is not to be avoided.
        double run = 6 * milliseconds * 1.6;
        Assert.InRange(start.Placer.Spent.TotalMilliseconds, 0, Math.Max(PlanPlacer.Limit.TotalMilliseconds + 300, 4 * run + 300));
    }

    [Fact]
    public void The_next_start_measures_nothing_and_places_alike()
    {
        using TimedBackend device = Device(s => s.Name == "step3" ? 1 * Ms : 6 * Ms);
        int[] chosen;
        using (Start start = Begin(s => s.Name == "step3" ? 9 * Ms : 2 * Ms, device)) chosen = start.Place(Chain(6)).Best.Assignment!.BackendOf;
        (int runs, int live) = (device.Runs, device.LivePlans);
        using (Start start = Begin(_ => 2 * Ms, device))
        {
            PlacementFindings found = start.Place(Chain(6));
            Assert.Equal(PlacementSource.Kept, found.Source);
            Assert.Equal(chosen, found.Best.Assignment!.BackendOf);
            Assert.Equal((runs, 0, TimeSpan.Zero), (device.Runs, start.Host.Runs, start.Placer.Spent));
        }
        Assert.Equal(live, device.LivePlans);
    }

    [Fact]
    public void Another_driver_or_model_is_measured_anew_and_transfers_are_measured_once()
    {
        using TimedBackend device = Device(_ => 1 * Ms);
        using (Start start = Begin(_ => 4 * Ms, device)) start.Place(Chain(6));
        int compiled = device.Compiled;
        using (Start start = Begin(_ => 4 * Ms, device))
        {
            Assert.Equal(PlacementSource.Measured, start.Place(Chain(7)).Source);
            Assert.Equal(PlacementSource.Measured, start.Place(Networks.Recurrent()).Source);
        }
        Assert.True(device.Compiled > compiled);
        using TimedBackend newer = new("device", clock, _ => 1 * Ms, Bus) { Driver = "1.1" };
        using (Start start = Begin(_ => 4 * Ms, newer)) Assert.Equal(PlacementSource.Measured, start.Place(Chain(6)).Source);
    }

    [Fact]
    public void Files_are_not_trusted()
    {
        using TimedBackend device = Device(_ => 1 * Ms);
        ExecutionPlan plan = Planner.Plan(Chain(3));
        PlacementFindings found;
        using (Start start = Begin(_ => 4 * Ms, device)) found = start.Place(Chain(3));
        string line = PlacementLine.Format(PlanDigest.Of(plan), found);
        IReadOnlyList<BackendTraits> backends = found.Backends;
        Assert.NotNull(PlacementLine.Parse(line, backends, 3, 16));
        Assert.Null(PlacementLine.Parse(line, backends, 4, 16));
        Assert.Null(PlacementLine.Parse(line, [backends[1]], 3, 16));
        var random = new Random(76);
        for (int round = 0; round < 3000; round++)
        {
            char[] damaged = line.ToCharArray();
            for (int i = random.Next(1, 4); i > 0; i--) damaged[random.Next(damaged.Length)] = "0123456789,;x-\t. eN%A"[random.Next(21)];
            string text = new(damaged, 0, random.Next(4) == 0 ? random.Next(damaged.Length) : damaged.Length);
            if (PlacementLine.Parse(text, backends, 3, 16) is not { } parsed) continue;
            Assert.All(parsed.Contenders, c => Assert.True(c.Assignment is null || c.Assignment.BackendOf.Length == 3 && c.Assignment.BackendOf.All(b => b is 0 or 1)));
            Assert.InRange(parsed.Chosen, 0, parsed.Contenders.Count - 1);
            Assert.All(parsed.Costs.Steps, s => Assert.Equal(3, s.Length));
        }
        string file = Directory.GetFiles(folder.Path, "placement-*").Single();
        File.WriteAllText(file, File.ReadAllText(file)[..^20]);
        using (Start start = Begin(_ => 4 * Ms, device)) Assert.Equal(PlacementSource.Measured, start.Place(Chain(3)).Source);
    }

    [Fact]
    public void A_device_that_fails_when_it_is_measured_is_left_out_and_nothing_is_kept()
    {
        using TimedBackend device = new("device", clock, _ => 1 * Ms, Bus) { FailRun = new EdgeException(ErrorCode.DeviceLost, "It is gone.") };
        using (Start start = Begin(_ => 4 * Ms, device))
        {
            PlacementFindings found = start.Place(Chain(6));
            Assert.Null(found.Best.Assignment);
            Assert.Contains("It is gone.", Assert.Single(found.PassedOver).Reason);
        }
        Assert.Equal(0, device.LivePlans);
        device.FailRun = null;
        using (Start start = Begin(_ => 4 * Ms, device)) Assert.Equal("device", start.Place(Chain(6)).Best.Name);
    }

    [Fact]
    public void Other_shapes_of_a_model_are_estimated()
    {
        using TimedBackend device = Device(s => s.Name.Contains('3') ? 1 * Ms : 6 * Ms);
        using Start start = Begin(s => s.Name.Contains('3') ? 9 * Ms : 2 * Ms, device);
        start.Place(Sized(16));
        int runs = device.Runs, hostRuns = start.Host.Runs;
        for (int n = 17; n < 40; n++)
        {
            PlacementFindings found = start.Place(Sized(n));
            Assert.Equal(PlacementSource.Estimated, found.Source);
            Assert.Equal([1, 1, 1, 0, 1, 1], found.Best.Assignment!.BackendOf);
        }
        Assert.Equal((runs, hostRuns), (device.Runs, start.Host.Runs));

        static Graph Sized(int length)
        {
            var builder = new GraphBuilder("sized");
            Value x = builder.Input("x", new TensorType(DataType.F32, length));
            for (int i = 0; i < 6; i++) x = builder.Add1($"step{i}", new Unary { Function = UnaryFunction.Abs }, x);
            builder.Output("y", x);
            return builder.Build();
        }
    }

    /// <summary>What can be folded is folded, as sessions do before they plan.</summary>
    private static Graph Bound(Graph graph) => GraphBinding.Bind(graph, (Shape[])[.. graph.Inputs.Select(i => i.Type.Shape)]);

    private static Graph Chain(int steps) => PlacementSolverTests.Chain(steps, 1 << 16);

    private TimedBackend Device(Func<PlanStep, double> times, TransferCost? transfer = null) => new("device", clock, times, transfer ?? Bus);

    private Start Begin(Func<PlanStep, double> hostTimes, TimedBackend device) => new(clock, hostTimes, [device], folder.Path);

    /// <summary>What a session makes of backends, without a session.</summary>
    private sealed class Start : IDisposable
    {
        private readonly BackendChain chain;
        private readonly List<ICompiledPlan> plans = [];

        public Start(ManualClock clock, Func<PlanStep, double> hostTimes, IReadOnlyList<TimedBackend> devices, string? folder)
        {
            Host = new TimedHost(clock, hostTimes);
            chain = new BackendChain(Host, devices);
            Placer = new PlanPlacer(chain, profile: false, folder, clock);
        }

        public TimedHost Host { get; }

        public PlanPlacer Placer { get; }

        public PlacementFindings Place(Graph graph)
        {
            plans.Add(Placer.Compile(graph));
            return Placer.Of(plans[^1])!;
        }

        public void Dispose()
        {
            foreach (ICompiledPlan plan in plans) plan.Dispose();
            chain.Dispose();
        }
    }
}
