using EdgeRuntime.Backends.Cpu;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Planning;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using Xunit;

namespace EdgeRuntime.Tests.Sessions;

/// <summary>Plans for the last shapes are kept, and weights are packed once for all of them.</summary>
public class PlanCacheTests
{
    [Fact]
    public void Shapes_that_alternate_are_planned_for_once()
    {
        using var session = new InferenceSession(Product(), new SessionOptions { Threads = 1, KeptPlans = 2 });
        ICompiledPlan[] plans = [Planned(1), Planned(2), Planned(1), Planned(2), Planned(3), Planned(2), Planned(1)];
        Assert.Same(plans[0], plans[2]);
        Assert.Same(plans[1], plans[3]);
        Assert.Same(plans[1], plans[5]);
        // The one that was used least recently made place for the third shape.
        Assert.NotSame(plans[0], plans[6]);

        ICompiledPlan Planned(int rows)
        {
            using var x = new Tensor(new TensorType(DataType.F32, rows, 16));
            x.Span<float>().Fill(1);
            session.Run([x.View]);
            Assert.Equal(new Shape(rows, 24), session.Output(0).Shape);
            Assert.All(session.Output(0).Span<float>().ToArray(), y => Assert.Equal(8, y));
            return session.Compiled!;
        }
    }

    [Fact]
    public void Weights_are_packed_once_for_all_shapes()
    {
        Graph graph = Product();
        var weights = new PackedWeights();
        using var pool = new WorkerPool(1);
        using var bodies = new BodyPlans(_ => throw new InvalidOperationException(), 1);
        using var context = new CpuContext(pool, weights, bodies);
        CpuPlan[] plans = [.. Enumerable.Range(1, 9).Select(rows => new CpuPlan(Planner.Plan(GraphBinding.Bind(graph, [new Shape(rows, 16)])), new Dictionary<int, TensorView>(), context, false))];
        Assert.Equal(1, weights.Made);

        // A plan that goes takes nothing from the others.
        foreach (CpuPlan plan in plans[1..]) plan.Dispose();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        plans[0].Input(0).Span<float>().Fill(2);
        plans[0].Run();
        Assert.All(plans[0].Output(0).Span<float>().ToArray(), y => Assert.Equal(16, y));
        plans[0].Dispose();
    }

    private static Graph Product()
    {
        var builder = new GraphBuilder("product");
        var weight = new Tensor(new TensorType(DataType.F32, 16, 24));
        weight.Span<float>().Fill(0.5f);
        builder.Output("y", builder.Add1("y", new MatMul(), builder.Input("x", new TensorType(DataType.F32, builder.Symbol("n"), 16)), builder.Constant("w", weight)));
        return builder.Build();
    }
}
