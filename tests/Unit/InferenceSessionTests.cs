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
}
