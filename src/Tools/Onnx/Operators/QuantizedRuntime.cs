using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Onnx.Operators;

/// <summary>
/// The quantized operators of ONNX Runtime. Those of known scales are written as an operator of reals between dequantized operands and a quantization, which a pass turns into one of integers; those that quantize
/// as they run are sums of integers, scaled.
/// </summary>
internal static class QuantizedRuntime
{
    public static readonly (string Name, OnnxImport Import)[] All =
    [
        ("com.microsoft.QuantizeLinear", Quantized.QuantizeLinear),
        ("com.microsoft.DequantizeLinear", Quantized.DequantizeLinear),
        ("com.microsoft.QLinearAdd", n => Pair(n, BinaryFunction.Add)),
        ("com.microsoft.QLinearMul", n => Pair(n, BinaryFunction.Mul)),
        ("com.microsoft.QLinearSigmoid", n => Between(n, x => n.Prepare(new Unary { Function = UnaryFunction.Sigmoid }, x))),
        ("com.microsoft.QLinearLeakyRelu", n => Between(n, x => n.Prepare(new Unary { Function = UnaryFunction.LeakyRelu, Alpha = n.Attributes.Float("alpha", 0.01f) }, x))),
        ("com.microsoft.QLinearAveragePool", n => Between(n, x => AveragePool(n, x))),
        ("com.microsoft.QLinearGlobalAveragePool", n => Between(n, x => GlobalAveragePool(n, x))),
        ("com.microsoft.QLinearSoftmax", n => Between(n, x => Softmax(n, x))),
        ("com.microsoft.QLinearReduceMean", n => Between(n, x => n.Prepare(new Reduce { Function = ReduceFunction.Mean, Axes = n.Attributes.Ints("axes"), KeepDims = n.Attributes.Bool("keepdims", true) }, x))),
        ("com.microsoft.QLinearConcat", Concatenate),
        ("com.microsoft.QLinearWhere", Where),
        ("com.microsoft.QGemm", QGemm),
        ("com.microsoft.MatMulIntegerToFloat", MatMulIntegerToFloat),
        ("com.microsoft.DynamicQuantizeMatMul", DynamicQuantizeMatMul),
        ("com.microsoft.MatMulNBits", MatMulNBits),
        ("com.microsoft.QAttention", QAttention),
        ("com.microsoft.DynamicQuantizeLSTM", DynamicQuantizeLstm),
    ];

    /// <summary>x, its scale and zero point; scale and zero point of the result.</summary>
    private static Value[] Between(OnnxNode node, Func<Value, Value> apply) => [Quantized.Integers(node, apply(Quantized.Reals(node, 0)), 3)];

    /// <summary>a, its scale and zero point; b, its scale and zero point; scale and zero point of the result.</summary>
    private static Value[] Pair(OnnxNode node, BinaryFunction function) =>
        [Quantized.Integers(node, node.Prepare(new Binary { Function = function }, Quantized.Reals(node, 0), Quantized.Reals(node, 3)), 6)];

    private static Value AveragePool(OnnxNode node, Value x)
    {
        var op = new Pool { Function = PoolFunction.Average, Window = Spatial.Window(node, null), CountIncludePad = node.Attributes.Bool("count_include_pad", false) };
        return node.Attributes.Bool("channels_last", false) ? node.Prepare(op, x) : node.ChannelsLast(x, last => node.Prepare(op, last));
    }

    /// <summary>The mean of a picture of known size is that of one window, so that it can be one of integers.</summary>
    private static Value GlobalAveragePool(OnnxNode node, Value x)
    {
        bool last = node.Attributes.Bool("channels_last", false);
        return last ? Mean(x) : node.ChannelsLast(x, Mean);

        Value Mean(Value picture)
        {
            Shape shape = picture.Type.Shape;
            int axes = node.Rank(picture) - 2;
            int[] kernel = shape.Span[1..(axes + 1)].ToArray();
            if (axes is >= 1 and <= 3 && Array.TrueForAll(kernel, size => size is > 0 and < 1 << 16)) return node.Prepare(new Pool { Function = PoolFunction.Average, Window = Window.Of(kernel) }, picture);
            return node.Prepare(new Reduce { Function = ReduceFunction.Mean, Axes = [.. Enumerable.Range(1, axes).Select(axis => (long)axis)] }, picture);
        }
    }

