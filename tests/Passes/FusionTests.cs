using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;
using Xunit;

namespace EdgeRuntime.Tests.Passes;

public class FusionTests
{
    [Fact]
    public void Scale_bias_and_activation_go_into_the_convolution()
    {
        Graph graph = PassCheck.SameNumbers(() =>
        {
            var b = new GraphBuilder("bn");
            Value y = b.Pointwise("conv", b.Input("x", new TensorType(DataType.F32, 1, 5, 3, 7)), 7, 11);
            y = b.Apply("mul", BinaryFunction.Mul, y, b.Weight("scale", 11));
            y = b.Apply("add", BinaryFunction.Add, b.Weight("shift", 1, 1, 1, 11), y);
            b.Output("y", b.Apply("relu6", UnaryFunction.Clip, y, 0, 6));
            return b.Build();
        });
        Node conv = Assert.Single(graph.Nodes);
        Assert.Equal("relu6", conv.Outputs[0].Name);
        Assert.Equal(new Activation(UnaryFunction.Clip, 0, 6), Assert.IsType<Conv>(conv.Operator).Activation);
        Assert.StartsWith("input  %0 f32[1x5x3x7]  # x\n%1 f32[1x5x3x11] = Conv(", GraphText.Dump(graph));
    }

    [Theory]
    [InlineData(false), InlineData(true)]
    public void Scale_and_bias_go_into_the_product(bool transposed)
    {
        Graph graph = PassCheck.SameNumbers(() =>
        {
            var b = new GraphBuilder("dense");
            Value x = b.Input("x", new TensorType(DataType.F32, b.Symbol("n"), 5));
            Value y = b.Add1("product", new MatMul { TransposeB = transposed }, x, transposed ? b.Weight("w", 7, 5) : b.Weight("w", 5, 7));
            y = b.Apply("add", BinaryFunction.Add, y, b.Weight("bias", 7));
            y = b.Apply("div", BinaryFunction.Div, y, b.Constant("two", Tensor.Scalar(2f)));
            b.Output("y", b.Apply("sub", BinaryFunction.Sub, y, b.Weight("shift", 1, 7)));
            return b.Build();
        }, [new Shape(3, 5)]);
        Assert.Equal(["MatMul"], PassCheck.Operators(graph));
    }

    [Fact]
    public void A_constant_that_widens_the_result_is_left_alone()
    {
        Graph graph = PassCheck.SameNumbers(() =>
        {
            var b = new GraphBuilder("wide");
            Value y = b.Pointwise("conv", b.Input("x", new TensorType(DataType.F32, 1, 1, 3, 5)), 5, 2);
            b.Output("y", b.Apply("add", BinaryFunction.Add, y, b.Weight("rows", 1, 4, 1, 2)));
            return b.Build();
        });
        Assert.Equal(["Conv", "Binary"], PassCheck.Operators(graph));
    }

    [Fact]
    public void Scales_behind_an_activation_go_into_the_convolutions_that_read_them()
    {
        Graph graph = PassCheck.SameNumbers(() =>
        {
            var b = new GraphBuilder("affine");
            Value y = b.Apply("swish", UnaryFunction.HardSwish, b.Input("x", new TensorType(DataType.F32, 1, 5, 6, 8)), 0.25f, 0.5f);
            y = b.Apply("mul", BinaryFunction.Mul, b.Constant("scale", Tensor.Vector<float>([1.5f])), y);
            y = b.Apply("add", BinaryFunction.Add, y, b.Weight("shift", 8));
            b.Output("a", b.Pointwise("a", y, 8, 3));
            b.Output("b", b.Add1("b", new Conv { Window = Window.Of(2, 3), Groups = 2 }, y, b.Weight("w", 6, 2, 3, 4)));
            return b.Build();
        });
        Assert.Equal(["Unary", "Conv", "Conv"], PassCheck.Operators(graph));
    }

