using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tests.Passes;
using Xunit;

namespace EdgeRuntime.Tests.Unit;

public class ShuffleJoinTests
{
    [Theory]
    [InlineData("slices"), InlineData("split"), InlineData("whole")]
    public void Channels_in_turn_are_one_step(string how) => Joined(() =>
    {
        (GraphBuilder b, Value joined) = Start();
        Value pairs = b.Add1("pairs", new Reshape { Target = [4, 5, 2, 6] }, joined);
        Value turned = b.Add1("turned", new Transpose { Permutation = [0, 1, 3, 2] }, pairs);
        Value whole = b.Add1("whole", new Reshape { Target = [1, 4, 5, 12] }, turned);
        if (how == "whole")
        {
            b.Output("y", whole);
        }
        else if (how == "split")
        {
            Value[] halves = b.Add("split", new Split { Axis = 3, Parts = 2 }, whole);
            Read(b, halves[0], halves[1]);
        }
        else
        {
            Value high = b.Add1("high", new Slice { Starts = [6], Ends = [12], Axes = [3] }, whole);
            Read(b, b.Add1("low", new Slice { Starts = [0], Ends = [6], Axes = [3] }, whole), high);
        }
        return b.Build();
    });

    [Fact]
    public void Every_other_channel_of_each_is_one_step() => Joined(() => Columns(0, 1));

    [Fact]
    public void A_column_that_is_taken_twice_is_left_alone() => Assert.DoesNotContain("ChannelShuffle", PassCheck.Operators(After(() => Columns(1, 1))));

    [Fact]
    public void What_others_read_is_left_alone() => Assert.DoesNotContain("ChannelShuffle", PassCheck.Operators(After(() =>
    {
        (GraphBuilder b, Value joined) = Start();
        Value turned = b.Add1("turned", new Transpose { Permutation = [0, 1, 3, 2] }, b.Add1("pairs", new Reshape { Target = [4, 5, 2, 6] }, joined));
        b.Output("y", b.Add1("whole", new Reshape { Target = [1, 4, 5, 12] }, turned));
        b.Output("joined", joined);
        return b.Build();
    })));

    private static Graph Columns(int first, int second)
    {
        (GraphBuilder b, Value joined) = Start();
        Value pairs = b.Add1("pairs", new Reshape { Target = [1, 4, 5, 6, 2] }, joined);
        Value odd = b.Add1("odd", new Gather { Axis = 4 }, pairs, b.Constant("second", Tensor.Scalar<long>(second)));
        Read(b, b.Add1("even", new Gather { Axis = 4 }, pairs, b.Constant("first", Tensor.Scalar<long>(first))), odd);
        return b.Build();
    }

    private static (GraphBuilder Builder, Value Joined) Start()
    {
        var b = new GraphBuilder("unit");
        Value x = b.Input("x", new TensorType(DataType.F32, 1, 4, 5, 6)), y = b.Input("y in", new TensorType(DataType.F32, 1, 4, 5, 6));
        return (b, b.Add1("joined", new Concat { Axis = 3 }, x, y));
    }

    private static void Read(GraphBuilder b, Value low, Value high)
    {
        b.Output("low out", low);
        b.Output("high out", b.Apply("negative", UnaryFunction.Neg, high));
    }

    private static void Joined(Func<Graph> build) => Assert.Contains("ChannelShuffle", PassCheck.Operators(After(build)));

    /// <summary>The graph after joining, which must compute what it did.</summary>
    private static Graph After(Func<Graph> build)
    {
        Graph before = build(), after = build();
        ShuffleJoin.Join(after);
        GraphVerifier.Verify(after);
        TensorView[] inputs = [.. before.Inputs.Select((v, i) => PassCheck.Noise(v.Type, i).View)];
        Tensor[] expected = GraphInterpreter.Run(before, inputs), actual = GraphInterpreter.Run(after, inputs);
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i].Span<float>(), actual[i].Span<float>());
        return after;
    }
}
