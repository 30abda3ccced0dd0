using EdgeRuntime.Backends.Cpu;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Planning;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tests.Realtime;
using Xunit;

namespace EdgeRuntime.Tests.Sessions;

/// <summary>The division of plans by what steps and transfers cost, compared with all divisions there are.</summary>
public class PlacementSolverTests
{
    [Fact]
    public void No_division_of_the_order_costs_less()
    {
        var random = new Random(71);
        int compared = 0;
        for (int round = 0; round < 400; round++)
        {
            ExecutionPlan plan = Planner.Plan(Networks.Random(random));
            if (plan.Steps.Count > 8) continue;
            PlacementCosts costs = Costs(plan, random, backends: random.Next(2, 4));
            var flow = new PlanFlow(plan);
            int[] order = [.. Enumerable.Range(0, plan.Steps.Count)];
            double least = All(costs, plan.Steps.Count).Min(a => PlacementSolver.Cost(flow, costs, a, order));
            Assert.Equal(least, PlacementSolver.Cost(flow, costs, PlacementSolver.InOrder(flow, costs, order), order), 1e-6 * least);
            compared++;
        }
        Assert.True(compared > 100, $"{compared} plans were small enough.");
    }

    [Fact]
    public void In_a_chain_what_is_found_is_the_best_there_is()
    {
        var random = new Random(72);
        for (int round = 0; round < 100; round++)
        {
            ExecutionPlan plan = Planner.Plan(Chain(random.Next(1, 8)));
            PlacementCosts costs = Costs(plan, random, backends: random.Next(2, 4));
            var flow = new PlanFlow(plan);
            double least = All(costs, plan.Steps.Count).Min(a => PlacementSolver.Cost(flow, costs, a));
            Assert.Equal(least, PlacementSolver.Cost(flow, costs, PlacementSolver.Solve(flow, costs)), 1e-6 * least);
        }
    }

    [Fact]
    public void What_is_found_never_costs_more_than_a_single_backend()
    {
        var random = new Random(73);
        for (int round = 0; round < 300; round++)
        {
            ExecutionPlan plan = Planner.Plan(Networks.Random(random));
            PlacementCosts costs = Costs(plan, random, backends: random.Next(2, 5));
            var flow = new PlanFlow(plan);
            int[] found = PlacementSolver.Solve(flow, costs);
            double cost = PlacementSolver.Cost(flow, costs, found);
            int host = costs.Backends - 1;
            for (int b = 0; b <= host; b++)
                Assert.True(cost <= PlacementSolver.Cost(flow, costs, [.. costs.Steps[b].Select(t => double.IsNaN(t) ? host : b)]) + 1e-6);
            Assert.All(Enumerable.Range(0, found.Length), s => Assert.False(double.IsNaN(costs.Steps[found[s]][s])));
        }
    }

    [Fact]
    public void Costs_count_the_bytes_that_sections_move()
    {
        var random = new Random(74);
        var clock = new ManualClock();
        using var cpu = new CpuBackend(threads: 1);
        for (int round = 0; round < 200; round++)
        {
            ExecutionPlan plan = Planner.Plan(Networks.Random(random));
            PlacementCosts costs = Costs(plan, random, backends: 3);
            var flow = new PlanFlow(plan);
            int[] backendOf = [.. Enumerable.Range(0, plan.Steps.Count).Select(s => random.Next(3) is var b && !double.IsNaN(costs.Steps[b][s]) ? b : 2)];
            using TimedBackend one = new("one", clock, _ => 1), two = new("two", clock, _ => 1);
            IBackend[] backends = [one, two, cpu];
            PlanPartition partition = Partitioner.Divide(plan, backends, new PlanAssignment([.. backends.Select(b => b.Traits)], backendOf));
            double expected = partition.Sections.Sum(s => Array.IndexOf(backends, s.Backend) is var b ? s.Steps.Sum(i => costs.Steps[b][i]) + costs.Transfers[b].Of(s.BytesIn, s.BytesOut) : 0);
            Assert.Equal(expected, PlacementSolver.Cost(flow, costs, backendOf), 1e-6 * Math.Max(1, expected));
            Assert.All(partition.Sections, s => Assert.All(s.Steps, i => Assert.Equal(backends[backendOf[i]], s.Backend)));
        }
    }

    [Fact]
    public void Steps_of_a_backend_that_is_gone_go_to_the_next_that_takes_them()
    {
        ExecutionPlan plan = Planner.Plan(Chain(4));
        var clock = new ManualClock();
        using var cpu = new CpuBackend(threads: 1);
        using TimedBackend one = new("one", clock, _ => 1), two = new("two", clock, _ => 1, reject: s => s.Name == "step1" ? "not that one" : null);
        var assignment = new PlanAssignment([one.Traits, two.Traits, cpu.Traits], [0, 0, 2, 2]);
        Assert.Equal(["one", "cpu"], Names([one, two, cpu]));
        Assert.Equal(["two", "cpu"], Names([two, cpu]));
        Assert.Equal("cpu", Assert.Single(Names([cpu])));

        IEnumerable<string> Names(IBackend[] backends) => Partitioner.Divide(plan, backends, assignment).Sections.Select(s => s.Backend.Traits.Name);
    }

    /// <summary>Absolute values, one of the other.</summary>
    internal static Graph Chain(int steps, int elements = 12)
    {
        var builder = new GraphBuilder("chain");
        Value x = builder.Input("x", new TensorType(DataType.F32, elements));
        for (int i = 0; i < steps; i++) x = builder.Add1($"step{i}", new Unary { Function = UnaryFunction.Abs }, x);
        builder.Output("y", x);
        return builder.Build();
    }

    private static PlacementCosts Costs(ExecutionPlan plan, Random random, int backends)
    {
        double[][] steps = [.. Enumerable.Range(0, backends).Select(b => Enumerable.Range(0, plan.Steps.Count).Select(_ => b < backends - 1 && random.Next(5) == 0 ? double.NaN : random.Next(1, 1000)).ToArray())];
        TransferCost[] transfers = [.. Enumerable.Range(0, backends).Select(b => b == backends - 1 ? default : new TransferCost(random.Next(300), random.NextDouble() * 5, random.NextDouble() * 5))];
        return new PlacementCosts(steps, transfers);
    }

    private static IEnumerable<int[]> All(PlacementCosts costs, int steps)
    {
        int count = (int)Math.Pow(costs.Backends, steps);
        for (int code = 0; code < count; code++)
        {
            int[] backendOf = new int[steps];
            for (int i = 0, rest = code; i < steps; i++, rest /= costs.Backends) backendOf[i] = rest % costs.Backends;
            if (Enumerable.Range(0, steps).All(s => !double.IsNaN(costs.Steps[backendOf[s]][s]))) yield return backendOf;
        }
    }
}
