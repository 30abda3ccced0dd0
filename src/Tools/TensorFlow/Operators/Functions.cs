using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.TensorFlow.Operators;

/// <summary>Functions of one number.</summary>
internal static class Functions
{
    /// <summary>The constants of SELU, with which activations keep mean 0 and variance 1.</summary>
    private const double SeluAlpha = 1.6732632423543772, SeluScale = 1.0507009873554805;

    public static readonly (string Name, TensorFlowImport Import)[] All =
    [
        ("Abs", n => [n.Unary(UnaryFunction.Abs, n.Input(0))]),
        ("Neg", n => [n.Unary(UnaryFunction.Neg, n.Input(0))]),
        ("Sign", n => [n.Unary(UnaryFunction.Sign, n.Input(0))]),
        ("Square", n => [n.Binary(BinaryFunction.Mul, n.Input(0), n.Input(0))]),
        ("Sqrt", n => Real(n, UnaryFunction.Sqrt)),
        ("Rsqrt", n => [n.Unary(UnaryFunction.Reciprocal, n.Unary(UnaryFunction.Sqrt, n.Float(0)))]),
        ("Reciprocal", n => Real(n, UnaryFunction.Reciprocal)),
        ("Inv", n => Real(n, UnaryFunction.Reciprocal)),
        ("Exp", n => Real(n, UnaryFunction.Exp)),
        ("Expm1", n => [n.Binary(BinaryFunction.Sub, n.Unary(UnaryFunction.Exp, n.Float(0)), n.Scalar(DataType.F32, 1))]),
        ("Log", n => Real(n, UnaryFunction.Log)),
        ("Log1p", n => [n.Unary(UnaryFunction.Log, n.Binary(BinaryFunction.Add, n.Float(0), n.Scalar(DataType.F32, 1)))]),
        ("Ceil", n => Rounded(n, UnaryFunction.Ceil)),
        ("Floor", n => Rounded(n, UnaryFunction.Floor)),
        ("Round", n => Rounded(n, UnaryFunction.Round)),
        ("Rint", n => Rounded(n, UnaryFunction.Round)),
        ("Erf", n => Real(n, UnaryFunction.Erf)),

        ("Sin", n => Real(n, UnaryFunction.Sin)),
        ("Cos", n => Real(n, UnaryFunction.Cos)),
        ("Tan", n => Real(n, UnaryFunction.Tan)),
        ("Asin", n => Real(n, UnaryFunction.Asin)),
        ("Acos", n => Real(n, UnaryFunction.Acos)),
        ("Atan", n => Real(n, UnaryFunction.Atan)),
        ("Sinh", n => Real(n, UnaryFunction.Sinh)),
        ("Cosh", n => Real(n, UnaryFunction.Cosh)),
        ("Tanh", n => Real(n, UnaryFunction.Tanh)),
        ("Asinh", n => Real(n, UnaryFunction.Asinh)),
        ("Acosh", n => Real(n, UnaryFunction.Acosh)),
        ("Atanh", n => Real(n, UnaryFunction.Atanh)),

        ("Relu", n => [Relu(n, n.Input(0))]),
        ("Relu6", n => [Clip(n, n.Input(0), n.Scalar(n.Input(0).Type.DataType, 0), n.Scalar(n.Input(0).Type.DataType, 6))]),
        ("LeakyRelu", n => Real(n, UnaryFunction.LeakyRelu, n.Attributes.Float("alpha", 0.2f))),
        ("Prelu", n => [n.Binary(BinaryFunction.PRelu, n.Float(0), n.Float(1))]),
        ("Elu", n => Real(n, UnaryFunction.Elu, 1)),
        ("Selu", n => Real(n, UnaryFunction.Selu, SeluAlpha, SeluScale)),
        ("Sigmoid", n => Real(n, UnaryFunction.Sigmoid)),
        ("Softplus", n => Real(n, UnaryFunction.Softplus)),
        ("Softsign", n => Real(n, UnaryFunction.Softsign)),
        ("ClipByValue", n => [Clip(n, n.Input(0), n.Input(1), n.Input(2))]),

        ("IsNan", n => Real(n, UnaryFunction.IsNaN)),
        ("IsInf", n => Real(n, UnaryFunction.IsInf, 1, 1)),
        ("IsFinite", n => [n.Unary(UnaryFunction.Not, n.Binary(BinaryFunction.Or, n.Unary(UnaryFunction.IsNaN, n.Float(0)), n.Unary(UnaryFunction.IsInf, n.Float(0), 1, 1)))]),
    ];

    /// <summary>The activation that a fused operator ends with.</summary>
    /// <param name="node">The node.</param>
    /// <param name="x">What it applies to.</param>
    /// <param name="name">The activation's operator.</param>
    /// <param name="slope">Where the slopes of PReLU are found.</param>
    public static Value Activate(TensorFlowNode node, Value x, string name, int slope) => name switch
    {
        "Relu" => Relu(node, x),
        "Relu6" => node.Unary(UnaryFunction.Clip, x, 0, 6),
        "Elu" => node.Unary(UnaryFunction.Elu, x, 1),
        "Prelu" => node.Binary(BinaryFunction.PRelu, x, node.Float(slope)),
        "LeakyRelu" => node.Unary(UnaryFunction.LeakyRelu, x, node.Attributes.Float("leakyrelu_alpha", 0.2f)),
        "Sigmoid" => node.Unary(UnaryFunction.Sigmoid, x),
        "Tanh" => node.Unary(UnaryFunction.Tanh, x),
        _ => throw node.Problem($"the fused operator '{name}' is not supported"),
    };

    private static Value Relu(TensorFlowNode node, Value x) =>
        x.Type.DataType == DataType.F32 ? node.Unary(UnaryFunction.Relu, x) : node.Binary(BinaryFunction.Max, x, node.Scalar(x.Type.DataType, 0));

    /// <summary>A clip with constant float bounds is one function; anything else is a maximum and a minimum.</summary>
    private static Value Clip(TensorFlowNode node, Value x, Value least, Value most)
    {
        if (x.Type.DataType == DataType.F32 && least.Constant?.Shape.Count == 1 && most.Constant?.Shape.Count == 1)
        {
            double min = node.Number(least, 0), max = node.Number(most, 0);
            if (min <= max) return node.Unary(UnaryFunction.Clip, x, min, max);
        }
        return node.Binary(BinaryFunction.Min, node.Binary(BinaryFunction.Max, x, node.Cast(least, x.Type.DataType)), node.Cast(most, x.Type.DataType));
    }

    private static TensorFlowResult[] Real(TensorFlowNode node, UnaryFunction function, double alpha = 0, double beta = 0) => [node.Unary(function, node.Float(0), alpha, beta)];

    /// <summary>Integers are whole already.</summary>
    private static TensorFlowResult[] Rounded(TensorFlowNode node, UnaryFunction function) =>
        [node.Input(0).Type.DataType == DataType.F32 ? node.Unary(function, node.Input(0)) : node.Input(0)];
}
