using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;
using Xunit;

namespace EdgeRuntime.Tests.Unit;

/// <summary>Which weights are within the bound: pairs of a channel count, neighbours of two pairs or two channels do not.</summary>
public class PairBoundTests
{
    [Theory]
    [InlineData(true, new sbyte[] { 127, 1, 1, -127, 64, 64 })]
    [InlineData(true, new sbyte[] { 1, 127, 127, 1, -128, 0 })]
    [InlineData(false, new sbyte[] { 127, 2, 0, 0, 0, 0 })]
    [InlineData(false, new sbyte[] { 0, 0, 0, 0, -128, 1 })]
    [InlineData(false, new sbyte[] { 0, 0, 65, -64, 0, 0 })]
    public void Pairs_of_one_channel(bool holds, sbyte[] weights)
    {
        Assert.Equal(holds, PairBound.Holds(weights, 1));
        Assert.Equal(holds, PairBound.OfConv(Of(weights, 1, 1, 3, 2).View));
        Assert.Equal(holds, PairBound.OfMatrix(Of(weights, 6, 1).View));
    }

    [Fact]
    public void A_channel_of_odd_length_ends_with_a_weight_alone()
    {
        using Tensor conv = Of([1, 2, 127, 127, 1, 3], 2, 1, 1, 3), matrix = Of([1, 127, 2, 1, 127, 3], 3, 2);
        Assert.True(PairBound.OfConv(conv.View));
        Assert.True(PairBound.OfMatrix(matrix.View));
        using Tensor other = Of([1, 127, 2, 2, 127, 3], 3, 2);
        Assert.False(PairBound.OfMatrix(other.View));
    }

    [Fact]
    public void Every_matrix_of_several_counts()
    {
        using Tensor good = Of([64, 127, 64, 1, 0, -128, 127, 0], 2, 2, 2), bad = Of([64, 127, 64, 1, 0, -128, 127, 1], 2, 2, 2);
        Assert.True(PairBound.OfMatrix(good.View));
        Assert.False(PairBound.OfMatrix(bad.View));
    }

    [Fact]
    public void Only_signed_bytes_are_bounded()
    {
        using var bytes = new Tensor(new TensorType(DataType.U8, 1, 1, 1, 2));
        using var none = new Tensor(new TensorType(DataType.I8, 0, 1, 1, 2));
        Assert.False(PairBound.OfConv(bytes.View));
        Assert.True(PairBound.OfConv(none.View));
    }

    private static Tensor Of(sbyte[] weights, params int[] shape)
    {
        var tensor = new Tensor(new TensorType(DataType.I8, shape));
        weights.CopyTo(tensor.Span<sbyte>());
        return tensor;
    }
}
