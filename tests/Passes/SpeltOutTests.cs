using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;
using Xunit;

namespace EdgeRuntime.Tests.Passes;

/// <summary>Functions that exporters spell out of plain operators: each spelling becomes one operator and computes the same.</summary>
public class SpeltOutTests
{
    private static readonly TensorType X = new(DataType.F32, 2, 5, 8);

    public static TheoryData<string> Gelus => ["(x * (1 + e)) * 0.5", "(x * 0.5) * (e + 1)", "x * (0.5 + e * 0.5)", "x * ((e + 1) / 2)", "t(x^3)", "t(x*x*x)", "t(x*(1+x^2))", "sigmoid"];

    [Theory]
    [MemberData(nameof(Gelus))]
    public void Gelu(string spelling)
    {
        Graph graph = PassCheck.SameNumbers(() => Build((b, x) =>
        {
            Value e = b.Apply("erf", UnaryFunction.Erf, b.Apply("root", BinaryFunction.Div, x, b.Number(1.4142135f)));
            Value half = b.Number(0.5f), one = b.Number(1), two = b.Number(2);
            switch (spelling)
            {
                case "(x * (1 + e)) * 0.5": return Mul(Mul(x, Add(one, e)), half);
                case "(x * 0.5) * (e + 1)": return Mul(Mul(x, half), Add(e, one));
                case "x * (0.5 + e * 0.5)": return Mul(x, Add(half, Mul(e, half)));
                case "x * ((e + 1) / 2)": return Mul(x, b.Apply("/", BinaryFunction.Div, Add(e, one), two));
            }
            Value root = b.Number(0.7978845608f), cubic = b.Number(0.044715f);
            Value cube = spelling == "t(x^3)" ? b.Apply("pow", BinaryFunction.Pow, x, b.Number(3)) : Mul(Mul(x, x), x);
            Value inner = spelling == "t(x*(1+x^2))" ? Mul(Mul(x, root), Add(one, Mul(cubic, b.Apply("sq", UnaryFunction.Square, x)))) : Mul(root, Add(x, Mul(cube, cubic)));
            return spelling == "sigmoid" ? Mul(x, b.Apply("sigmoid", UnaryFunction.Sigmoid, Mul(inner, two))) : Mul(Mul(half, x), Add(b.Apply("tanh", UnaryFunction.Tanh, inner), one));

            Value Mul(Value p, Value q) => b.Apply("*", BinaryFunction.Mul, p, q);
            Value Add(Value p, Value q) => b.Apply("+", BinaryFunction.Add, p, q);
        }));
        UnaryFunction expected = spelling.Contains("e)") || spelling.Contains("(e") || spelling.Contains("e *") ? UnaryFunction.Gelu : UnaryFunction.GeluTanh;
        Assert.Equal(expected, Assert.IsType<Unary>(Assert.Single(graph.Nodes).Operator).Function);
    }

    [Fact]
    public void What_only_looks_like_gelu_is_kept()
    {
        Graph graph = PassCheck.SameNumbers(() => Build((b, x) =>
        {
            Value e = b.Apply("erf", UnaryFunction.Erf, b.Apply("root", BinaryFunction.Mul, x, b.Number(0.9f)));
            return b.Apply("half", BinaryFunction.Mul, b.Apply("y", BinaryFunction.Mul, x, b.Apply("gate", BinaryFunction.Add, e, b.Number(1))), b.Number(0.5f));
        }));
        Assert.Contains(graph.Nodes, n => n.Operator is Unary { Function: UnaryFunction.Erf });
    }

    public static TheoryData<string> Norms => ["pow, sqrt, div", "mul, sqrt, reciprocal", "pow -0.5", "1 / sqrt", "mean of squares less square of mean", "TensorFlow"];