    [Theory]
    [InlineData(true), InlineData(false)]
    public void What_is_added_before_a_padded_window_stays(bool scales)
    {
        Graph graph = PassCheck.SameNumbers(() =>
        {
            var b = new GraphBuilder("affine");
            Value y = b.Apply("relu", UnaryFunction.Relu, b.Input("x", new TensorType(DataType.F32, 1, 5, 6, 8)));
            y = b.Apply("scalar", scales ? BinaryFunction.Mul : BinaryFunction.Add, y, b.Number(1.5f));
            b.Output("y", b.Add1("conv", new Conv { Window = Window.Of(3, 3) with { Pads = [1, 1, 1, 1] } }, y, b.Weight("w", 6, 3, 3, 8)));
            return b.Build();
        });
        Assert.Equal(scales ? ["Unary", "Conv"] : ["Unary", "Binary", "Conv"], PassCheck.Operators(graph));
    }

    [Fact]
    public void Of_a_scaled_sum_before_a_padded_window_the_sum_stays()
    {
        Graph graph = PassCheck.SameNumbers(() =>
        {
            var b = new GraphBuilder("affine");
            Value y = b.Apply("relu", UnaryFunction.Relu, b.Input("x", new TensorType(DataType.F32, 1, 5, 6, 8)));
            y = b.Apply("add", BinaryFunction.Add, b.Number(0.75f), b.Apply("mul", BinaryFunction.Mul, y, b.Number(1.5f)));
            b.Output("y", b.Add1("conv", new Conv { Window = Window.Of(3, 3) with { Pads = [1, 1, 1, 1] }, Groups = 8 }, y, b.Weight("w", 8, 3, 3, 1)));
            return b.Build();
        });
        Assert.Equal(["Unary", "Binary", "Conv"], PassCheck.Operators(graph));
        Assert.Equal(BinaryFunction.Add, Assert.IsType<Binary>(graph.Nodes[1].Operator).Function);
    }

    [Fact]
    public void A_scale_that_others_read_stays()
    {
        Graph graph = PassCheck.SameNumbers(() =>
        {
            var b = new GraphBuilder("shared scale");
            Value y = b.Apply("mul", BinaryFunction.Mul, b.Input("x", new TensorType(DataType.F32, 1, 5, 6, 8)), b.Number(1.5f));
            b.Output("a", b.Pointwise("conv", y, 8, 3));
            b.Output("b", y);
            return b.Build();
        });
        Assert.Equal(["Binary", "Conv"], PassCheck.Operators(graph));
    }

    [Theory]
    [InlineData(true, 1, 8), InlineData(false, 1, 8), InlineData(true, 2, 10)]
    public void A_convolution_of_joined_phases_is_one_of_the_picture(bool channelsFirst, int stride, int height)
    {
        Graph graph = PassCheck.SameNumbers(() => Phases(channelsFirst, stride, height, [(0, 0), (1, 0), (0, 1), (1, 1)]));
        Assert.Equal(channelsFirst ? ["Transpose", "Conv"] : ["Conv"], PassCheck.Operators(graph));
        Assert.Equal([6, 6], Assert.IsType<Conv>(graph.Nodes[^1].Operator).Window.Kernel);
    }

    [Fact]
    public void Phases_of_an_odd_picture_or_that_come_twice_stay_apart()
    {
        Assert.Contains("Concat", PassCheck.Operators(PassCheck.SameNumbers(() => Phases(true, 1, 8, [(0, 0), (1, 0), (0, 0), (1, 1)]))));
        Assert.Contains("Slice", PassCheck.Operators(PassCheck.SameNumbers(() => Phases(true, 1, 9, [(0, 0), (0, 0), (0, 1), (0, 1)]))));
    }

    private static Graph Phases(bool channelsFirst, int stride, int height, (int Y, int X)[] phases)
    {
        var b = new GraphBuilder("phases");
        int rows = channelsFirst ? 2 : 1;
        Value x = b.Input("x", channelsFirst ? new TensorType(DataType.F32, 1, 3, height, 12) : new TensorType(DataType.F32, 1, height, 12, 3));
        Value[] parts = [.. phases.Select((p, i) => Cut($"x{i}", Cut($"y{i}", x, rows, p.Y), rows + 1, p.X))];
        Value joined = b.Add1("joined", new Concat { Axis = channelsFirst ? 1 : -1 }, parts);
        if (channelsFirst) joined = b.Add1("turned", new Transpose { Permutation = [0, 2, 3, 1] }, joined);
        b.Output("y", b.Add1("conv", new Conv { Window = Window.Of(3, 3) with { Strides = [stride, stride], Pads = [1, 1, 1, 1] } }, joined, b.Weight("w", 5, 3, 3, 12), b.Weight("bias", 5)));
        return b.Build();

        Value Cut(string name, Value from, int axis, int start) => b.Add1(name, new Slice { Starts = [start], Ends = [long.MaxValue], Axes = [axis], Steps = [2] }, from);
    }

