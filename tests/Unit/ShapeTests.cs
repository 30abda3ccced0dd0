using EdgeRuntime.Diagnostics;
using EdgeRuntime.Tensors;
using Xunit;

namespace EdgeRuntime.Tests.Unit;

public class ShapeTests
{
    [Theory]
    [InlineData(1 << 20, 1 << 20, 1 << 24)]
    [InlineData(int.MaxValue, int.MaxValue, int.MaxValue)]
    [InlineData(1 << 21, 1 << 20, 1)]
    [InlineData(1 << 30, 1 << 30, 16)]
    [InlineData(1 << 30, 1 << 30, 0)]
    public void Sizes_beyond_2_to_the_40_are_refused(int a, int b, int c)
    {
        Assert.Equal(ErrorCode.InvalidShape, Assert.Throws<EdgeException>(() => new Shape(a, b, c).Count).Code);
        Assert.Equal(ErrorCode.InvalidShape, Assert.Throws<EdgeException>(() => new TensorType(DataType.F64, a, b, c).ByteCount).Code);
    }

    [Fact]
    public void Random_sizes_are_those_of_exact_arithmetic()
    {
        var random = new Random(5);
        int[] awkward = [0, 1, 2, 3, 255, 65_536, 65_537, 1 << 20, 1 << 24, 1 << 30, int.MaxValue];
        for (int i = 0; i < 20_000; i++)
        {
            int[] dimensions = new int[random.Next(Shape.MaxRank + 1)];
            for (int d = 0; d < dimensions.Length; d++) dimensions[d] = awkward[random.Next(random.Next(1, awkward.Length + 1))];
            var exact = dimensions.Where(d => d != 0).Aggregate(System.Numerics.BigInteger.One, (p, d) => p * d);
            if (exact > 1L << 40) Assert.Throws<EdgeException>(() => new Shape(dimensions).Count);
            else Assert.Equal(dimensions.Contains(0) ? 0 : (long)exact, new Shape(dimensions).Count);
        }
    }

    [Fact]
    public void Unknown_dimensions_have_no_count_and_axes_are_checked()
    {
        Assert.Throws<EdgeException>(() => new Shape(2, Shape.Unknown).Count);
        Assert.Throws<EdgeException>(() => Shape.Unranked.Count);
        Assert.Throws<EdgeException>(() => new Shape(2, 3)[2]);
        Assert.Throws<EdgeException>(() => new Shape(2, 3)[-3]);
        Assert.Throws<EdgeException>(() => new Shape(2, 3).With(2, 1));
        Assert.Throws<EdgeException>(() => Shape.Unranked.With(0, 1));
        Assert.Throws<EdgeException>(() => Shape.Unranked[0]);
        Assert.Throws<EdgeException>(() => new Shape(1, 1, 1, 1, 1, 1, 1, 1, 1));
        Assert.Equal(new Shape(2, 9), new Shape(2, 3).With(-1, 9));
    }

    [Fact]
    public void Memory_that_is_not_there_is_an_error()
    {
        Assert.Equal(ErrorCode.InvalidShape, Assert.Throws<EdgeException>(() => new Tensor(new TensorType(DataType.F32, 1 << 20, 1 << 20))).Code);
        Assert.Equal(ErrorCode.CannotPlan, Assert.Throws<EdgeException>(() => new AlignedBuffer(long.MaxValue - 64)).Code);
        Assert.Equal(ErrorCode.CannotPlan, Assert.Throws<EdgeException>(() => new AlignedBuffer(1L << 46)).Code);
    }

    [Fact]
    public void A_view_cannot_be_larger_than_its_memory()
    {
        using var tensor = new Tensor(new TensorType(DataType.F32, 4));
        Assert.Throws<EdgeException>(() => tensor.View.As(new TensorType(DataType.F64, 3)));
        Assert.Throws<EdgeException>(() => tensor.View.As(new TensorType(DataType.F32, Shape.Unknown)));
        Assert.Throws<EdgeException>(() => tensor.Span<double>().Length);
    }
}
