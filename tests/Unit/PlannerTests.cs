using EdgeRuntime.Diagnostics;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Planning;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tests.Sessions;
using Xunit;

namespace EdgeRuntime.Tests.Unit;

public class PlannerTests
{
    [Fact]
    public void Tensors_alive_together_never_overlap()
    {
        var random = new Random(1);
        for (int round = 0; round < 300; round++)
        {
            MemoryPlanner.Request[] requests = [.. Enumerable.Range(0, random.Next(1, 60)).Select(_ =>
            {
                int first = random.Next(40);
                long bytes = random.Next(5) switch { 0 => 0, 1 => random.Next(64), 2 => 64, _ => random.Next(100_000) };
                return new MemoryPlanner.Request(bytes, first, random.Next(10) == 0 ? int.MaxValue : first + random.Next(10));
            })];
            (long[] offsets, long arena) = MemoryPlanner.Place(requests);

            for (int i = 0; i < requests.Length; i++)
            {
                Assert.Equal(0, offsets[i] % ExecutionPlan.Alignment);
                Assert.InRange(offsets[i] + requests[i].Bytes, 0, arena);
                for (int j = 0; j < i; j++)
                {
                    if (requests[i].Last < requests[j].First || requests[j].Last < requests[i].First) continue;
                    Assert.True(offsets[i] + requests[i].Bytes <= offsets[j] || offsets[j] + requests[j].Bytes <= offsets[i], $"round {round}: {i} and {j} overlap");
                }
            }
            Assert.InRange(arena, Enumerable.Range(0, 60).Max(step => Live(requests, step)), requests.Sum(r => Padded(r.Bytes)));
        }
    }

