using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;
using Xunit;

namespace EdgeRuntime.Tests.Passes;

/// <summary>Shape arithmetic on symbols: what exporters compute at run time is told from the symbols, and nothing of it is left.</summary>
public class SymbolTests
{
    [Fact]
    public void Heads_are_split_and_joined_without_arithmetic()
    {
        Graph graph = PassCheck.SameNumbers(() =>
        {
            GraphBuilder b = Sequence(out Value x);
            Value shape = b.Add1("shape", new ShapeOf(), x), batch = Size(b, shape, 0), length = Size(b, shape, 1);
            Value width = b.Apply("width", BinaryFunction.Div, Size(b, shape, 2), Long(b, 4));
            Value heads = b.Add1("split", new Reshape(), x, b.Add1("to", new Concat(), batch, length, Long(b, 4), width));
            Value turned = b.Add1("turned", new Transpose { Permutation = [0, 2, 1, 3] }, b.Apply("exp", UnaryFunction.Exp, heads));
            Value back = b.Add1("back", new Transpose { Permutation = [0, 2, 1, 3] }, b.Apply("abs", UnaryFunction.Abs, turned));
            b.Output("y", b.Add1("join", new Reshape(), back, b.Add1("of", new Concat(), batch, length, b.Apply("all", BinaryFunction.Mul, Long(b, 4), width))));
            return b.Build();
        }, [new Shape(2, 5, 8)]);
        Assert.DoesNotContain(graph.Nodes, n => n.Operator is ShapeOf or Gather or Concat or Transpose);
        Assert.Equal("batch x length x 8", graph.Outputs[0].Value.Type.Shape.Format(graph.Symbols));
    }

    [Theory]
    [InlineData(new long[] { -1, 4, 8 }, "batch x 4 x 8", false)]
    [InlineData(new long[] { 0, -1 }, "batch x 32", true)]
    [InlineData(new long[] { -1, 8 }, "? x 8", true)]
    [InlineData(new long[] { -1, 16, 2 }, "batch x 16 x 2", true)]
    [InlineData(new long[] { 2, -1 }, "2x?", true)]
    public void What_is_left_over_is_told(long[] target, string expected, bool kept)
    {
        var b = new GraphBuilder("left over");
        Value x = b.Input("x", new TensorType(DataType.F32, b.Symbol("batch"), 4, 8));
        Value y = b.Add1("y", new Reshape { Target = target }, x);
        b.Output("y", b.Apply("exp", UnaryFunction.Exp, y));
        Graph graph = b.Build();
        Assert.Equal(expected.Replace(" x 8", expected.StartsWith('?') ? "x8" : " x 8", StringComparison.Ordinal), y.Type.Shape.Format(graph.Symbols));
        Tools.Passes.PassPipeline.Run(graph);
        Assert.Equal(kept, graph.Nodes.Any(n => n.Operator is Reshape));
    }

    [Fact]
    public void An_expansion_to_its_own_shape_is_none()
    {
        Graph graph = PassCheck.SameNumbers(() =>
        {
            GraphBuilder b = Sequence(out Value x);
            Value shape = b.Add1("shape", new ShapeOf(), x);
            // What PyTorch writes for expand(-1, ...): sizes of -1 become ones by a comparison.
            Value given = b.Add1("given", new Concat(), Size(b, shape, 0), Long(b, -1), Long(b, 8));
            Value own = b.Apply("own", BinaryFunction.Equal, given, Long(b, -1));
            Value target = b.Add1("target", new Where(), own, b.Constant("ones", Tensor.Vector<long>(1, 1, 1)), given);
            b.Output("y", b.Apply("exp", UnaryFunction.Exp, b.Add1("expand", new Expand(), x, target)));
            return b.Build();
        }, [new Shape(3, 5, 8)]);
        Assert.Equal(["Unary"], PassCheck.Operators(graph));
    }

    [Fact]
    public void What_cannot_be_told_is_computed()
    {
        Graph graph = PassCheck.SameNumbers(() =>
        {
            GraphBuilder b = Sequence(out Value x);
            Value shape = b.Add1("shape", new ShapeOf(), x);
            Value half = b.Apply("half", BinaryFunction.Div, Size(b, shape, 1), Long(b, 2));
            b.Output("y", b.Add1("split", new Reshape(), x, b.Add1("to", new Concat(), b.Apply("double", BinaryFunction.Mul, Size(b, shape, 0), Long(b, 2)), half, Long(b, 8))));
            return b.Build();
        }, [new Shape(3, 6, 8)]);
        Assert.Contains(graph.Nodes, n => n.Operator is ShapeOf);
    }

    private static GraphBuilder Sequence(out Value x)
    {
        var b = new GraphBuilder("sequence");
        x = b.Input("x", new TensorType(DataType.F32, b.Symbol("batch"), b.Symbol("length"), 8));
        return b;
    }

    private static Value Size(GraphBuilder b, Value shape, long axis) => b.Add1($"size {axis}", new Unsqueeze { Axes = [0] }, b.Add1($"at {axis}", new Gather(), shape, b.Constant("i", Tensor.Scalar(axis))));

    private static Value Long(GraphBuilder b, long value) => b.Constant($"{value}", Tensor.Vector<long>(value));
}
