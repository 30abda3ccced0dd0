using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Quantizing;
using Xunit;

namespace EdgeRuntime.Tests.Quantizing;

/// <summary>What of a graph computes with integers, and which values are rounded to 8 bits for it.</summary>
public class QuantizationPlanTests
{
    [Theory]
    [InlineData(false, "x,a,b,sum,y")]
    [InlineData(true, "x,sum,y")]
    public void A_sum_that_lacks_an_operand_in_integers_wants_the_other_in_floats(bool isFirstFloat, string quantized)
    {
        // a and b are products, the sum of both is read by a third; y by a fourth.
        var builder = new GraphBuilder("sum");
        Value x = builder.Input("x", new TensorType(DataType.F32, 1, 5, 7, 8));
        Value a = Product(builder, "a", x), b = Product(builder, "b", x);
        Value sum = builder.Add1("sum", new Binary { Function = BinaryFunction.Add }, a, b);
        Value moved = builder.Add1("moved", new Slice { Axes = [1], Starts = [0], Ends = [3], Steps = [1] }, sum);
        builder.Output("out", Product(builder, "out", Product(builder, "y", moved)));
        Graph graph = builder.Build();
        var inFloats = new HashSet<Node>(graph.Nodes.Where(n => isFirstFloat && n.Name == "a"));
        var plan = new QuantizationPlan(graph, inFloats);
        // What the moved elements are rounded to is the sum's range where the sum is there in integers, else their own.
        Assert.Equal(isFirstFloat ? quantized.Replace("sum", "moved") : quantized, string.Join(',', plan.Quantized.Select(v => v.Producer?.Name ?? v.Name)));
        Assert.Equal(!isFirstFloat, plan.Integer.Any(n => n.Name == "sum"));
    }

    private static Value Product(GraphBuilder builder, string name, Value x)
    {
        var weights = new Tensor(new TensorType(DataType.F32, 8, 1, 1, 8));
        for (int i = 0; i < 64; i++) weights.Span<float>()[i] = MathF.Sin(i + name.Length);
        return builder.Add1(name, new Conv { Window = Window.Of([1, 1]) }, x, builder.Constant($"{name}/weights", weights));
    }
}
