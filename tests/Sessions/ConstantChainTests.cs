using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using Xunit;

namespace EdgeRuntime.Tests.Sessions;

/// <summary>Large weights that are widened when a session begins.</summary>
public class ConstantChainTests
{
    [Theory]
    [InlineData(DataType.I8)]
    [InlineData(DataType.U8)]
    [InlineData(DataType.F16)]
    public void Widened_weights_are_those_of_the_definitions(DataType stored)
    {
        Graph graph = Product(stored, out _);
        using var x = new Tensor(new TensorType(DataType.F32, 3, 200));
        foreach (ref float element in x.Span<float>()) element = Random.Shared.NextSingle();
        Tensor[] expected = GraphInterpreter.Run(graph, [x.View]);
        using var session = new InferenceSession(graph, new SessionOptions { Threads = 2 });
        session.Run([x.View]);
        Assert.Equal(["MatMul"], session.Plan!.Steps.Select(s => s.Operator.Name));
        // The weights themselves, bit by bit: the product's input.
        Tensor weights = session.Plan.Slots[session.Plan.Steps[0].Inputs[1]].Constant!;
        using var identity = new Tensor(new TensorType(DataType.F32, 200, 200));
        for (int i = 0; i < 200; i++) identity.Span<float>()[i * 201] = 1;
        Assert.Equal(GraphInterpreter.Run(graph, [identity.View])[0].Span<float>().ToArray(), weights.Span<float>().ToArray());
        Assert.Equal(expected[0].Span<float>().ToArray(), session.Output(0).Span<float>().ToArray(), (a, b) => Math.Abs(a - b) <= 1e-4f * Math.Max(1, Math.Abs(a)));
    }

    [Fact]
    public void What_two_read_ends_the_chain()
    {
        Graph graph = Product(DataType.I8, out Node scaled);
        List<Node> chain = ConstantChain.From(scaled.Inputs[0]!.Producer!, graph);
        Assert.Equal(["Cast", "Binary", "Binary", "Transpose"], chain.Select(n => n.Operator.Name));

        var builder = new GraphBuilder("two readers");
        Value wide = builder.Add1("wide", new Cast(), builder.Constant("w", new Tensor(new TensorType(DataType.I8, 300, 200))));
        builder.Output("a", builder.Add1("a", new Transpose { Permutation = [1, 0] }, wide));
        builder.Output("b", builder.Add1("b", new Unary { Function = UnaryFunction.Abs }, wide));
        Graph shared = builder.Build();
        Assert.Equal(["Cast"], ConstantChain.From(shared.Nodes[0], shared).Select(n => n.Operator.Name));
    }

    /// <summary>x · transposed(cast(w) · scale + zero).</summary>
    private static Graph Product(DataType stored, out Node scaled)
    {
        var builder = new GraphBuilder("product");
        var weight = new Tensor(new TensorType(stored, 300, 200));
        var random = new Random(3);
        if (stored == DataType.F16)
            foreach (ref Half element in weight.Span<Half>()) element = (Half)(random.NextSingle() - 0.5f);
        else random.NextBytes(weight.View.Bytes);
        Value wide = builder.Add1("wide", new Cast(), builder.Constant("w", weight));
        Value product = builder.Add1("scaled", new Binary { Function = BinaryFunction.Mul }, wide, builder.Constant("scale", Tensor.Vector(0.013f)));
        Value moved = builder.Add1("moved", new Binary { Function = BinaryFunction.Add }, product, builder.Constant("zero", Tensor.Vector(0.25f)));
        Value turned = builder.Add1("turned", new Transpose { Permutation = [1, 0] }, moved);
        builder.Output("y", builder.Add1("y", new MatMul(), builder.Input("x", new TensorType(DataType.F32, builder.Symbol("n"), 200)), turned));
        scaled = product.Producer!;
        return builder.Build();
    }
}