    /// <summary>Until operator set 13, over all axes from the given one on.</summary>
    private static Value Softmax(OnnxNode node, Value x)
    {
        int opset = node.Attributes.Int32("opset", 13), rank = node.Rank(x), axis = node.Attributes.Int32("axis", opset < 13 ? 1 : -1);
        if (opset < 13 && (axis < 0 ? axis + rank : axis) != rank - 1) throw node.Problem("a softmax over several axes is not supported");
        return node.Prepare(new Softmax { Axis = axis }, x);
    }

    /// <summary>Scale and zero point of the result; each operand with its scale and zero point.</summary>
    private static Value[] Concatenate(OnnxNode node)
    {
        if (node.Inputs.Count < 5 || node.Inputs.Count % 3 != 2) throw node.Problem($"{node.Inputs.Count} inputs are no list of operands with their scales");
        Value?[] operands = [.. Enumerable.Range(0, (node.Inputs.Count - 2) / 3).Select(i => (Value?)Quantized.Reals(node, 2 + 3 * i))];
        return [Quantized.Integers(node, node.Prepare(new Concat { Axis = node.Attributes.Int32("axis", 0) }, operands), 0)];
    }

    /// <summary>Condition; a, its scale and zero point; b, its scale and zero point; scale and zero point of the result.</summary>
    private static Value[] Where(OnnxNode node) =>
        [Quantized.Integers(node, node.Prepare(new Where(), node.Input(0), Quantized.Reals(node, 1), Quantized.Reals(node, 4)), 7)];

    /// <summary>A, its scale and zero point; B, its scale and zero point; C in units of the sums; scale and zero point of the result, which is real without.</summary>
    private static Value[] QGemm(OnnxNode node)
    {
        OnnxAttributes given = node.Attributes;
        var op = new MatMul { TransposeB = given.Bool("transB", false), Scale = given.Float("alpha", 1) };
        Value a = Quantized.Reals(node, 0), b = Quantized.Reals(node, 3, axis: op.TransposeB ? 0 : 1);
        if (given.Bool("transA", false)) a = node.Transpose(a, 1, 0);
        Value? c = null;
        if (node.Optional(6) is { } sums)
        {
            Value scale = node.Prepare(new Binary { Function = BinaryFunction.Mul }, node.Input(1), node.Input(4));
            if (op.Scale != 1) scale = node.Prepare(new Binary { Function = BinaryFunction.Mul }, scale, node.Scalar(DataType.F32, op.Scale));
            c = node.Prepare(new Dequantize { Axis = -1 }, sums, scale);
        }
        if (node.Optional(7) is null) return [node.Add1(op, a, b, c)];
        return [Quantized.Integers(node, node.Prepare(op, a, b, c), 7)];
    }

    /// <summary>A and B; their scales; their zero points; a bias.</summary>
    private static Value[] MatMulIntegerToFloat(OnnxNode node) =>
        [Scaled(node, node.Input(0), node.Input(1), node.Input(2), node.Input(3), node.Optional(4), node.Optional(5), node.Optional(6))];

    /// <summary>A real; B and its scale and zero point; a bias.</summary>
    private static Value[] DynamicQuantizeMatMul(OnnxNode node)
    {
        Value[] a = node.Add(new DynamicQuantize(), node.Input(0));
        return [Scaled(node, a[0], node.Input(1), a[1], node.Input(2), a[2], node.Optional(3), node.Optional(4))];
    }

