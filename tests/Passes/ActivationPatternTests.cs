using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;
using Xunit;

namespace EdgeRuntime.Tests.Passes;

public class ActivationPatternTests
{
    [Fact]
    public void X_times_sigmoid_is_swish() => Becomes("Unary(function: Swish, alpha: 1, beta: 0)",
        (b, x) => b.Apply("y", BinaryFunction.Mul, b.Apply("s", UnaryFunction.Sigmoid, x), x));

    [Fact]
    public void X_times_sigmoid_of_scaled_x_is_swish() => Becomes("Unary(function: Swish, alpha: 1.5, beta: 0)",
        (b, x) => b.Apply("y", BinaryFunction.Mul, x, b.Apply("s", UnaryFunction.Sigmoid, b.Apply("t", BinaryFunction.Mul, x, b.Number(1.5f)))));

    [Fact]
    public void Hard_swish_by_division() => Becomes("Unary(function: HardSwish, alpha: 0.16666667, beta: 0.5)",
        (b, x) => b.Apply("y", BinaryFunction.Div, b.Apply("p", BinaryFunction.Mul, x, Relu6OfXPlus3(b, x)), b.Number(6)));

    [Fact]
    public void Hard_swish_of_hard_sigmoid() => Becomes("Unary(function: HardSwish, alpha: 0.16666667, beta: 0.5)",
        (b, x) => b.Apply("y", BinaryFunction.Mul, x, b.Apply("p", BinaryFunction.Div, Relu6OfXPlus3(b, x), b.Number(6))));

    [Fact]
    public void Hard_swish_of_a_scaled_x() => Becomes("Unary(function: HardSwish, alpha: 0.16666667, beta: 0.5)",
        (b, x) => b.Apply("y", BinaryFunction.Mul, b.Apply("p", BinaryFunction.Mul, b.Number(1 / 6f), x), Relu6OfXPlus3(b, x)));

    [Fact]
    public void Hard_swish_of_a_transposed_convolution_is_found_before_its_parts_are_fused()
    {
        Graph graph = PassCheck.SameNumbers(() =>
        {
            var b = new GraphBuilder("order");
            Value y = b.Add1("t", new Transpose { Permutation = [0, 3, 1, 2] }, b.Pointwise("conv", b.Input("x", new TensorType(DataType.F32, 1, 3, 4, 5)), 5, 6));
            Value three = b.Constant("three", Tensor.From<float>(new Shape(1, 1, 1, 1), 3));
            Value gate = b.Apply("gate", BinaryFunction.Mul, b.Number(1 / 6f), b.Apply("clip", UnaryFunction.Clip, b.Apply("plus", BinaryFunction.Add, y, three), 0, 6));
            y = b.Apply("swish", BinaryFunction.Mul, y, gate);
            b.Output("y", b.Add1("back", new Transpose { Permutation = [0, 2, 3, 1] }, y));
            return b.Build();
        });
        Assert.Equal(UnaryFunction.HardSwish, Assert.IsType<Conv>(Assert.Single(graph.Nodes).Operator).Activation.Function);
    }

    [Fact]
    public void Relu_below_a_constant_is_a_clip() => Becomes("Unary(function: Clip, alpha: 0, beta: 6)",
        (b, x) => b.Apply("y", BinaryFunction.Min, b.Apply("r", UnaryFunction.Relu, x), b.Number(6)));

    [Fact]
    public void Clip_without_upper_end_is_relu() => Becomes("Unary(function: Relu, alpha: 0, beta: 0)",
        (b, x) => b.Apply("y", UnaryFunction.Clip, x, 0, float.MaxValue));

    [Fact]
    public void Mish() => Becomes("Unary(function: Mish, alpha: 0, beta: 0)",
        (b, x) => b.Apply("y", BinaryFunction.Mul, x, b.Apply("t", UnaryFunction.Tanh, b.Apply("s", UnaryFunction.Softplus, x))));

    private static Value Relu6OfXPlus3(GraphBuilder b, Value x) =>
        b.Apply("clip", UnaryFunction.Clip, b.Apply("plus", BinaryFunction.Add, x, b.Number(3)), 0, 6);

    private static void Becomes(string expected, Func<GraphBuilder, Value, Value> pattern)
    {
        Graph graph = PassCheck.SameNumbers(() =>
        {
            var b = new GraphBuilder("pattern");
            Value x = b.Input("x", new TensorType(DataType.F32, b.Symbol("n"), 13));
            Value scaled = b.Apply("wide", BinaryFunction.Mul, x, b.Number(9));
            b.Output("y", pattern(b, scaled));
            b.Output("x9", scaled);
            return b.Build();
        }, [new Shape(5, 13)]);
        Assert.Equal(2, graph.Nodes.Count);
        Assert.Equal(expected, graph.Nodes[1].Operator.ToString());
        Assert.Equal("y", graph.Nodes[1].Outputs[0].Name);
    }
}
