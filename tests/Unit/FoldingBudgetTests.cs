using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;
using Xunit;

namespace EdgeRuntime.Tests.Unit;

/// <summary>Binding folds what models need, but not all that a small file can ask for.</summary>
public class FoldingBudgetTests
{
    [Fact]
    public void Many_large_results_from_a_small_file_stay_nodes()
    {
        var builder = new GraphBuilder("bomb");
        Value x = builder.Input("x", new TensorType(DataType.F32, 1));
        Value one = builder.Constant("one", Tensor.Scalar(1f)), sum = x;
        for (int i = 0; i < 400; i++)
        {
            Value large = builder.Add1($"e{i}", new Expand { Target = [4 << 20] }, one);
            sum = builder.Add1($"s{i}", new Binary { Function = BinaryFunction.Add }, sum, builder.Add1($"m{i}", new Reduce { Function = ReduceFunction.Max }, large));
        }
        builder.Output("y", sum);
        Graph bound = GraphBinding.Bind(builder.Build(), [new Shape(1)]);
        // The first few fit: 16 MB each.
        Assert.InRange(bound.Nodes.Count(n => n.Operator is Expand), 390, 399);
    }

    [Fact]
    public void Half_weights_are_widened_whatever_their_size()
    {
        var builder = new GraphBuilder("half");
        Value wide = builder.Add1("wide", new Cast { To = DataType.F32 }, builder.Constant("w", new Tensor(new TensorType(DataType.F16, 9 << 20, 1))));
        wide = builder.Add1("turned", new Transpose { Permutation = [1, 0] }, wide);
        builder.Output("y", builder.Add1("sum", new Binary { Function = BinaryFunction.Add }, builder.Input("x", new TensorType(DataType.F32, 1)), wide));
        Graph bound = GraphBinding.Bind(builder.Build(), [new Shape(1)]);
        Assert.Equal("sum", Assert.Single(bound.Nodes).Name);
    }
}
