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
    public void Transposes_pass_what_works_on_axes()
    {
        Graph graph = PassCheck.SameNumbers(() =>
        {
            var b = new GraphBuilder("axes");
            Value x = b.Input("x", new TensorType(DataType.F32, 1, 6, 5, 4));
            Value y = b.Add1("t", new Transpose { Permutation = First }, x);
            y = b.Add1("pad", new Pad { Pads = [1, 2, 0, 1], Axes = [2, -1], Value = 3 }, y);
            y = b.Add1("slice", new Slice { Starts = [1, 1], Ends = [4, 6], Axes = [1, 2], Steps = [1, 2] }, y);
            Value[] parts = b.Add("split", new Split { Axis = 1, Parts = 2, Sizes = [1, 2] }, y);
            Value chosen = b.Add1("where", new Where(), b.Add1("positive", new Binary { Function = BinaryFunction.Greater }, parts[1], b.Number(0)), parts[1], b.Number(2));
            b.Output("sum", b.Add1("mean", new Reduce { Function = ReduceFunction.Mean, Axes = [2, 3], KeepDims = false }, chosen));
            b.Output("row", b.Add1("row", new Gather { Axis = -1 }, parts[0], b.Constant("one", Tensor.Scalar(1L))));
            return b.Build();
        });
        Assert.DoesNotContain("Transpose", PassCheck.Operators(graph)[..^1]);
    }

    [Theory]
    [InlineData(false), InlineData(true)]
    public void Resizing_finds_its_axes_again(bool named)
    {
        Graph graph = PassCheck.SameNumbers(() =>
        {
            var b = new GraphBuilder("resize");
            Value y = b.Add1("t", new Transpose { Permutation = First }, b.Input("x", new TensorType(DataType.F32, 1, 3, 2, 5)));
            y = b.Add1("resize", named ? new Resize { Axes = [2, 3], Scales = [2, 3] } : new Resize { Scales = [1, 1, 2, 3] }, y);
            b.Output("y", b.Add1("back", new Transpose { Permutation = Last }, y));
            return b.Build();
        });
        Assert.Equal(["Resize"], PassCheck.Operators(graph));
    }

    [Fact]
    public void A_reduction_over_some_axes_leaves_the_others_in_order()
    {
        PassCheck.SameNumbers(() =>
        {
            var b = new GraphBuilder("reduce");
            Value y = b.Add1("t", new Transpose { Permutation = [3, 1, 0, 2] }, b.Input("x", new TensorType(DataType.F32, 2, 3, 4, 5)));
            b.Output("a", b.Add1("a", new Reduce { Function = ReduceFunction.Max, Axes = [1], KeepDims = false }, y));
            b.Output("b", b.Add1("b", new Reduce { Function = ReduceFunction.Sum, Axes = [-1, 0] }, y));
            return b.Build();
        });
    }

    [Fact]
    public void A_channel_shuffle_is_one_transpose()
    {
        Graph graph = PassCheck.SameNumbers(() =>
        {
            var b = new GraphBuilder("shuffle");
            Value x = b.Input("x", new TensorType(DataType.F32, 1, 5, 4, 6));
            Value y = b.Add1("first", new Transpose { Permutation = First }, b.Pointwise("conv1", x, 6, 6));
            y = b.Add1("split", new Reshape { Target = [1, 2, 3, 5, 4] }, y);
            y = b.Add1("swap", new Transpose { Permutation = [0, 2, 1, 3, 4] }, y);
            y = b.Add1("merge", new Reshape { Target = [1, -1, 5, 4] }, y);
            b.Output("y", b.Pointwise("conv2", b.Add1("last", new Transpose { Permutation = Last }, y), 6, 2));
            return b.Build();
        });
        Assert.Equal(1, PassCheck.Operators(graph).Count(n => n == "Transpose"));
    }

    [Theory]
    [InlineData(new[] { 0, 3, 1, 2 }, new long[] { 2, 6, 15 })]
    [InlineData(new[] { 0, 3, 1, 2 }, new long[] { 2, 3, 2, 15 })]
    [InlineData(new[] { 0, 3, 1, 2 }, new long[] { 12, 15 })]
    [InlineData(new[] { 0, 2, 1, 3 }, new long[] { 2, 5, 18 })]
    [InlineData(new[] { 3, 2, 1, 0 }, new long[] { 6, 15, 2 })]
    [InlineData(new[] { 1, 0, 3, 2 }, new long[] { 1, 3, 2, 1, 6, 5, 1 })]
    [InlineData(new[] { 2, 3, 0, 1 }, new long[] { 10, 3, 6 })]
    public void Reshapes_of_transposes_keep_their_elements_in_place(int[] permutation, long[] target)
    {
        PassCheck.SameNumbers(() =>
        {
            var b = new GraphBuilder("reshape");
            Value y = b.Add1("t", new Transpose { Permutation = permutation }, b.Input("x", new TensorType(DataType.F32, 2, 3, 5, 6)));
            b.Output("y", b.Add1("r", new Reshape { Target = target }, y));
            return b.Build();
        });
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
