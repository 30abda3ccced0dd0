using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;
using Xunit;

namespace EdgeRuntime.Tests.Unit;

/// <summary>The corners of element-wise arithmetic.</summary>
public class ElementwiseTests
{
    [Fact]
    public void Integer_division_never_throws()
    {
        Assert.Equal([int.MinValue, 0, -2], Ints(BinaryFunction.Div, [int.MinValue, 7, 5], [-1, 0, -2]));
        Assert.Equal([0, 0, 1], Ints(BinaryFunction.FMod, [int.MinValue, 7, 5], [-1, 0, -2]));
        Assert.Equal([0, 0, -1], Ints(BinaryFunction.Mod, [int.MinValue, 7, 5], [-1, 0, -2]));
    }

    [Fact]
    public void Unsigned_division_by_the_largest_number_is_no_negation()
    {
        var sample = new OperatorSample(new Binary { Function = BinaryFunction.Div }, Tensor.Vector<uint>(5, uint.MaxValue), Tensor.Vector(uint.MaxValue, uint.MaxValue));
        Assert.Equal([0u, 1u], sample.Evaluate()[0].Span<uint>().ToArray());
    }

    [Fact]
    public void Relu_keeps_what_is_not_a_number()
    {
        var sample = new OperatorSample(new Unary { Function = UnaryFunction.Relu }, Tensor.Vector(float.NaN, -float.NaN, -1f, 2f));
        Assert.Equal([float.NaN, float.NaN, 0f, 2f], sample.Evaluate()[0].Span<float>().ToArray());
    }

    [Fact]
    public void Reductions_of_integers_are_exact()
    {
        long large = (1L << 60) + 1;
        var sample = new OperatorSample(new Reduce { Function = ReduceFunction.Sum, KeepDims = false }, Tensor.Vector(large, 2L));
        Assert.Equal(large + 2, sample.Evaluate()[0].Span<long>()[0]);
    }

    [Fact]
    public void What_takes_forever_is_not_folded()
    {
        Value Vector(string name) => new(name, new TensorType(DataType.F32, 10_000), new Tensor(new TensorType(DataType.F32, 10_000)));
        Node node = GraphBuilder.Create("outer", new Einsum { Equation = "a,b,c,d,e->" }, [Vector("a"), Vector("b"), Vector("c"), Vector("d"), Vector("e")]);
        Assert.Null(ConstantFolding.Fold(node, keepGrowing: true));
    }

    private static int[] Ints(BinaryFunction function, int[] a, int[] b) =>
        new OperatorSample(new Binary { Function = function }, Tensor.Vector<int>(a), Tensor.Vector<int>(b)).Evaluate()[0].Span<int>().ToArray();
}