    [Theory]
    [MemberData(nameof(Norms))]
    public void Layer_norm(string spelling)
    {
        Graph graph = PassCheck.SameNumbers(() => Build((b, x) =>
        {
            Value mean = Mean(b, "mean", x), distance = b.Apply("distance", BinaryFunction.Sub, x, mean);
            Value square = spelling.StartsWith("pow", StringComparison.Ordinal) ? b.Apply("square", BinaryFunction.Pow, distance, b.Number(2)) : b.Apply("square", BinaryFunction.Mul, distance, distance);
            Value variance = Mean(b, "variance", square);
            if (spelling == "mean of squares less square of mean")
                variance = b.Apply("variance", BinaryFunction.Sub, Mean(b, "squares", b.Apply("xx", BinaryFunction.Mul, x, x)), b.Apply("mm", BinaryFunction.Mul, mean, mean));
            Value shifted = b.Apply("shifted", BinaryFunction.Add, variance, b.Number(0.01f)), root = b.Apply("root", UnaryFunction.Sqrt, shifted);
            Value gamma = b.Weight("gamma", 8), beta = b.Weight("beta", 8);
            if (spelling == "TensorFlow")
            {
                Value m = b.Apply("m", BinaryFunction.Mul, b.Apply("inverse", UnaryFunction.Reciprocal, root), gamma);
                return b.Apply("y", BinaryFunction.Add, b.Apply("xm", BinaryFunction.Mul, x, m), b.Apply("rest", BinaryFunction.Sub, beta, b.Apply("mm", BinaryFunction.Mul, mean, m)));
            }
            Value normal = spelling switch
            {
                "mul, sqrt, reciprocal" => b.Apply("n", BinaryFunction.Mul, b.Apply("inverse", UnaryFunction.Reciprocal, root), distance),
                "pow -0.5" => b.Apply("n", BinaryFunction.Mul, distance, b.Apply("inverse", BinaryFunction.Pow, shifted, b.Number(-0.5f))),
                "1 / sqrt" => b.Apply("n", BinaryFunction.Mul, distance, b.Apply("inverse", BinaryFunction.Div, b.Number(1), root)),
                _ => b.Apply("n", BinaryFunction.Div, distance, root),
            };
            return b.Apply("y", BinaryFunction.Add, b.Apply("scaled", BinaryFunction.Mul, normal, gamma), beta);
        }));
        Assert.Equal(["Normalize", "Binary", "Binary"], PassCheck.Operators(graph));
        Assert.True(Assert.IsType<Normalize>(graph.Nodes[0].Operator).Center);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Rms_norm(bool inverse)
    {
        Graph graph = PassCheck.SameNumbers(() => Build((b, x) =>
        {
            Value root = b.Apply("root", UnaryFunction.Sqrt, b.Apply("shifted", BinaryFunction.Add, Mean(b, "mean", b.Apply("xx", BinaryFunction.Pow, x, b.Number(2))), b.Number(1e-3f)));
            return inverse ? b.Apply("y", BinaryFunction.Mul, x, b.Apply("1/r", BinaryFunction.Div, b.Number(1), root)) : b.Apply("y", BinaryFunction.Div, x, root);
        }));
        Assert.False(Assert.IsType<Normalize>(Assert.Single(graph.Nodes).Operator).Center);
    }

    [Fact]
    public void A_norm_over_other_axes_than_its_mean_is_kept()
    {
        Graph graph = PassCheck.SameNumbers(() => Build((b, x) =>
        {
            Value distance = b.Apply("d", BinaryFunction.Sub, x, b.Add1("m", new Reduce { Function = ReduceFunction.Mean, Axes = [1] }, x));
            Value root = b.Apply("root", UnaryFunction.Sqrt, b.Apply("s", BinaryFunction.Add, Mean(b, "v", b.Apply("dd", BinaryFunction.Mul, distance, distance)), b.Number(0.1f)));
            return b.Apply("y", BinaryFunction.Div, distance, root);
        }));
        // What is left is RMS normalisation of the distance.
        Assert.Equal(["Reduce", "Binary", "Normalize"], PassCheck.Operators(graph));
    }

    [Fact]
    public void Transposes_sink_past_norms()
    {
        Graph graph = PassCheck.SameNumbers(() => Build((b, x) =>
        {
            Value turned = b.Add1("t", new Transpose { Permutation = [0, 2, 1] }, x);
            return b.Add1("back", new Transpose { Permutation = [0, 2, 1] }, b.Add1("n", new Normalize { Axes = [-1] }, turned));
        }));
        Assert.Equal([1], Assert.IsType<Normalize>(Assert.Single(graph.Nodes).Operator).Axes);
    }

    public static TheoryData<string> Slopes => ["max", "where >", "where <=", "0 < x", "relu pair", "relu pair, minus", "relu and min"];

    [Theory]
    [MemberData(nameof(Slopes))]
    public void Leaky_relu(string spelling) => Assert.Equal(UnaryFunction.LeakyRelu, Assert.IsType<Unary>(Assert.Single(Sloped(spelling, scalar: true).Nodes).Operator).Function);

    [Theory]
    [MemberData(nameof(Slopes))]
    public void Parametric_relu(string spelling)
    {
        if (spelling == "max") return;
        Assert.Equal(BinaryFunction.PRelu, Assert.IsType<Binary>(Assert.Single(Sloped(spelling, scalar: false).Nodes).Operator).Function);
    }

    private static Graph Sloped(string spelling, bool scalar) => PassCheck.SameNumbers(() => Build((b, x) =>
    {
        Value slope = scalar ? b.Number(0.2f) : b.Weight("slope", 8), zero = b.Number(0), scaled = b.Apply("scaled", BinaryFunction.Mul, x, slope);
        Value upper = b.Apply("upper", UnaryFunction.Relu, x), lower = b.Apply("lower", UnaryFunction.Relu, b.Apply("minus", UnaryFunction.Neg, x));
        return spelling switch
        {
            "max" => b.Apply("y", BinaryFunction.Max, x, scaled),
            "where >" => b.Add1("y", new Where(), b.Apply("c", BinaryFunction.Greater, x, zero), x, scaled),
            "where <=" => b.Add1("y", new Where(), b.Apply("c", BinaryFunction.LessOrEqual, x, zero), scaled, x),
            "0 < x" => b.Add1("y", new Where(), b.Apply("c", BinaryFunction.Less, zero, x), x, scaled),
            "relu pair" => b.Apply("y", BinaryFunction.Add, b.Apply("l", BinaryFunction.Mul, slope, lower), upper),
            "relu pair, minus" => b.Apply("y", BinaryFunction.Sub, upper, b.Apply("l", BinaryFunction.Mul, lower, slope)),
            _ => b.Apply("y", BinaryFunction.Add, upper, b.Apply("l", BinaryFunction.Mul, b.Apply("min", BinaryFunction.Min, x, zero), slope)),
        };
    }));

    [Fact]
    public void Elu_softplus_and_sigmoid()
    {
        Graph graph = PassCheck.SameNumbers(() => Build((b, x) =>
        {
            Value one = b.Number(1), zero = b.Number(0);
            Value elu = b.Add1("elu", new Where(), b.Apply("c", BinaryFunction.Greater, x, zero), x,
                b.Apply("a", BinaryFunction.Mul, b.Apply("s", BinaryFunction.Sub, b.Apply("e", UnaryFunction.Exp, x), one), b.Number(0.7f)));
            Value plus = b.Apply("log", UnaryFunction.Log, b.Apply("1+", BinaryFunction.Add, b.Apply("e2", UnaryFunction.Exp, elu), one));
            return b.Apply("y", BinaryFunction.Div, one, b.Apply("1+", BinaryFunction.Add, one, b.Apply("e3", UnaryFunction.Exp, b.Apply("-", UnaryFunction.Neg, plus))));
        }));
        Assert.Equal([UnaryFunction.Elu, UnaryFunction.Softplus, UnaryFunction.Sigmoid], graph.Nodes.Select(n => Assert.IsType<Unary>(n.Operator).Function));
    }

    [Fact]
    public void Numbers_in_a_row_are_one_and_go_into_products()
    {
        Graph graph = PassCheck.SameNumbers(() => Build((b, x) =>
        {
            Value y = b.Apply("a", BinaryFunction.Mul, b.Apply("b", BinaryFunction.Mul, x, b.Number(3)), b.Number(0.25f));
            y = b.Add1("p", new MatMul(), y, b.Weight("w", 8, 8));
            return b.Apply("d", BinaryFunction.Add, b.Apply("c", BinaryFunction.Add, b.Apply("abs", UnaryFunction.Abs, y), b.Number(3)), b.Number(0.25f));
        }));
        Assert.Equal(["MatMul", "Unary", "Binary"], PassCheck.Operators(graph));
    }

    [Fact]
    public void A_product_with_transposed_keys_reads_the_keys()
    {
        Graph graph = PassCheck.SameNumbers(() => Build((b, x) =>
            b.Add1("y", new MatMul(), b.Apply("s", BinaryFunction.Mul, x, b.Number(0.5f)), b.Add1("t", new Transpose { Permutation = [0, 2, 1] }, b.Apply("k", UnaryFunction.Exp, x)))));
        MatMul product = Assert.IsType<MatMul>(graph.Nodes[^1].Operator);
        Assert.Equal((true, 0.5f, 2), (product.TransposeB, product.Scale, graph.Nodes.Count));
    }

    private static Graph Build(Func<GraphBuilder, Value, Value> make)
    {
        var b = new GraphBuilder("spelt out");
        b.Output("y", make(b, b.Input("x", X)));
        return b.Build();
    }

    private static Value Mean(GraphBuilder b, string name, Value x) => b.Add1(name, new Reduce { Function = ReduceFunction.Mean, Axes = [-1] }, x);
}
