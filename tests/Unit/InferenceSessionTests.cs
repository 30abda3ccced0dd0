using System.Diagnostics;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using Xunit;

namespace EdgeRuntime.Tests.Unit;

public class InferenceSessionTests
{
    [Fact]
    public void Runs_a_planned_graph()
    {
        var builder = new GraphBuilder("two_steps");
        Value x = builder.Input("x", new TensorType(DataType.F32, 2, 3));
        Value w = builder.Constant("w", Tensor.From<float>(new Shape(3, 1), 1, 2, 3));
        Value y = builder.Add1("product", new MatMul(), x, w);
        Value z = builder.Add1("relu", new Unary { Function = UnaryFunction.Relu }, y);
        builder.Output("z", builder.Add1("flat", new Reshape { Target = [-1] }, z));
        using var session = new InferenceSession(builder.Build());

        new float[] { 1, 1, 1, -1, -1, -1 }.CopyTo(session.Input(0).Span<float>());
        session.Run();

        Assert.Equal([6f, 0f], session.Output(0).Span<float>().ToArray());
    }

    [Fact]
    public void Plans_again_for_symbolic_shapes()
    {
        var builder = new GraphBuilder("open");
        Value x = builder.Input("x", new TensorType(DataType.F32, builder.Symbol("n"), 2));
        builder.Output("y", builder.Add1("double", new Binary { Function = BinaryFunction.Add }, x, x));
        using var session = new InferenceSession(builder.Build());

        session.Run([Tensor.From<float>(new Shape(1, 2), 1, 2).View]);
        Assert.Equal([2f, 4f], session.Output(0).Span<float>().ToArray());
        session.Run([Tensor.From<float>(new Shape(2, 2), 1, 2, 3, 4).View]);
        Assert.Equal([2f, 4f, 6f, 8f], session.Output(0).Span<float>().ToArray());
    }

    [Fact]
    public void Goes_on_with_the_old_shapes_when_new_ones_are_refused()
    {
        var builder = new GraphBuilder("open");
        Value x = builder.Input("x", new TensorType(DataType.F32, builder.Symbol("n"), 2));
        builder.Output("y", builder.Add1("pairs", new Reshape { Target = [-1, 4] }, x));
        using var session = new InferenceSession(builder.Build());
        TensorView good = Tensor.From<float>(new Shape(2, 2), 1, 2, 3, 4).View;
        session.Run([good]);

        Assert.Throws<EdgeException>(() => session.Run([Tensor.From<float>(new Shape(1, 2), 1, 2).View]));

        Assert.Equal([1f, 2f, 3f, 4f], session.Output(0).Span<float>().ToArray());
        session.Run();
        session.Run([good]);
        Assert.Equal([1f, 2f, 3f, 4f], session.Output(0).Span<float>().ToArray());
    }

    [Fact]
    public void An_output_that_is_an_input_can_be_fed_back()
    {
        // A line of delay: what came in before goes out, and what comes in now is kept for the next time.
        var builder = new GraphBuilder("delay");
        Value now = builder.Input("now", new TensorType(DataType.F32, 2)), before = builder.Input("before", new TensorType(DataType.F32, 2));
        builder.Output("difference", builder.Add1("difference", new Binary { Function = BinaryFunction.Sub }, now, before));
        builder.Output("kept", now);
        using var session = new InferenceSession(builder.Build());
        session.Run([Tensor.Vector<float>(1, 2).View, Tensor.Vector<float>(0, 0).View]);
        Assert.Equal([1f, 2f], session.Output(0).Span<float>().ToArray());

        session.Run([Tensor.Vector<float>(5, 7).View, session.Output(1)]);

        Assert.Equal([4f, 5f], session.Output(0).Span<float>().ToArray());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Says_so_when_it_is_used_after_disposal(int threads)
    {
        var session = new InferenceSession(Doubling(), new SessionOptions { Threads = threads });
        Planning.ICompiledPlan plan = session.Compiled!;
        session.Dispose();
        session.Dispose();

        Assert.Throws<ObjectDisposedException>(session.Run);
        Assert.Throws<ObjectDisposedException>(plan.Run);
        Assert.Throws<ObjectDisposedException>(() => session.Run([Tensor.Vector<float>(1, 2).View]));
        Assert.Throws<ObjectDisposedException>(() => session.Input(0).Shape);
        Assert.Throws<ObjectDisposedException>(() => session.Output(0).Shape);
    }

    [Fact]
    public void A_model_that_cannot_be_planned_leaves_no_threads()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "counts threads by name in /proc");
        var builder = new GraphBuilder("huge");
        builder.Output("y", builder.Input("x", new TensorType(DataType.F64, 1 << 20, 1 << 20)));
        Graph huge = builder.Build();

        for (int i = 0; i < 3; i++)
            Assert.Throws<EdgeException>(() => new InferenceSession(huge, new SessionOptions { Threads = 67 }));

        using Process self = Process.GetCurrentProcess();
        Assert.InRange(self.Threads.Count, 1, 150);
    }

    [Fact]
    public void Wrong_use_is_said_in_words()
    {
        var builder = new GraphBuilder("open");
        Value x = builder.Input("x", new TensorType(DataType.F32, builder.Symbol("n")));
        builder.Output("y", builder.Add1("y", new Unary { Function = UnaryFunction.Neg }, x));
        using var open = new InferenceSession(builder.Build());
        Assert.Equal(ErrorCode.CannotPlan, Assert.Throws<EdgeException>(() => open.Output(0).Shape).Code);
        Assert.Contains("'x'", Assert.Throws<EdgeException>(() => open.InputIndex("z")).Message);
        Assert.Equal((0, 0), (open.InputIndex("x"), open.OutputIndex("y")));

        using var session = new InferenceSession(Doubling());
        Assert.Throws<ArgumentOutOfRangeException>(() => session.Input(1).Shape);
        Assert.Throws<ArgumentOutOfRangeException>(() => session.Output(-1).Shape);
        Assert.Throws<ArgumentNullException>(() => new InferenceSession(null!));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SessionOptions { Threads = -1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => Shape.OfRank(-1));
    }

    private static Graph Doubling()
    {
        var builder = new GraphBuilder("doubling");
        Value x = builder.Input("x", new TensorType(DataType.F32, 2));
        builder.Output("y", builder.Add1("y", new Binary(), x, x));
        return builder.Build();
    }
}