    [Fact]
    public void What_others_read_is_not_fused()
    {
        Graph graph = PassCheck.SameNumbers(() =>
        {
            var b = new GraphBuilder("shared");
            Value y = b.Pointwise("conv", b.Input("x", new TensorType(DataType.F32, 1, 3, 3, 5)), 5, 2);
            b.Output("sum", y);
            b.Output("relu", b.Apply("relu", UnaryFunction.Relu, y));
            return b.Build();
        });
        Assert.Equal(["Conv", "Unary"], PassCheck.Operators(graph));
    }

    [Fact]
    public void Of_two_convolutions_the_later_takes_the_residual()
    {
        Graph graph = PassCheck.SameNumbers(() =>
        {
            var b = new GraphBuilder("two");
            Value x = b.Input("x", new TensorType(DataType.F32, 1, 3, 3, 5));
            Value first = b.Pointwise("first", x, 5, 5), second = b.Pointwise("second", x, 5, 5);
            Value sum = b.Apply("sum", BinaryFunction.Add, second, first);
            b.Output("y", b.Apply("relu", UnaryFunction.Relu, sum));
            return b.Build();
        });
        Assert.Equal(["Conv", "Conv"], PassCheck.Operators(graph));
        Assert.Equal("second", graph.Nodes[1].Name);
        Assert.Equal("first", graph.Nodes[1].Inputs[Conv.Residual]!.Name);
        Assert.Equal(UnaryFunction.Relu, ((Conv)graph.Nodes[1].Operator).Activation.Function);
    }

    [Fact]
    public void A_sum_of_a_convolution_with_itself_is_left_alone()
    {
        Graph graph = PassCheck.SameNumbers(() =>
        {
            var b = new GraphBuilder("twice");
            Value y = b.Pointwise("conv", b.Input("x", new TensorType(DataType.F32, 1, 3, 3, 5)), 5, 5);
            b.Output("y", b.Apply("sum", BinaryFunction.Add, y, y));
            return b.Build();
        });
        Assert.Equal(["Conv", "Binary"], PassCheck.Operators(graph));
    }

    [Fact]
    public void Channels_of_zeros_are_not_added()
    {
        Graph graph = PassCheck.SameNumbers(() =>
        {
            var b = new GraphBuilder("padded");
            Value x = b.Input("x", new TensorType(DataType.F32, 1, 3, 2, 5));
            Value zeros = b.Constant("zeros", new Tensor(new TensorType(DataType.F32, 1, 3, 2, 2)));
            Value wide = b.Add1("wide", new Concat { Axis = 3 }, x, zeros);
            b.Output("y", b.Apply("sum", BinaryFunction.Add, wide, b.Pointwise("conv", x, 5, 7)));
            return b.Build();
        });
        Assert.Equal(["Conv"], PassCheck.Operators(graph));
        Assert.Equal("x", graph.Nodes[0].Inputs[Conv.Residual]!.Name);
    }

    [Fact]
    public void Unknown_sizes_are_not_taken_for_equal()
    {
        Graph graph = PassCheck.SameNumbers(() =>
        {
            var b = new GraphBuilder("open");
            Value x = b.Input("x", new TensorType(DataType.F32, 1, Shape.Unknown, 3, 5));
            Value row = b.Input("row", new TensorType(DataType.F32, 1, Shape.Unknown, 3, 5));
            b.Output("y", b.Apply("sum", BinaryFunction.Add, b.Pointwise("conv", x, 5, 5), row));
            return b.Build();
        }, [new Shape(1, 4, 3, 5), new Shape(1, 1, 3, 5)]);
        Assert.Equal(["Conv", "Binary"], PassCheck.Operators(graph));
    }

