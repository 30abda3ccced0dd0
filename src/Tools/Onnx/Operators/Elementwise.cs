using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Onnx.Operators;

/// <summary>Functions of single elements: arithmetic, comparisons, activations, and constants.</summary>
internal static class Elementwise
{
    public static readonly (string Name, OnnxImport Import)[] All =
    [
        ("Constant", Constant),
        ("Identity", n => [n.Input(0)]),
        ("Dropout", Dropout),

        ("Add", n => Binary(n, BinaryFunction.Add)),
        ("Sub", n => Binary(n, BinaryFunction.Sub)),
        ("Mul", n => Binary(n, BinaryFunction.Mul)),
        ("Div", n => Binary(n, BinaryFunction.Div)),
        ("Pow", n => Binary(n, BinaryFunction.Pow)),
        ("Mod", n => Binary(n, n.Attributes.Bool("fmod", false) ? BinaryFunction.FMod : BinaryFunction.Mod)),
        ("PRelu", PRelu),
        ("Equal", n => Binary(n, BinaryFunction.Equal)),
        ("Greater", n => Binary(n, BinaryFunction.Greater)),
        ("GreaterOrEqual", n => Binary(n, BinaryFunction.GreaterOrEqual)),
        ("Less", n => Binary(n, BinaryFunction.Less)),
        ("LessOrEqual", n => Binary(n, BinaryFunction.LessOrEqual)),
        ("And", n => Binary(n, BinaryFunction.And)),
        ("Or", n => Binary(n, BinaryFunction.Or)),
        ("Xor", n => Binary(n, BinaryFunction.Xor)),
        ("BitwiseAnd", n => Binary(n, BinaryFunction.BitwiseAnd)),
        ("BitwiseOr", n => Binary(n, BinaryFunction.BitwiseOr)),
        ("BitwiseXor", n => Binary(n, BinaryFunction.BitwiseXor)),
        ("BitShift", n => Binary(n, n.Attributes.OneOf("direction", "LEFT", "RIGHT") == "LEFT" ? BinaryFunction.ShiftLeft : BinaryFunction.ShiftRight)),

        ("Max", n => Fold(n, BinaryFunction.Max)),
        ("Min", n => Fold(n, BinaryFunction.Min)),
        ("Sum", n => Fold(n, BinaryFunction.Add)),
        ("Mean", Mean),

        ("Abs", n => Unary(n, UnaryFunction.Abs)),
        ("Neg", n => Unary(n, UnaryFunction.Neg)),
        ("Sign", n => Unary(n, UnaryFunction.Sign)),
        ("Reciprocal", n => Unary(n, UnaryFunction.Reciprocal)),
        ("Sqrt", n => Unary(n, UnaryFunction.Sqrt)),
        ("Exp", n => Unary(n, UnaryFunction.Exp)),
        ("Log", n => Unary(n, UnaryFunction.Log)),
        ("Floor", n => Unary(n, UnaryFunction.Floor)),
        ("Ceil", n => Unary(n, UnaryFunction.Ceil)),
        ("Round", n => Unary(n, UnaryFunction.Round)),
        ("Erf", n => Unary(n, UnaryFunction.Erf)),
        ("Sin", n => Unary(n, UnaryFunction.Sin)),
        ("Cos", n => Unary(n, UnaryFunction.Cos)),
        ("Tan", n => Unary(n, UnaryFunction.Tan)),
        ("Asin", n => Unary(n, UnaryFunction.Asin)),
        ("Acos", n => Unary(n, UnaryFunction.Acos)),
        ("Atan", n => Unary(n, UnaryFunction.Atan)),
        ("Sinh", n => Unary(n, UnaryFunction.Sinh)),
        ("Cosh", n => Unary(n, UnaryFunction.Cosh)),
        ("Tanh", n => Unary(n, UnaryFunction.Tanh)),
        ("Asinh", n => Unary(n, UnaryFunction.Asinh)),
        ("Acosh", n => Unary(n, UnaryFunction.Acosh)),
        ("Atanh", n => Unary(n, UnaryFunction.Atanh)),
        ("Not", n => Unary(n, UnaryFunction.Not)),
        ("BitwiseNot", n => Unary(n, UnaryFunction.BitwiseNot)),
        ("IsNaN", n => Unary(n, UnaryFunction.IsNaN)),
        ("IsInf", n => Unary(n, UnaryFunction.IsInf, n.Attributes.Int("detect_negative", 1), n.Attributes.Int("detect_positive", 1))),

        ("Relu", n => Unary(n, UnaryFunction.Relu)),
        ("LeakyRelu", n => Unary(n, UnaryFunction.LeakyRelu, n.Attributes.Float("alpha", 0.01f))),
        ("Elu", n => Unary(n, UnaryFunction.Elu, n.Attributes.Float("alpha", 1))),
        ("Celu", n => Unary(n, UnaryFunction.Celu, n.Attributes.Float("alpha", 1))),
        ("Selu", n => Unary(n, UnaryFunction.Selu, n.Attributes.Float("alpha", 1.67326319217681884765625f), n.Attributes.Float("gamma", 1.05070102214813232421875f))),
        ("ThresholdedRelu", n => Unary(n, UnaryFunction.ThresholdedRelu, n.Attributes.Float("alpha", 1))),
        ("Sigmoid", n => Unary(n, UnaryFunction.Sigmoid)),
        ("HardSigmoid", n => Unary(n, UnaryFunction.HardSigmoid, n.Attributes.Float("alpha", 0.2f), n.Attributes.Float("beta", 0.5f))),
        ("HardSwish", n => Unary(n, UnaryFunction.HardSwish, 1f / 6, 0.5f)),
        ("Gelu", n => Unary(n, n.Attributes.OneOf("approximate", "none", "tanh") == "tanh" ? UnaryFunction.GeluTanh : UnaryFunction.Gelu)),
        ("com.microsoft.Gelu", n => Unary(n, UnaryFunction.Gelu)),
        ("Swish", n => Unary(n, UnaryFunction.Swish, n.Attributes.Float("alpha", 1))),
        ("Mish", n => Unary(n, UnaryFunction.Mish)),
        ("Softplus", n => Unary(n, UnaryFunction.Softplus)),
        ("Softsign", n => Unary(n, UnaryFunction.Softsign)),
        ("Shrink", n => Unary(n, UnaryFunction.Shrink, n.Attributes.Float("lambd", 0.5f), n.Attributes.Float("bias", 0))),
        ("Clip", Clip),

        ("Cast", n => [n.Attributes.DataType("to", DataType.None) is var to && to == n.Input(0).Type.DataType ? n.Input(0) : n.Add1(new Cast { To = to }, n.Input(0))]),
        ("CastLike", n => [n.Add1(new Cast { To = n.Input(1).Type.DataType }, n.Input(0))]),
    ];