    [Fact]
    public void Steps_never_write_over_what_is_still_needed()
    {
        var random = new Random(2);
        for (int round = 0; round < 100; round++)
        {
            Graph graph = Networks.Random(random);
            ExecutionPlan plan = Planner.Plan(graph);
            CheckPlan(plan);

            using var session = new InferenceSession(graph);
            using Tensor input = new(graph.Inputs[0].Type);
            foreach (ref float x in input.Span<float>()) x = random.Next(-9, 10);
            Tensor[] expected = GraphInterpreter.Run(graph, [input.View]);
            session.Run([input.View]);
            for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i].Span<float>().ToArray(), session.Output(i).Span<float>().ToArray());
        }
    }

    [Fact]
    public void Views_share_memory_and_are_no_steps()
    {
        var builder = new GraphBuilder("views");
        Value x = builder.Input("x", new TensorType(DataType.F32, 2, 3));
        Value flat = builder.Add1("flat", new Reshape { Target = [6] }, builder.Add1("neg", new Unary { Function = UnaryFunction.Neg }, x));
        builder.Output("again", builder.Add1("again", new Reshape { Target = [3, 2] }, flat));
        builder.Output("seen", builder.Add1("seen", new Reshape { Target = [1, 6] }, x));
        ExecutionPlan plan = Planner.Plan(builder.Build());
        Assert.Single(plan.Steps);
        Assert.Equal(plan.Slots[plan.Steps[0].Outputs[0]].Offset, plan.Slots[plan.Outputs[0].Slot].Offset);
        Assert.Equal(plan.Slots[plan.Inputs[0].Slot].Offset, plan.Slots[plan.Outputs[1].Slot].Offset);
        Assert.Equal(new Shape(3, 2), plan.Slots[plan.Outputs[0].Slot].Type.Shape);
        Assert.Equal(plan.Steps[0].Outputs[0], plan.Slots[plan.Outputs[0].Slot].Storage);
        Assert.Equal(plan.Inputs[0].Slot, plan.Slots[plan.Outputs[1].Slot].Storage);
        Assert.All(plan.Slots, s => Assert.Equal(s.Storage, plan.Slots[s.Storage].Storage));
    }

    [Fact]
    public void Outputs_may_be_inputs_constants_and_the_same_twice()
    {
        var builder = new GraphBuilder("ports");
        Value x = builder.Input("x", new TensorType(DataType.F32, 2));
        Value c = builder.Constant("c", Tensor.Vector<float>(5, 6));
        Value y = builder.Add1("y", new Binary(), x, c);
        builder.Output("x", x);
        builder.Output("c", c);
        builder.Output("y", y);
        builder.Output("y again", y);
        builder.Output("c view", builder.Add1("view", new Reshape { Target = [2, 1] }, c));
        using var session = new InferenceSession(builder.Build());
        session.Run([Tensor.Vector<float>(1, 2).View]);
        float[][] outputs = [.. Enumerable.Range(0, 5).Select(i => session.Output(i).Span<float>().ToArray())];
        Assert.Equal([[1, 2], [5, 6], [6, 8], [6, 8], [5, 6]], outputs);
    }

    [Fact]
    public void Inputs_that_nobody_reads_have_memory_too()
    {
        var builder = new GraphBuilder("unread");
        builder.Input("unread", new TensorType(DataType.F32, 3));
        Value x = builder.Input("x", new TensorType(DataType.F32, 2));
        builder.Output("y", builder.Add1("y", new Unary { Function = UnaryFunction.Neg }, x));
        ExecutionPlan plan = Planner.Plan(builder.Build());
        Assert.Equal(3, plan.Slots.Select(s => s.Offset).Distinct().Count());
    }

    [Fact]
    public void Open_and_absurd_shapes_are_refused()
    {
        var open = new GraphBuilder("open");
        open.Output("y", open.Input("x", new TensorType(DataType.F32, open.Symbol("n"))));
        EdgeException error = Assert.Throws<EdgeException>(() => Planner.Plan(open.Build()));
        Assert.Equal(ErrorCode.CannotPlan, error.Code);
        Assert.Contains("'x'", error.Message);

        var huge = new GraphBuilder("huge");
        huge.Output("y", huge.Input("x", new TensorType(DataType.F64, 1 << 20, 1 << 20)));
        Assert.Equal(ErrorCode.CannotPlan, Assert.Throws<EdgeException>(() => Planner.Plan(huge.Build())).Code);
    }

    [Fact]
    public void Weights_are_widened_once_for_all_shapes()
    {
        var builder = new GraphBuilder("open");
        Value x = builder.Input("x", new TensorType(DataType.F32, builder.Symbol("n"), 256));
        Value w = builder.Constant("w", new Tensor(new TensorType(DataType.F16, 256, 256)));
        builder.Output("y", builder.Add1("y", new MatMul(), x, builder.Add1("wide", new Cast(), w)));
        using var session = new InferenceSession(builder.Build());
        for (int n = 1; n < 4; n++)
        {
            using var input = new Tensor(new TensorType(DataType.F32, n, 256));
            session.Run([input.View]);
            Tensor wide = session.Plan!.Slots.Single(s => s.Name == "wide").Constant!;
            Assert.Same(wide, first ??= wide);
        }
    }

    private Tensor? first;

    /// <summary>Simulates who owns each byte of the arena: a step may only write where nothing needed later lies.</summary>
    private static void CheckPlan(ExecutionPlan plan)
    {
        var lastRead = new Dictionary<int, int>();
        for (int step = 0; step < plan.Steps.Count; step++)
            foreach (int slot in plan.Steps[step].Inputs.Where(s => s >= 0)) lastRead[slot] = step;
        foreach (PlanPort port in plan.Inputs.Concat(plan.Outputs)) lastRead[port.Slot] = int.MaxValue;
        for (int step = 0; step < plan.Steps.Count; step++)
        {
            foreach (int output in plan.Steps[step].Outputs)
            {
                PlanSlot written = plan.Slots[output];
                Assert.InRange(written.Offset + written.Type.ByteCount, 0, plan.ArenaBytes);
                foreach ((int slot, int last) in lastRead)
                {
                    PlanSlot other = plan.Slots[slot];
                    if (slot == output || last < step || other.Kind == SlotKind.Constant || WrittenAt(plan, slot) >= step) continue;
                    if (written.Offset == other.Offset && WrittenAt(plan, slot) < 0 && !plan.Inputs.Any(p => p.Slot == slot)) continue; // a view of it
                    Assert.True(written.Offset + written.Type.ByteCount <= other.Offset || other.Offset + other.Type.ByteCount <= written.Offset,
                        $"step {step} writes over slot {slot}\n{plan}");
                }
            }
        }
    }

    /// <summary>The step that writes a slot; -1 for inputs and views.</summary>
    private static int WrittenAt(ExecutionPlan plan, int slot)
    {
        for (int step = 0; step < plan.Steps.Count; step++)
            if (plan.Steps[step].Outputs.Contains(slot)) return step;
        return -1;
    }

    private static long Live(MemoryPlanner.Request[] requests, int step) => requests.Where(r => r.First <= step && step <= r.Last).Sum(r => Padded(r.Bytes));

    private static long Padded(long bytes) => (bytes + 255) / 256 * 256;
}
