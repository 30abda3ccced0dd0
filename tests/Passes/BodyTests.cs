using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tests.Format;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Passes;
using Xunit;

namespace EdgeRuntime.Tests.Passes;

/// <summary>Passes inside the bodies of operators.</summary>
public class BodyTests
{
    [Fact]
    public void Passes_reach_bodies_inside_bodies()
    {
        Graph graph = Choice(branch =>
        {
            GraphBuilder inner = branch.Nested("inner");
            Value x = inner.Input("x", new TensorType(DataType.F32, 4));
            inner.Output("y", inner.Add1("relu", new Unary { Function = UnaryFunction.Relu }, inner.Add1("same", new Unary { Function = UnaryFunction.Identity }, x)));
            var body = new GraphBody(inner.Build());
            return branch.Add1("inner", new If(body, body), branch.Input("c", new TensorType(DataType.Bool)), branch.Input("x", new TensorType(DataType.F32, 4)));
        });
        PassPipeline.Run(graph);
        var outer = (GraphBody)graph.Nodes[0].Operator.Bodies[0];
        var inner = (GraphBody)outer.Graph.Nodes[0].Operator.Bodies[0];
        Assert.Equal(["Unary"], inner.Graph.Nodes.Select(n => n.Operator.Name));
    }

    [Fact]
    public void Constants_around_a_body_are_known_inside()
    {
        var builder = new GraphBuilder("outer");
        GraphBuilder then = builder.Nested("then"), otherwise = builder.Nested("else");
        foreach (GraphBuilder branch in new[] { then, otherwise })
        {
            Value x = branch.Input("x", new TensorType(DataType.F32, 4)), shape = branch.Input("shape", new TensorType(DataType.I64, 2)), unread = branch.Input("unread", new TensorType(DataType.F32, 4));
            Value folded = branch.Add1("fold", new Reshape(), x, shape);
            branch.Output("y", branch == then ? folded : branch.Add1("sum", new Binary(), folded, branch.Add1("fold too", new Reshape(), unread, shape)));
        }
        Value condition = builder.Input("c", new TensorType(DataType.Bool)), a = builder.Input("a", new TensorType(DataType.F32, 4)), b = builder.Input("b", new TensorType(DataType.F32, 4));
        builder.Output("y", builder.Add1("if", new If(new GraphBody(then.Build()), new GraphBody(otherwise.Build())), condition, a, builder.Constant("shape", Tensor.Vector(2L, 2)), b));
        Graph graph = builder.Build();

        PassPipeline.Run(graph);

        Node choice = Assert.Single(graph.Nodes);
        Assert.Equal(["c", "a", "b"], choice.Inputs.Select(i => i!.Name));
        Assert.Equal(new Shape(2, 2), choice.Outputs[0].Type.Shape);
    }

    [Fact]
    public void A_choice_whose_condition_is_known_is_its_branch()
    {
        var builder = new GraphBuilder("outer");
        GraphBuilder then = builder.Nested("then"), otherwise = builder.Nested("else");
        then.Output("y", then.Add1("abs", new Unary { Function = UnaryFunction.Abs }, then.Input("x", new TensorType(DataType.F32, 4))));
        otherwise.Output("y", otherwise.Input("x", new TensorType(DataType.F32, 4)));
        Value x = builder.Input("x", new TensorType(DataType.F32, 4));
        var op = new If(new GraphBody(then.Build()), new GraphBody(otherwise.Build()));
        builder.Output("a", builder.Add1("first", op, builder.Constant("true", Tensor.Scalar(true)), x));
        builder.Output("b", builder.Add1("second", op, builder.Constant("false", Tensor.Scalar(false)), x));
        Graph graph = builder.Build();

        PassPipeline.Run(graph);

        Assert.Equal(["Unary"], graph.Nodes.Select(n => n.Operator.Name));
        Assert.Equal([graph.Nodes[0].Outputs[0], graph.Inputs[0]], graph.Outputs.Select(o => o.Value));
    }

    [Fact]
    public void Nodes_with_bodies_are_not_merged()
    {
        Graph graph = SmallModels.Nested();
        Node loop = graph.Nodes.Single(n => n.Operator is Loop);
        Assert.Null(MergeDuplicates.Visit(graph, loop));
    }

    [Fact]
    public void Constants_of_bodies_are_shared_and_kept_as_halves_once()
    {
        var weights = new Tensor[2];
        for (int i = 0; i < weights.Length; i++) weights[i] = Tensor.From<float>(new Shape(256), [.. Enumerable.Range(0, 256).Select(v => v / 8f)]);
        var builder = new GraphBuilder("outer");
        GraphBody[] branches = [.. weights.Select((w, i) =>
        {
            GraphBuilder branch = builder.Nested($"branch {i}");
            branch.Output("y", branch.Add1("f", new Binary { Function = i == 0 ? BinaryFunction.Add : BinaryFunction.Mul }, branch.Input("x", new TensorType(DataType.F32, 256)), branch.Constant("w", w)));
            return new GraphBody(branch.Build());
        })];
        builder.Output("y", builder.Add1("if", new If(branches[0], branches[1]), builder.Input("c", new TensorType(DataType.Bool)), builder.Input("x", new TensorType(DataType.F32, 256))));
        Graph graph = builder.Build();

        Assert.Equal(1, SharedConstants.Apply(graph));
        Assert.Equal(2, HalfWeights.Apply(graph));

        Tensor[] kept = [.. graph.Nodes[0].Operator.Bodies.Select(b => ((GraphBody)b).Graph.Constants.Single().Constant!)];
        Assert.Same(kept[0], kept[1]);
        Assert.Equal(DataType.F16, kept[0].Type.DataType);
    }

    private static Graph Choice(Func<GraphBuilder, Value> branch)
    {
        var builder = new GraphBuilder("outer");
        GraphBuilder nested = builder.Nested("branch");
        nested.Output("y", branch(nested));
        var body = new GraphBody(nested.Build());
        Value condition = builder.Input("condition", new TensorType(DataType.Bool)), c = builder.Input("c", new TensorType(DataType.Bool)), x = builder.Input("x", new TensorType(DataType.F32, 4));
        builder.Output("y", builder.Add1("if", new If(body, body), condition, c, x));
        return builder.Build();
    }
}