    private static Value[] Unary(OnnxNode node, UnaryFunction function, double alpha = 0, double beta = 0) =>
        [node.Unary(function, node.Input(0), alpha, beta)];

    private static Value[] Binary(OnnxNode node, BinaryFunction function)
    {
        Value a = node.Input(0), b = node.Input(1);
        // Until operator set 7, the second operand was aligned at an axis instead of at the last.
        if (node.Version < 7 && node.Attributes.Bool("broadcast", false) && node.Attributes.Has("axis")) b = AlignAt(node, b, node.Attributes.Int32("axis", 0), node.Rank(a));
        return [node.Binary(function, a, b)];
    }

    /// <summary>Until operator set 7, a slope was one for each channel.</summary>
    private static Value[] PRelu(OnnxNode node)
    {
        Value x = node.Input(0), slope = node.Input(1);
        if (node.Version < 7 && node.Rank(slope) == 1 && slope.Type.Shape[0] != 1) slope = AlignAt(node, slope, 1, node.Rank(x));
        return [node.Binary(BinaryFunction.PRelu, x, slope)];
    }

    /// <summary>The value with axes of size 1 at the end, so that its first axis meets the given one of a tensor of that rank.</summary>
    private static Value AlignAt(OnnxNode node, Value x, int axis, int rank)
    {
        int own = node.Rank(x), missing = rank - (axis < 0 ? axis + rank : axis) - own;
        if (missing < 0 || missing > rank) throw node.Problem($"'{x.Name}' of rank {own} cannot be aligned at axis {axis} of rank {rank}");
        return missing == 0 ? x : node.Reshape(x, [.. Enumerable.Repeat(0L, own), .. Enumerable.Repeat(1L, missing)]);
    }

