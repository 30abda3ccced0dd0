using EdgeRuntime.Diagnostics;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;
using Xunit;

namespace EdgeRuntime.Tests.Unit;

/// <summary>The rules of moving and choosing elements that are easily got wrong.</summary>
public class MovementTests
{
    private static readonly Tensor Six = Tensor.Vector(0f, 1, 2, 3, 4, 5);

    [Theory]
    [InlineData(1, 4, 1, new float[] { 1, 2, 3 })]
    [InlineData(-2, int.MaxValue, 1, new float[] { 4, 5 })]
    [InlineData(0, 6, 4, new float[] { 0, 4 })]
    [InlineData(4, 1, -1, new float[] { 4, 3, 2 })]
    [InlineData(-1, long.MinValue, -1, new float[] { 5, 4, 3, 2, 1, 0 })]
    [InlineData(100, -100, -2, new float[] { 5, 3, 1 })]
    [InlineData(4, 4, 1, new float[0])]
    [InlineData(1, 4, -1, new float[0])]
    [InlineData(-1, -1, -1, new float[0])]
    public void Slice_clamps_and_counts_from_the_end(long start, long end, long step, float[] expected)
    {
        var slice = new Slice { Starts = [start], Ends = [end], Axes = [0], Steps = [step] };
        Assert.Equal(expected, Values(slice, Six));
    }

    [Fact]
    public void Slice_refuses_a_step_of_zero() =>
        Assert.Throws<EdgeException>(() => Values(new Slice { Starts = [0], Ends = [1], Steps = [0] }, Six));

    [Fact]
    public void Slice_with_unknown_starts_knows_only_the_rank()
    {
        // Neither axes nor steps are given, so every axis may be cut.
        TensorType result = new Slice().Infer([new Operand(new TensorType(DataType.F32, 4, 5)), new Operand(new TensorType(DataType.I64, 2)), new Operand(new TensorType(DataType.I64, 2))])[0];
        Assert.Equal(Shape.OfRank(2), result.Shape);
    }

    [Theory]
    [InlineData("Constant", new float[] { 9, 9, 0, 1, 2, 9 })]
    [InlineData("Edge", new float[] { 0, 0, 0, 1, 2, 2 })]
    [InlineData("Reflect", new float[] { 2, 1, 0, 1, 2, 1 })]
    [InlineData("Wrap", new float[] { 1, 2, 0, 1, 2, 0 })]
    public void Pad_fills_by_its_mode(string mode, float[] expected) =>
        Assert.Equal(expected, Values(new Pad { Mode = Enum.Parse<PadMode>(mode), Pads = [2, 1], Value = 9 }, Tensor.Vector(0f, 1, 2)));

    [Fact]
    public void Pad_reflects_again_and_again() =>
        Assert.Equal([0f, 1, 0, 1, 0, 1, 0], Values(new Pad { Mode = PadMode.Reflect, Pads = [2, 3] }, Tensor.Vector(0f, 1)));

    [Fact]
    public void Pad_cuts_where_it_is_negative() =>
        Assert.Equal([1f, 2, 3, 4, 0], Values(new Pad { Pads = [-1, 1], Value = 0 }, Tensor.Vector(0f, 1, 2, 3, 4)));

    [Fact]
    public void Split_into_equal_parts_makes_the_last_smaller()
    {
        TensorType[] parts = new OperatorSample(new Split { Parts = 3 }, Tensor.Vector<float>(new float[7])).Infer();
        Assert.Equal([3, 3, 1], parts.Select(p => p.Shape[0]));
    }

    [Fact]
    public void TopK_of_equal_elements_takes_the_first()
    {
        Tensor[] best = new OperatorSample(new TopK { K = 3 }, Tensor.Vector(1f, 2, 1, 2, 2)).Evaluate();
        Assert.Equal([2f, 2, 2], best[0].Span<float>().ToArray());
        Assert.Equal([1L, 3, 4], best[1].Span<long>().ToArray());
    }

    [Fact]
    public void Gather_refuses_what_lies_outside() =>
        Assert.Throws<EdgeException>(() => Values(new Gather(), Six, Tensor.Vector(6L)));

    [Fact]
    public void Squeeze_of_all_axes_waits_until_sizes_are_known()
    {
        var x = new TensorType(DataType.F32, 1, Shape.Unknown, 3);
        Assert.True(new Squeeze().Infer([new Operand(x)])[0].Shape.IsUnranked);
        Assert.Equal(new Shape(Shape.Unknown, 3), new Squeeze { Axes = [0] }.Infer([new Operand(x)])[0].Shape);
        Assert.Throws<EdgeException>(() => new Squeeze { Axes = [2] }.Infer([new Operand(x)]));
    }

    [Fact]
    public void Unique_keeps_the_order_of_occurrence_when_unsorted()
    {
        Tensor[] results = new OperatorSample(new Unique { Sorted = false }, Tensor.Vector(5f, 3, 5, 1)).Evaluate();
        Assert.Equal([5f, 3, 1], results[0].Span<float>().ToArray());
        Assert.Equal([0L, 1, 3], results[1].Span<long>().ToArray());
        Assert.Equal([0L, 1, 0, 2], results[2].Span<long>().ToArray());
        Assert.Equal([2L, 1, 1], results[3].Span<long>().ToArray());
    }

    [Fact]
    public void Quantize_rounds_halves_to_even_and_saturates() =>
        Assert.Equal([0, 2, 2, 255, 0], Evaluate<byte>(new Quantize(), Tensor.Vector(0.5f, 1.5f, 2.5f, 1000, -3), Tensor.Scalar(1f)).Select(v => (int)v));

    private static float[] Values(Operator op, params Tensor[] inputs) => Evaluate<float>(op, inputs);

    private static T[] Evaluate<T>(Operator op, params Tensor[] inputs) where T : unmanaged =>
        new OperatorSample(op, inputs).Evaluate()[0].Span<T>().ToArray();
}