    [Theory]
    [InlineData(false), InlineData(true)]
    public void Zeros_around_a_picture_go_into_the_window(bool average)
    {
        Graph graph = PassCheck.SameNumbers(() =>
        {
            var b = new GraphBuilder("pad");
            Value x = b.Input("x", new TensorType(DataType.F32, 1, b.Symbol("h"), 5, 3));
            Value wide = b.Add1("pad", new Pad { Pads = [1, 0, 2, 1], Axes = [1, 2] }, x);
            b.Output("y", average ? b.Add1("pool", new Pool { Function = PoolFunction.Average, Window = Window.Of(3, 2) }, wide)
                : b.Add1("conv", new Conv { Window = Window.Of(3, 2) }, wide, b.Weight("w", 4, 3, 2, 3)));
            return b.Build();
        }, [new Shape(1, 7, 5, 3)]);
        Assert.Equal([average ? "Pool" : "Conv"], PassCheck.Operators(graph));
    }

    [Fact]
    public void What_is_no_zero_is_not_left_to_the_window()
    {
        Graph graph = PassCheck.SameNumbers(() =>
        {
            var b = new GraphBuilder("ones");
            Value x = b.Input("x", new TensorType(DataType.F32, 1, 4, 5, 3));
            Value wide = b.Add1("pad", new Pad { Pads = [1, 0, 2, 1], Axes = [1, 2], Value = 1 }, x);
            b.Output("y", b.Add1("conv", new Conv { Window = Window.Of(3, 2) }, wide, b.Weight("w", 4, 3, 2, 3)));
            return b.Build();
        });
        Assert.Equal(["Pad", "Conv"], PassCheck.Operators(graph));
    }

    [Fact]
    public void Channels_padded_with_zeros_are_not_added()
    {
        Graph graph = PassCheck.SameNumbers(() =>
        {
            var b = new GraphBuilder("channels");
            Value x = b.Input("x", new TensorType(DataType.F32, 1, 3, 2, 5));
            Value wide = b.Add1("wide", new Pad { Pads = [0, 2], Axes = [3] }, x);
            b.Output("y", b.Apply("sum", BinaryFunction.Add, b.Pointwise("conv", x, 5, 7), wide));
            return b.Build();
        });
        Assert.Equal(["Conv"], PassCheck.Operators(graph));
        Assert.Equal("x", graph.Nodes[0].Inputs[Conv.Residual]!.Name);
    }

    [Fact]
    public void Scale_and_activation_go_into_the_transposed_convolution()
    {
        Graph graph = PassCheck.SameNumbers(() =>
        {
            var b = new GraphBuilder("up");
            Value x = b.Input("x", new TensorType(DataType.F32, 1, 3, 2, 5));
            Value y = b.Add1("up", new ConvTranspose { Window = Window.Of(2, 2) with { Strides = [2, 2] }, OutputPadding = [0, 0] }, x, b.Weight("w", 7, 2, 2, 5));
            b.Output("y", b.Apply("relu", UnaryFunction.Relu, b.Apply("mul", BinaryFunction.Mul, y, b.Weight("scale", 7))));
            return b.Build();
        });
        Assert.Equal(["ConvTranspose"], PassCheck.Operators(graph));
    }

    [Fact]
    public void An_activation_after_a_reshape_goes_into_the_convolution()
    {
        Graph graph = PassCheck.SameNumbers(() =>
        {
            var b = new GraphBuilder("head");
            Value y = b.Pointwise("conv", b.Input("x", new TensorType(DataType.F32, 1, 3, 2, 5)), 5, 4);
            b.Output("y", b.Apply("sigmoid", UnaryFunction.Sigmoid, b.Add1("flat", new Reshape { Target = [1, -1, 2] }, y)));
            return b.Build();
        });
        Assert.Equal(["Conv", "Reshape"], PassCheck.Operators(graph));
        Assert.Equal("sigmoid", graph.Outputs[0].Value.Name);
    }
}
