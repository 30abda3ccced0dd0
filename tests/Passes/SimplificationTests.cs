using EdgeRuntime.Diagnostics;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Passes;
using Xunit;

namespace EdgeRuntime.Tests.Passes;

public class SimplificationTests
{
    [Fact]
    public void What_changes_nothing_is_removed()
    {
        Graph graph = PassCheck.SameNumbers(() =>
        {
            var b = new GraphBuilder("nothing");
            Value y = b.Apply("exp", UnaryFunction.Exp, b.Input("x", new TensorType(DataType.F32, 2, 3)));
            y = b.Apply("identity", UnaryFunction.Identity, y);
            y = b.Add1("cast", new Cast { To = DataType.F32 }, y);
            y = b.Add1("pad", new Pad { Pads = [0, 0, 0, 0] }, y);
            y = b.Add1("slice", new Slice { Starts = [0], Ends = [100] }, y);
            y = b.Add1("concat", new Concat(), y);
            y = b.Add1("transpose", new Transpose { Permutation = [0, 1] }, y);
            y = b.Apply("times", BinaryFunction.Mul, b.Number(1), y);
            y = b.Apply("minus", BinaryFunction.Sub, y, b.Number(0));
            b.Output("y", b.Add1("reshape", new Reshape { Target = [2, -1] }, y));
            return b.Build();
        });
        Assert.Equal(["Unary"], PassCheck.Operators(graph));
    }

    [Theory]
    [InlineData(3, true)]
    [InlineData(-1, true)]
    [InlineData(1, false)]
    public void Zeros_joined_at_the_end_are_padding(int axis, bool atTheEnd)
    {
        Graph graph = PassCheck.SameNumbers(() =>
        {
            var b = new GraphBuilder("widened");
            Value x = b.Apply("exp", UnaryFunction.Exp, b.Input("x", new TensorType(DataType.F32, 1, 2, 3, 5)));
            int[] shape = [1, 2, 3, 5];
            shape[axis < 0 ? axis + 4 : axis] = 2;
            Value zeros = b.Constant("zeros", new Tensor(new TensorType(DataType.F32, shape)));
            Value spread = b.Add1("spread", new Expand { Target = Array.ConvertAll(shape, d => (long)d) }, b.Number(0));
            b.Output("y", b.Add1("joined", new Concat { Axis = axis }, atTheEnd ? [x, zeros, spread] : [zeros, x]));
            return b.Build();
        });
        Assert.Equal(["Unary", atTheEnd ? "Pad" : "Concat"], PassCheck.Operators(graph));
    }

    [Fact]
    public void A_slice_backwards_is_kept()
    {
        Graph graph = PassCheck.SameNumbers(() =>
        {
            var b = new GraphBuilder("reverse");
            b.Output("y", b.Add1("slice", new Slice { Starts = [-1], Ends = [-100], Steps = [-1] }, b.Input("x", new TensorType(DataType.F32, 5))));
            return b.Build();
        });
        Assert.Equal(["Slice"], PassCheck.Operators(graph));
    }

    [Fact]
    public void A_neutral_constant_that_widens_is_kept()
    {
        Graph graph = PassCheck.SameNumbers(() =>
        {
            var b = new GraphBuilder("wide");
            b.Output("y", b.Apply("times", BinaryFunction.Mul, b.Input("x", new TensorType(DataType.F32, 3)), b.Constant("one", Tensor.From<float>(new Shape(1, 1), 1))));
            return b.Build();
        });
        Assert.Equal(["Binary"], PassCheck.Operators(graph));
    }

    [Fact]
    public void Reshapes_in_a_row_are_one()
    {
        Graph graph = PassCheck.SameNumbers(() =>
        {
            var b = new GraphBuilder("shapes");
            Value y = b.Add1("flat", new Flatten { Axis = 1 }, b.Input("x", new TensorType(DataType.F32, 2, 3, 4)));
            y = b.Add1("wide", new Unsqueeze { Axes = [0] }, y);
            b.Output("y", b.Add1("last", new Reshape(), y, b.Constant("shape", Tensor.Vector(4L, -1))));
            return b.Build();
        });
        Assert.Equal("Reshape(target: [4 6], allow_zero: 1)", Assert.Single(graph.Nodes).Operator.ToString());
    }

    [Fact]
    public void Constants_are_computed_and_twins_are_one()
    {
        Graph graph = PassCheck.SameNumbers(() =>
        {
            var b = new GraphBuilder("twins");
            Value x = b.Input("x", new TensorType(DataType.F32, b.Symbol("n"), 3));
            Value constant = b.Apply("sum", BinaryFunction.Add, b.Number(2), b.Number(3));
            Value first = b.Apply("first", BinaryFunction.Mul, x, constant), second = b.Apply("second", BinaryFunction.Mul, x, b.Number(5));
            b.Output("y", b.Add1("both", new Concat { Axis = 1 }, first, second));
            return b.Build();
        }, [new Shape(2, 3)]);
        Assert.Equal(["Binary", "Concat"], PassCheck.Operators(graph));
    }

    [Fact]
    public void Outputs_keep_their_names_when_values_merge()
    {
        Graph graph = PassCheck.SameNumbers(() =>
        {
            var b = new GraphBuilder("outputs");
            Value x = b.Input("x", new TensorType(DataType.F32, 3));
            b.Output("a", b.Apply("id", UnaryFunction.Identity, x));
            b.Output("b", b.Apply("exp1", UnaryFunction.Exp, x));
            b.Output("c", b.Apply("exp2", UnaryFunction.Exp, x));
            b.Output("d", b.Apply("two", BinaryFunction.Add, b.Number(1), b.Number(1)));
            return b.Build();
        });
        Assert.Equal(["a", "b", "c", "d"], graph.Outputs.Select(o => o.Name));
        Assert.Single(graph.Nodes);
    }

    [Fact]
    public void Passes_that_undo_each_other_end_with_an_error()
    {
        var b = new GraphBuilder("endless");
        b.Output("y", b.Apply("exp", UnaryFunction.Exp, b.Input("x", new TensorType(DataType.F32, 3))));
        var endless = new GraphPass("endless", (_, node) =>
        {
            var patch = new GraphPatch();
            return patch.Replace(node.Outputs[0], patch.Add1(node.Name, node.Operator, node.Inputs[0]));
        });
        Assert.Equal(ErrorCode.InvalidGraph, Assert.Throws<EdgeException>(() => PassPipeline.Run(b.Build(), [endless])).Code);
    }
}
