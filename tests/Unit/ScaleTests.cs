using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Planning;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Passes;
using Xunit;

namespace EdgeRuntime.Tests.Unit;

/// <summary>Large graphs: work is counted, so that the tests say the same on every machine.</summary>
public class ScaleTests
{
    private const int Nodes = 20_000;

    private static readonly TensorType Small = new(DataType.F32, 4);

    [Fact]
    public void Rewriting_a_long_chain_is_work_in_proportion_to_the_edits()
    {
        var builder = new GraphBuilder("chain");
        Value value = builder.Input("x", Small);
        for (int i = 0; i < Nodes / 2; i++)
        {
            value = builder.Add1($"shift{i}", new Unary { Function = UnaryFunction.Sin }, value);
            value = builder.Add1($"same{i}", new Unary { Function = UnaryFunction.Identity }, value);
        }
        builder.Output("y", value);
        Graph graph = builder.Build();
        long before = graph.Work;
        int edits = PassPipeline.Run(graph).Sum(r => r.Edits);
        Assert.Equal(Nodes / 2, graph.Nodes.Count);
        Assert.Equal(Nodes / 2, edits);
        Assert.InRange(graph.Work - before, edits, 10L * edits);
        ExecutionPlan plan = Planner.Plan(graph);
        Assert.Equal(4 * ExecutionPlan.Alignment, plan.ArenaBytes);
    }

    [Fact]
    public void Rewriting_a_wide_graph_is_work_in_proportion_to_the_edits()
    {
        var builder = new GraphBuilder("wide");
        Value x = builder.Input("x", Small);
        var branches = new Value[Nodes / 4];
        for (int i = 0; i < branches.Length; i++)
        {
            Value scaled = builder.Add1($"scale{i}", new Binary { Function = BinaryFunction.Mul }, x, builder.Constant($"c{i}", Tensor.Scalar((float)i + 2)));
            branches[i] = builder.Add1($"silu{i}", new Binary { Function = BinaryFunction.Mul }, scaled, builder.Add1($"gate{i}", new Unary { Function = UnaryFunction.Sigmoid }, scaled));
        }
        builder.Output("y", builder.Add1("all", new Concat { Axis = 0 }, branches));
        Graph graph = builder.Build();
        long before = graph.Work;
        int edits = PassPipeline.Run(graph).Sum(r => r.Edits);
        Assert.InRange(edits, branches.Length, 4 * branches.Length);
        Assert.InRange(graph.Work - before, edits, 10L * edits);
        ExecutionPlan plan = Planner.Plan(graph);
        Assert.True(plan.Steps.Count >= branches.Length);
    }

    [Fact]
    public void Patches_out_of_order_move_what_they_need_and_no_more()
    {
        var builder = new GraphBuilder("late");
        Value x = builder.Input("x", Small), y = x;
        for (int i = 0; i < 100; i++) y = builder.Add1($"early{i}", new Unary { Function = UnaryFunction.Sin }, y);
        Value z = x;
        for (int i = 0; i < 5; i++) z = builder.Add1($"late{i}", new Unary { Function = UnaryFunction.Cos }, z);
        builder.Output("y", y);
        builder.Output("z", z);
        Graph graph = builder.Build();
        long before = graph.Work;

        // The second node of the first branch now begins with the end of the other.
        graph.Apply(new GraphPatch().Replace(graph.Nodes[0].Outputs[0], z));
        GraphVerifier.Verify(graph);
        Assert.Equal(["late0", "late1", "late2", "late3", "late4", "early1", "early2"], graph.Nodes.Take(7).Select(n => n.Name));
        Assert.InRange(graph.Work - before, 5, 30);
    }

    [Fact]
    public void Arenas_are_those_of_the_simple_planner()
    {
        var random = new Random(3);
        for (int round = 0; round < 200; round++)
        {
            MemoryPlanner.Request[] requests = [.. Enumerable.Range(0, random.Next(1, 120)).Select(_ =>
            {
                int first = random.Next(60);
                return new MemoryPlanner.Request(random.Next(4) == 0 ? random.Next(600) : random.Next(20_000), first, random.Next(12) == 0 ? int.MaxValue : first + random.Next(12));
            })];
            Assert.Equal(Simple(requests), MemoryPlanner.Place(requests).Offsets);
        }
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(3, 12)]
    [InlineData(Nodes, 0)]
    public void Planning_memory_looks_at_neighbours_only(int length, int most)
    {
        var random = new Random(4);
        MemoryPlanner.Request[] requests = [.. Enumerable.Range(0, Nodes).Select(i => new MemoryPlanner.Request(1 + random.Next(100_000), length == Nodes ? 0 : i, i + length))];
        (long[] offsets, long arena) = MemoryPlanner.Place(requests, out long work);
        Assert.InRange(work, 0, (long)most * Nodes);
        Assert.True(arena >= offsets.Max());
    }

    /// <summary>Each request in turn compared with all that are placed.</summary>
    private static long[] Simple(MemoryPlanner.Request[] requests)
    {
        long[] offsets = new long[requests.Length];
        List<int> placed = [];
        foreach (int index in Enumerable.Range(0, requests.Length).OrderByDescending(i => requests[i].Bytes))
        {
            long offset = 0;
            foreach (int other in placed.OrderBy(p => offsets[p]))
            {
                if (requests[other].Last < requests[index].First || requests[index].Last < requests[other].First) continue;
                if (offset + Padded(requests[index].Bytes) <= offsets[other]) break;
                offset = Math.Max(offset, offsets[other] + Padded(requests[other].Bytes));
            }
            offsets[index] = offset;
            placed.Add(index);
        }
        return offsets;
    }

    private static long Padded(long bytes) => (bytes + ExecutionPlan.Alignment - 1) / ExecutionPlan.Alignment * ExecutionPlan.Alignment;
}
