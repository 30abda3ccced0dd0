using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;
using Xunit;

namespace EdgeRuntime.Tests.Passes;

/// <summary>Channels and pixels that change places, pairs that cancel, and transposed convolutions that are plain ones.</summary>
public class ShuffleTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Shuffled_halves_stay_channels_last(bool gathered)
    {
        Graph graph = PassCheck.SameNumbers(() =>
        {
            var b = new GraphBuilder("shuffle");
            Value x = First(b, b.Pointwise("stem", Last(b, b.Input("x", new TensorType(DataType.F32, 1, 8, 5, 6))), 8, 8));
            for (int i = 0; i < 3; i++)
            {
                Value left, right;
                if (gathered)
                {
                    Value apart = b.Add1("apart", new Reshape { Target = [1, 4, 2, 5, 6] }, x);
                    (left, right) = (b.Add1("l", new Gather { Axis = 2 }, apart, b.Constant("0", Tensor.Scalar(0L))), b.Add1("r", new Gather { Axis = 2 }, apart, b.Constant("1", Tensor.Scalar(1L))));
                }
                else
                {
                    Value turned = b.Add1("turned", new Transpose { Permutation = [0, 2, 1, 3, 4] }, b.Add1("apart", new Reshape { Target = [1, 2, 4, 5, 6] }, x));
                    Value shuffled = b.Add1("shuffled", new Reshape { Target = [1, 8, 5, 6] }, turned);
                    (left, right) = (b.Add1("l", new Slice { Starts = [0], Ends = [4], Axes = [1] }, shuffled), b.Add1("r", new Slice { Starts = [4], Ends = [8], Axes = [1] }, shuffled));
                }
                right = First(b, b.Pointwise($"conv{i}", Last(b, right), 4, 4));
                x = b.Add1("both", new Concat { Axis = 1 }, left, right);
            }
            b.Output("y", First(b, b.Pointwise("head", Last(b, x), 8, 3)));
            return b.Build();
        });
        // The picture comes in and goes out with channels first; the shuffles themselves swap the two axes of channels.
        Assert.Equal(["0231", "0312"], graph.Nodes.Where(n => n.Operator is Transpose).Select(n => string.Concat(((Transpose)n.Operator).Permutation)).Where(p => p is "0231" or "0312"));
    }

    [Theory]
    [InlineData(new long[] { 2, 3, 2, 2, 5, 7 }, new[] { 0, 1, 4, 2, 5, 3 }, DepthSpaceFunction.DepthToSpaceColumnFirst)]
    [InlineData(new long[] { 2, 2, 2, 3, 5, 7 }, new[] { 0, 3, 4, 1, 5, 2 }, DepthSpaceFunction.DepthToSpace)]
    public void Pixel_shuffle(long[] apart, int[] permutation, object function)
    {
        Graph graph = PassCheck.SameNumbers(() =>
        {
            var b = new GraphBuilder("shuffle");
            Value x = First(b, b.Pointwise("conv", b.Input("x", new TensorType(DataType.F32, 2, 5, 7, 4)), 4, 12));
            Value turned = b.Add1("turned", new Transpose { Permutation = permutation }, b.Add1("apart", new Reshape { Target = apart }, x));
            b.Output("y", Last(b, b.Add1("together", new Reshape { Target = [2, 3, 10, 14] }, turned)));
            return b.Build();
        });
        Assert.Equal(["Conv", "DepthSpace"], PassCheck.Operators(graph));
        Assert.Equal(function, Assert.IsType<DepthSpace>(graph.Nodes[1].Operator).Function);
    }

    [Fact]
    public void Space_to_depth()
    {
        Graph graph = PassCheck.SameNumbers(() =>
        {
            var b = new GraphBuilder("unshuffle");
            Value x = First(b, b.Pointwise("conv", b.Input("x", new TensorType(DataType.F32, 2, 6, 4, 4)), 4, 3));
            Value turned = b.Add1("turned", new Transpose { Permutation = [0, 3, 5, 1, 2, 4] }, b.Add1("apart", new Reshape { Target = [2, 3, 3, 2, 2, 2] }, x));
            b.Output("y", Last(b, b.Add1("together", new Reshape { Target = [2, 12, 3, 2] }, turned)));
            return b.Build();
        });
        Assert.Equal(["Conv", "DepthSpace"], PassCheck.Operators(graph));
    }

    [Fact]
    public void What_is_split_and_joined_is_left_whole()
    {
        Graph graph = PassCheck.SameNumbers(() =>
        {
            var b = new GraphBuilder("pairs");
            Value x = b.Apply("exp", UnaryFunction.Exp, b.Input("x", new TensorType(DataType.F32, 3, 6)));
            Value whole = b.Add1("whole", new Concat { Axis = -1 }, b.Add("parts", new Split { Axis = 1, Parts = 3 }, x));
            Value slices = b.Add1("slices", new Concat { Axis = 1 }, b.Add1("a", new Slice { Starts = [0], Ends = [-2], Axes = [1] }, whole), b.Add1("b", new Slice { Starts = [4], Ends = [99], Axes = [-1] }, whole));
            Value cast = b.Add1("narrow", new Cast { To = DataType.F32 }, b.Add1("wide", new Cast { To = DataType.F64 }, slices));
            b.Output("y", b.Add1("swapped", new Concat { Axis = 1 }, [.. b.Add("halves", new Split { Axis = 1, Parts = 2 }, cast).Reverse()]));
            return b.Build();
        });
        Assert.Equal(["Unary", "Split", "Concat"], PassCheck.Operators(graph));
    }

    [Theory]
    [InlineData(1, 0, 0, 1)]
    [InlineData(6, 2, 1, 2)]
    public void A_transposed_convolution_of_single_steps_is_a_convolution(int groups, int begin, int end, int dilation)
    {
        Graph graph = PassCheck.SameNumbers(() =>
        {
            var b = new GraphBuilder("turned");
            Window window = Window.Of(3, 2) with { Pads = [begin, 0, end, 1], Dilations = [dilation, 1] };
            b.Output("y", b.Add1("up", new ConvTranspose { Window = window, OutputPadding = [0, 0], Groups = groups }, b.Input("x", new TensorType(DataType.F32, 1, 5, 4, 6)),
                b.Weight("w", 6, 3, 2, 6 / groups), b.Weight("bias", 6)));
            return b.Build();
        });
        Assert.Equal(["Conv"], PassCheck.Operators(graph));
    }

    [Fact]
    public void A_reshape_of_ones_after_a_transpose_comes_to_rest()
    {
        Graph graph = PassCheck.SameNumbers(() =>
        {
            var b = new GraphBuilder("rest");
            Value x = b.Apply("exp", UnaryFunction.Exp, b.Input("x", new TensorType(DataType.F32, 2, 8, 3)));
            Value turned = b.Add1("turned", new Transpose { Permutation = [1, 0, 2] }, x);
            Value y = b.Add1("ones", new Reshape { Target = [1, 16, 1, 3] }, turned);
            b.Output("y", b.Add1("last", new Softmax { Axis = 1 }, y));
            return b.Build();
        });
        Assert.Equal(["Unary", "Transpose", "Reshape", "Softmax"], PassCheck.Operators(graph));
    }

    private static Value First(GraphBuilder b, Value x) => b.Add1("first", new Transpose { Permutation = [0, 3, 1, 2] }, x);

    private static Value Last(GraphBuilder b, Value x) => b.Add1("last", new Transpose { Permutation = [0, 2, 3, 1] }, x);
}
