using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Passes;
using Xunit;

namespace EdgeRuntime.Tests.Passes;

public class TransposeTests
{
    private static readonly int[] Last = [0, 2, 3, 1], First = [0, 3, 1, 2];

    [Fact]
    public void A_network_of_convolutions_stays_channels_last()
    {
        Graph graph = PassCheck.SameNumbers(() =>
        {
            var b = new GraphBuilder("net");
            Value x = b.Input("x", new TensorType(DataType.F32, 1, 5, 4, 3));
            Value a = Relu(b, "relu1", ChannelsFirst(b, "conv1", x, 5, 7));
            Value scaled = b.Apply("scaled", BinaryFunction.Mul, a, b.Weight("scale", 7, 1, 1));
            Value c = ChannelsFirst(b, "conv2", scaled, 7, 7);
            Value sum = b.Apply("sum", BinaryFunction.Add, c, a);
            Value wide = b.Add1("wide", new Concat { Axis = 1 }, sum, a);
            Value soft = b.Add1("soft", new Softmax { Axis = 1 }, wide);
            b.Output("y", ChannelsFirst(b, "conv3", soft, 14, 3));
            return b.Build();
        });
        Assert.Equal(["Transpose", "Conv", "Binary", "Conv", "Concat", "Softmax", "Conv", "Transpose"], PassCheck.Operators(graph));
        Assert.Equal("sum~0231", graph.Nodes[3].Outputs[0].Name);
    }

    [Fact]
    public void Symbolic_sizes_do_not_matter()
    {
        Graph graph = PassCheck.SameNumbers(() =>
        {
            var b = new GraphBuilder("open");
            Value x = b.Input("x", new TensorType(DataType.F32, b.Symbol("n"), 5, b.Symbol("h"), b.Symbol("w")));
            Value a = Relu(b, "relu1", ChannelsFirst(b, "conv1", x, 5, 7));
            b.Output("y", ChannelsFirst(b, "conv2", a, 7, 2));
            return b.Build();
        }, [new Shape(2, 5, 3, 4)]);
        Assert.Equal(["Transpose", "Conv", "Conv", "Transpose"], PassCheck.Operators(graph));
    }

    [Fact]
    public void A_head_transposed_by_its_exporter_only_reshapes()
    {
        Graph graph = PassCheck.SameNumbers(() =>
        {
            var b = new GraphBuilder("head");
            Value x = b.Input("x", new TensorType(DataType.F32, 1, 4, 3, 5));
            Value y = b.Add1("first", new Transpose { Permutation = First }, b.Pointwise("conv", x, 5, 6));
            y = b.Add1("last", new Transpose { Permutation = Last }, y);
            b.Output("y", b.Add1("flat", new Reshape(), y, b.Constant("shape", Tensor.Vector(1L, -1, 2))));
            return b.Build();
        });
        Assert.Equal(["Conv", "Reshape"], PassCheck.Operators(graph));
        Assert.Equal([1L, 36, 2], ((Reshape)graph.Nodes[1].Operator).Target);
    }

    [Fact]
    public void A_transpose_of_single_pixels_is_a_reshape()
    {
        Graph graph = PassCheck.SameNumbers(() =>
        {
            var b = new GraphBuilder("pixel");
            Value y = b.Add1("t", new Transpose { Permutation = First }, b.Input("x", new TensorType(DataType.F32, 2, 1, 1, 5)));
            b.Output("y", b.Add1("flat", new Reshape { Target = [0, -1] }, y));
            return b.Build();
        });
        Assert.Equal(["Reshape"], PassCheck.Operators(graph));
    }

    [Fact]
    public void A_gate_for_each_channel_does_not_hold_the_transpose()
    {
        Graph graph = PassCheck.SameNumbers(() =>
        {
            var b = new GraphBuilder("gate");
            Value x = b.Input("x", new TensorType(DataType.F32, 1, 5, 4, 3)), gate = b.Input("gate", new TensorType(DataType.F32, 1, 7, 1, 1));
            Value y = b.Apply("gated", BinaryFunction.Mul, ChannelsFirst(b, "conv1", x, 5, 7), gate);
            b.Output("y", ChannelsFirst(b, "conv2", y, 7, 2));
            return b.Build();
        });
        Assert.Equal(1, PassCheck.Operators(graph).Count(n => n == "Transpose") - 1);
    }

    [Fact]
    public void Names_tell_how_axes_were_moved()
    {
        Assert.Equal("a~0231", LayoutName.Permuted("a", Last));
        Assert.Equal("a", LayoutName.Permuted("a~0231", First));
        Assert.Equal("a~210", LayoutName.Permuted("a", [2, 1, 0]));
        Assert.Equal(("a/b~x", null), LayoutName.Split("a/b~x"));
        (string name, int[]? moved) = LayoutName.Split("conv~0231");
        Assert.Equal("conv", name);
        Assert.Equal(Last, moved!);
    }

    private static Value ChannelsFirst(GraphBuilder b, string name, Value x, int inputs, int outputs)
    {
        Value y = b.Pointwise($"{name}/inner", b.Add1($"{name}/in", new Transpose { Permutation = Last }, x), inputs, outputs);
        return b.Add1(name, new Transpose { Permutation = First }, y);
    }

    private static Value Relu(GraphBuilder b, string name, Value x) => b.Apply(name, UnaryFunction.Relu, x);
}