    /// <summary>One function of any number of inputs.</summary>
    private static Value[] Fold(OnnxNode node, BinaryFunction function)
    {
        Value[] inputs = node.AllInputs();
        if (inputs.Length == 0) throw node.Problem("it has no inputs");
        return [inputs.Aggregate((a, b) => node.Binary(function, a, b))];
    }

    private static Value[] Mean(OnnxNode node)
    {
        Value sum = Fold(node, BinaryFunction.Add)[0];
        return node.Inputs.Count == 1 ? [sum] : [node.Binary(BinaryFunction.Div, sum, node.Scalar(sum.Type.DataType, node.Inputs.Count))];
    }

    /// <summary>Clip with constant float bounds is one function; anything else is a maximum and a minimum.</summary>
    private static Value[] Clip(OnnxNode node)
    {
        Value x = node.Input(0);
        if (node.Version < 11) return [node.Unary(UnaryFunction.Clip, x, node.Attributes.Float("min", float.MinValue), node.Attributes.Float("max", float.MaxValue))];
        Value? least = node.Optional(1), most = node.Optional(2);
        if (x.Type.DataType is DataType.F32 or DataType.F16 && least is null or { Constant: not null } && most is null or { Constant: not null })
        {
            double min = node.Number(least, float.NegativeInfinity), max = node.Number(most, float.PositiveInfinity);
            if (min <= max) return [node.Unary(UnaryFunction.Clip, x, min, max)];
        }
        if (least is not null) x = node.Binary(BinaryFunction.Max, x, least);
        if (most is not null) x = node.Binary(BinaryFunction.Min, x, most);
        return [x];
    }

    /// <summary>
    /// Nothing is dropped outside of training; the mask, where wanted, is all true. In training, elements are dropped with the given probability,
    /// and the others grow so that the sum stays.
    /// </summary>
    private static Value[] Dropout(OnnxNode node)
    {
        Value x = node.Input(0);
        DataType type = x.Type.DataType;
        if (node.Optional(2) is { } training && (training.Constant is null || node.Number(training, 0) != 0))
        {
            Value ratio = node.Optional(1) is { } given ? node.Cast(given, DataType.F32) : node.Scalar(DataType.F32, 0.5);
            Value chance = node.Prepare(new Where(), node.Reshape(training), node.Reshape(ratio), node.Scalar(DataType.F32, 0));
            Value kept = node.Binary(BinaryFunction.GreaterOrEqual, RandomNumbers.Fractions(node, x), chance);
            Value grown = node.Binary(BinaryFunction.Div, x, node.Cast(node.Binary(BinaryFunction.Sub, node.Scalar(DataType.F32, 1), chance), type));
            return [node.Add1(new Where(), kept, grown, node.Scalar(type, 0)), kept];
        }
        if (!node.Wants(1)) return [x];
        Value same = node.Binary(BinaryFunction.Equal, node.Cast(x, DataType.Bool), node.Cast(x, DataType.Bool));
        return [x, node.Version < 10 ? node.Cast(same, type) : same];
    }

    private static Value[] Constant(OnnxNode node)
    {
        OnnxAttributes given = node.Attributes;
        Tensor? tensor = given.Has("value") ? given.Tensor("value")
            : given.Has("value_float") ? Tensor.Scalar(given.Float("value_float", 0))
            : given.Has("value_int") ? Tensor.Scalar(given.Int("value_int", 0))
            : given.Has("value_floats") ? Tensor.Vector<float>(given.Floats("value_floats"))
            : given.Has("value_ints") ? Tensor.Vector<long>(given.Ints("value_ints"))
            : given.Has("sparse_value") ? given.SparseTensor("sparse_value")
            : given.Has("value_string") ? Texts.Tensor(given.String("value_string", ""))
            : given.Has("value_strings") ? Texts.Tensor(given.Strings("value_strings"))
            : throw node.Problem("it has no value");
        if (tensor is null) return [];
        Value constant = node.Constant(tensor);
        return [given.Has("value_string") ? node.Reshape(constant) : constant];
    }
}
