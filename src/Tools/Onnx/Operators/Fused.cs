using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Onnx.Operators;

/// <summary>Operators of ONNX Runtime that join several of ONNX's, built of these again; our passes join what our kernels have.</summary>
internal static class Fused
{
    public static readonly (string Name, OnnxImport Import)[] All =
    [
        ("com.microsoft.FusedConv", FusedConv),
        ("com.microsoft.FusedGemm", n => [Activate(n, Products.Gemm(n)[0])]),
        ("com.microsoft.FusedMatMul", n => [FusedMatMul(n)]),
        ("com.microsoft.TransposeMatMul", n => [FusedMatMul(n)]),
        ("com.microsoft.FusedMatMulActivation", n => [Activate(n, FusedMatMul(n))]),
        ("com.microsoft.GemmFastGelu", n => [n.Unary(UnaryFunction.GeluTanh, Plus(n, n.Prepare(new MatMul(), n.Input(0), n.Input(1)), n.Optional(2)))]),
        ("com.microsoft.BiasGelu", n => [n.Unary(UnaryFunction.Gelu, Plus(n, n.Input(0), n.Input(1)))]),
        ("com.microsoft.QuickGelu", n => [n.Unary(UnaryFunction.Swish, n.Input(0), n.Attributes.Float("alpha", 1.702f))]),
        ("com.microsoft.BiasAdd", n => [Plus(n, Plus(n, n.Input(0), n.Input(1)), n.Optional(2))]),
        ("com.microsoft.BiasDropout", BiasDropout),
        ("com.microsoft.BiasSplitGelu", BiasSplitGelu),
        ("com.microsoft.BiasSoftmax", BiasSoftmax),
        ("com.microsoft.GroupNorm", n => [GroupNorm(n, n.Input(0))]),
        ("com.microsoft.SkipGroupNorm", SkipGroupNorm),
        ("com.microsoft.CDist", CDist),
        ("com.microsoft.ExpandDims", n => [n.Add1(new Unsqueeze { Axes = n.Integers(n.Input(1)) }, n.Input(0))]),
        ("com.microsoft.Inverse", n => [n.Add1(new Inverse(), n.Input(0))]),
        ("com.microsoft.Pad", n => [n.Add1(new Pad { Mode = Shapes.Mode(n) }, n.Input(0), n.Reshape(n.Input(1), -1), n.Optional(2))]),
        ("com.microsoft.Trilu", Shapes.Trilu),
        ("com.microsoft.Range", n => [n.Add1(new EdgeRuntime.Operators.Range(), n.Input(0), n.Input(1), n.Optional(2) ?? n.Scalar(n.Input(0).Type.DataType, 1))]),
        ("com.microsoft.GatherND", n => [n.Add1(new GatherND(), n.Input(0), n.Input(1))]),
        ("com.microsoft.Unique", n => n.Add(new Unique { Sorted = false }, n.Input(0)) is [var y, _, var places, var counts] ? [y, places, counts] : []),
        ("com.microsoft.GridSample", Detection.GridSample),
    ];

    private static Value[] FusedConv(OnnxNode node)
    {
        Value y = Spatial.Conv(node)[0];
        return [Activate(node, node.Optional(3) is { } residual ? node.Binary(BinaryFunction.Add, y, residual) : y)];
    }

    /// <summary>α·A·B; batches may stand behind the first axis instead of before it.</summary>
    private static Value FusedMatMul(OnnxNode node)
    {
        OnnxAttributes given = node.Attributes;
        Value a = Batches(node, node.Input(0), "transBatchA"), b = Batches(node, node.Input(1), "transBatchB");
        // A vector has nothing to transpose.
        var product = new MatMul
        {
            TransposeA = given.Bool("transA", false) && node.Rank(a) > 1, TransposeB = given.Bool("transB", false) && node.Rank(b) > 1, Scale = given.Float("alpha", 1),
        };
        return node.Add1(product, a, b);
    }

    private static Value Batches(OnnxNode node, Value x, string attribute)
    {
        if (!node.Attributes.Bool(attribute, false)) return x;
        int rank = node.Rank(x);
        return rank < 3 ? x : node.Transpose(x, [.. Enumerable.Range(1, rank - 2), 0, rank - 1]);
    }

