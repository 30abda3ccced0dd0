using EdgeRuntime.Backends.Cpu;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Planning;
using EdgeRuntime.Tensors;
using Xunit;

namespace EdgeRuntime.Tests.Sessions;

public sealed class PartitionerTests : IDisposable
{
    private readonly CpuBackend cpu = new(threads: 1);

    public void Dispose() => cpu.Dispose();

    [Fact]
    public void What_is_accepted_is_one_section()
    {
        using var fake = new FakeBackend();
        PlanPartition partition = Divide(Networks.Branches(), fake);
        Assert.Equal(fake, Assert.Single(partition.Sections).Backend);
        Assert.Empty(partition.Refusals);
    }

    [Fact]
    public void Steps_are_put_in_an_order_that_changes_backends_seldom()
    {
        // Eight branches of two steps each; each second one is refused. In the order of the plan that would be 16 sections.
        using var fake = new FakeBackend(step => step.Operator is Unary { Function: UnaryFunction.Abs } ? "no kernel" : null);
        PlanPartition partition = Divide(Networks.Branches(), fake);
        Assert.Equal(["fake", "cpu", "fake"], partition.Sections.Select(s => s.Backend.Traits.Name));
        Assert.Equal(8, partition.Refusals.Count);
        Assert.All(partition.Refusals, r => Assert.Equal(("fake", "no kernel"), (r.Backend, r.Reason)));
    }

    [Fact]
    public void A_section_that_computes_less_than_it_moves_stays_with_its_neighbours()
    {
        var builder = new GraphBuilder("lone");
        Value x = builder.Input("x", new TensorType(DataType.F32, 64));
        x = builder.Add1("abs", new Unary { Function = UnaryFunction.Abs }, x);
        x = builder.Add1("neg", new Unary { Function = UnaryFunction.Neg }, x);
        builder.Output("y", builder.Add1("abs2", new Unary { Function = UnaryFunction.Abs }, x));
        using var fake = new FakeBackend(step => step.Operator is Unary { Function: UnaryFunction.Abs } ? "no kernel" : null);
        PlanPartition partition = Divide(builder.Build(), fake);
        Assert.Equal("cpu", Assert.Single(partition.Sections).Backend.Traits.Name);
        Assert.Contains("its neighbours run on cpu", partition.Refusals.Single(r => r.Step == 1).Reason);
    }

    [Fact]
    public void Sections_of_random_graphs_keep_the_flow_of_data()
    {
        var random = new Random(3);
        for (int round = 0; round < 200; round++)
        {
            Graph graph = Networks.Random(random);
            ExecutionPlan plan = Planner.Plan(graph);
            int salt = random.Next(100);
            using var fake = new FakeBackend(step => (step.Name.Sum(c => c) + salt) % 3 == 0 ? "told so" : null);
            PlanPartition partition = Partitioner.Divide(plan, [fake, cpu]);

            Assert.Equal(Enumerable.Range(0, plan.Steps.Count), partition.Sections.SelectMany(s => s.Steps).Order());
            var known = new HashSet<int>(plan.Inputs.Select(i => i.Slot));
            foreach (PlanSection section in partition.Sections)
            {
                Assert.Subset(known, section.Inputs.ToHashSet());
                known.UnionWith(section.Outputs);
                Assert.All(section.Plan.Slots, s => Assert.Equal(s.Storage, section.Plan.Slots[s.Storage].Storage));
            }
            Assert.Subset(known, plan.Outputs.Select(o => plan.Slots[o.Slot].Storage).Where(s => plan.Slots[s].Kind != SlotKind.Constant).ToHashSet());
        }
    }

    [Fact]
    public void A_step_that_nobody_takes_is_an_error_with_the_reason()
    {
        using var fake = new FakeBackend(_ => "not today");
        EdgeException error = Assert.Throws<EdgeException>(() => Partitioner.Divide(Planner.Plan(Networks.Branches()), [fake]));
        Assert.Equal(ErrorCode.NoBackend, error.Code);
        Assert.Contains("not today", error.Message);
    }

    private PlanPartition Divide(Graph graph, IBackend backend) => Partitioner.Divide(Planner.Plan(graph), [backend, cpu]);
}