    private static Value Scaled(OnnxNode node, Value a, Value b, Value scaleA, Value scaleB, Value? zeroA, Value? zeroB, Value? bias)
    {
        Value scale = node.Prepare(new Binary { Function = BinaryFunction.Mul }, scaleA, scaleB);
        if (!scale.Type.Shape.IsUnranked && scale.Type.Shape.Rank > 1) throw node.Problem($"scales {scaleA.Type} and {scaleB.Type} for each matrix are not supported");
        return node.Add1(new MatMulInteger(), a, b, zeroA, zeroB, scale, bias);
    }

    /// <summary>A; packed weights; scales; zero points; the order of groups; a bias.</summary>
    private static Value[] MatMulNBits(OnnxNode node)
    {
        OnnxAttributes given = node.Attributes;
        var op = new MatMulBlocks { K = given.Int32("K", 0), N = given.Int32("N", 0), Bits = given.Int32("bits", 4), Block = given.Int32("block_size", 32) };
        if (op.Bits is not (4 or 8)) throw node.Problem($"weights of {op.Bits} bits are not supported; 4 and 8 are");
        if (node.Optional(4) is not null) throw node.Problem("weights in another order of groups (g_idx) are not supported");
        Value a = node.Input(0);
        DataType type = a.Type.DataType;
        Value? zeros = node.Optional(3) is { } given3 && given3.Type.DataType != DataType.U8 ? node.Cast(given3, DataType.F32) : node.Optional(3);
        Value? bias = node.Optional(5) is { } given5 ? node.Cast(given5, DataType.F32) : null;
        return [node.Cast(node.Add1(op, node.Cast(a, DataType.F32), node.Input(1), node.Cast(node.Input(2), DataType.F32), zeros, bias), type)];
    }

    /// <summary>x; weight; bias; scales of x and weight; mask; zero points of x and weight; past.</summary>
    private static Value[] QAttention(OnnxNode node)
    {
        int heads = node.Attributes.Int32("num_heads", 0);
        Shape weight = node.Input(1).Type.Shape;
        if (heads < 1 || weight.Rank != 2 || weight[1] < 0 || weight[1] % (3 * heads) != 0) throw node.Problem($"its weight {node.Input(1).Type} cannot be split among {heads} heads");
        if (node.Attributes.Bool("do_rotary", false) || node.Attributes.Bool("past_present_share_buffer", false)) throw node.Problem("rotation, and a past that shares memory with the present, are not supported");
        long width = weight[1] / 3;
        Value all = Scaled(node, node.Input(0), node.Input(1), node.Input(3), node.Input(4), node.Optional(6), node.Optional(7), node.Input(2));
        return Attentions.Project(node, all, heads, [width, width, width], node.Optional(5), node.Optional(8), null);
    }

    /// <summary>
    /// As LSTM, with weights [directions, inputs, 4 · hidden] of integers (inputs 1 and 2), whose scales and zero points are inputs 8 to 11. The weights stay integers in the file; activations are not quantized here, which only adds to
    /// the precision.
    /// </summary>
    private static Value[] DynamicQuantizeLstm(OnnxNode node)
    {
        Value weights = Turned(1, 8), recurrent = Turned(2, 10);
        return Recurrent.Layer(node, RecurrentCell.Lstm, weights, recurrent);

        Value Turned(int index, int scales)
        {
            Value scale = node.Input(scales), zero = node.Input(scales + 1), x = node.Input(index);
            if (node.Rank(x) != 3) throw node.Problem($"its weight {x.Type} has not three axes");
            // One scale for each direction, or for each direction and column.
            Value reals = node.Binary(BinaryFunction.Mul, node.Binary(BinaryFunction.Sub, node.Cast(x, DataType.F32), Wide(node.Cast(zero, DataType.F32))), Wide(scale));
            return node.Transpose(reals, 0, 2, 1);
        }

        Value Wide(Value scale) => node.Rank(scale) switch
        {
            1 => node.Prepare(new Unsqueeze { Axes = [1, 2] }, scale),
            2 => node.Prepare(new Unsqueeze { Axes = [1] }, scale),
            _ => scale,
        };
    }
}