    /// <summary>The activation that the attributes name.</summary>
    private static Value Activate(OnnxNode node, Value x)
    {
        OnnxAttributes given = node.Attributes;
        float[] numbers = given.Floats("activation_params", given.Float("activation_alpha", float.NaN), given.Float("activation_beta", float.NaN));
        float Number(int index, float otherwise) => index < numbers.Length && !float.IsNaN(numbers[index]) ? numbers[index] : otherwise;
        return given.String("activation", "") switch
        {
            "" => x,
            "Relu" => node.Unary(UnaryFunction.Relu, x),
            "Tanh" => node.Unary(UnaryFunction.Tanh, x),
            "Sigmoid" => node.Unary(UnaryFunction.Sigmoid, x),
            "Softplus" => node.Unary(UnaryFunction.Softplus, x),
            "Softsign" => node.Unary(UnaryFunction.Softsign, x),
            "Gelu" => node.Unary(UnaryFunction.Gelu, x),
            "LeakyRelu" => node.Unary(UnaryFunction.LeakyRelu, x, Number(0, 0.01f)),
            "Elu" => node.Unary(UnaryFunction.Elu, x, Number(0, 1)),
            "ThresholdedRelu" => node.Unary(UnaryFunction.ThresholdedRelu, x, Number(0, 1)),
            "HardSigmoid" => node.Unary(UnaryFunction.HardSigmoid, x, Number(0, 0.2f), Number(1, 0.5f)),
            "Clip" => node.Unary(UnaryFunction.Clip, x, Number(0, float.MinValue), Number(1, float.MaxValue)),
            string other => throw node.Problem($"the activation '{other}' is not supported"),
        };
    }

    private static Value[] BiasDropout(OnnxNode node)
    {
        if (node.Optional(4) is { } training && node.Number(training, 0) != 0) throw node.Problem("it is used for training, where it drops at random");
        Value y = Plus(node, Plus(node, node.Input(0), node.Input(1)), node.Optional(2));
        Value all = node.Binary(BinaryFunction.Equal, node.Cast(y, DataType.Bool), node.Cast(y, DataType.Bool));
        return [y, all];
    }

    /// <summary>One half of the channels times GELU of the other.</summary>
    private static Value[] BiasSplitGelu(OnnxNode node)
    {
        Value[] halves = node.Add(new Split { Axis = -1, Parts = 2 }, Plus(node, node.Input(0), node.Input(1)));
        return [node.Binary(BinaryFunction.Mul, halves[0], node.Unary(UnaryFunction.Gelu, halves[1]))];
    }

    private static Value[] BiasSoftmax(OnnxNode node)
    {
        Value x = node.Input(0), bias = node.Input(1);
        int rank = node.Rank(x), axis = node.Attributes.Int32("axis", 1);
        if ((axis < 0 ? axis + rank : axis) != rank - 1) throw node.Problem("softmax over more axes than the last is not supported");
        if (!node.Attributes.Bool("is_inner_broadcast", true) && node.Rank(bias) != rank) throw node.Problem("its bias must have as many axes as its input");
        return [node.Add1(new Softmax(), Plus(node, x, bias))];
    }

    /// <summary>Channels last, unlike ONNX's own.</summary>
    private static Value GroupNorm(OnnxNode node, Value x)
    {
        if (!node.Attributes.Bool("channels_last", true)) throw node.Problem("channels before the pixels are not supported");
        var norm = new GroupNorm { Groups = node.Attributes.Int32("groups", 1), Epsilon = node.Attributes.Float("epsilon", 1e-5f) };
        DataType type = x.Type.DataType;
        Value y = Plus(node, node.Binary(BinaryFunction.Mul, node.Add1(norm, x), node.Cast(node.Input(1), type)), node.Cast(node.Input(2), type));
        return node.Attributes.Bool("activation", false) ? node.Unary(UnaryFunction.Swish, y, 1) : y;
    }

    /// <summary>Inputs: x, scale, bias, skip, bias of the sum. Outputs: the norm, the sum.</summary>
    private static Value[] SkipGroupNorm(OnnxNode node)
    {
        Value skip = node.Input(3);
        if (node.Rank(skip) == 2) skip = node.Prepare(new Unsqueeze { Axes = [1, 2] }, skip);
        Value sum = Plus(node, Plus(node, node.Input(0), skip), node.Optional(4));
        return [GroupNorm(node, sum), sum];
    }

    /// <summary>The distance of each row of one matrix from each of another.</summary>
    private static Value[] CDist(OnnxNode node)
    {
        Value apart = node.Binary(BinaryFunction.Sub, node.Prepare(new Unsqueeze { Axes = [1] }, node.Input(0)), node.Prepare(new Unsqueeze { Axes = [0] }, node.Input(1)));
        ReduceFunction function = node.Attributes.OneOf("metric", "sqeuclidean", "euclidean") == "euclidean" ? ReduceFunction.L2 : ReduceFunction.SumSquare;
        return [node.Add1(new Reduce { Function = function, Axes = [2], KeepDims = false }, apart)];
    }

    private static Value Plus(OnnxNode node, Value x, Value? y) => y is null ? x : node.Binary(BinaryFunction.Add, x, y);
}
