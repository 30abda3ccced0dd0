using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Onnx.Operators;

/// <summary>
/// Quantized arithmetic. Operators whose scales are known are written as what they stand for, an operator of reals between dequantized operands and a quantization, which a pass turns into one of integers; others
/// are exact products of integers, rescaled by plain operators.
/// </summary>
internal static class Quantized
{
    public static readonly (string Name, OnnxImport Import)[] All =
    [
        ("QuantizeLinear", QuantizeLinear),
        ("DequantizeLinear", DequantizeLinear),
        ("DynamicQuantizeLinear", n => n.Add(new DynamicQuantize(), n.Input(0))),
        ("MatMulInteger", n => [n.Add1(new MatMulInteger(), n.Input(0), n.Input(1), n.Optional(2), n.Optional(3))]),
        ("ConvInteger", n => [n.ChannelsLast(n.Input(0), x => Convolve(n, x, n.Input(1), n.Optional(2), n.Optional(3)))]),
        ("QLinearMatMul", QLinearMatMul),
        ("QLinearConv", QLinearConv),
    ];

    internal static Value[] QuantizeLinear(OnnxNode node)
    {
        var quantize = new Quantize { Axis = node.Attributes.Int32("axis", 1), BlockSize = node.Attributes.Int32("block_size", 0), To = node.Attributes.DataType("output_dtype", DataType.U8) };
        return [node.Add1(quantize, node.Input(0), node.Input(1), node.Optional(2))];
    }

    internal static Value[] DequantizeLinear(OnnxNode node)
    {
        return [node.Add1(new Dequantize { Axis = node.Attributes.Int32("axis", 1), BlockSize = node.Attributes.Int32("block_size", 0) }, node.Input(0), node.Input(1), node.Optional(2))];
    }

    /// <summary>Inputs: A, its scale and zero point; B, its scale and zero point; scale and zero point of the result.</summary>
    private static Value[] QLinearMatMul(OnnxNode node)
    {
        if (AreConstant(node, 1, 2, 3, 4, 5, 6, 7) && node.Input(1).Type.Shape.Count == 1 && node.Rank(node.Input(3)) == 2)
        {
            Value left = Reals(node, 0), right = Reals(node, 3, axis: 1);
            return [Integers(node, node.Prepare(new MatMul(), left, right), 6)];
        }
        Value sums = node.Prepare(new MatMulInteger(), node.Input(0), node.Input(3), node.Input(2), node.Input(5));
        Value scaleA = node.Input(1), scaleB = node.Input(4);
        // A scale for each row of A stands along the last axis but one.
        if (scaleA.Type.Shape is { Rank: 1 } shape && shape[0] != 1) scaleA = node.Prepare(new Unsqueeze { Axes = [1] }, scaleA);
        return [Rescale(node, sums, scaleA, scaleB, node.Input(6), node.Input(7))];
    }

    /// <summary>Inputs: x, its scale and zero point; weight, its scale and zero point; scale and zero point of the result; bias.</summary>
    private static Value[] QLinearConv(OnnxNode node) => AreConstant(node, 1, 2, 3, 4, 5, 6, 7, 8) ? [KnownConv(node)] : [node.ChannelsLast(node.Input(0), x =>
    {
        Value sums = Convolve(node, x, node.Input(3), node.Input(2), node.Input(5));
        if (node.Optional(8) is { } bias) sums = node.Prepare(new Binary { Function = BinaryFunction.Add }, sums, bias);
        return Rescale(node, sums, node.Input(1), node.Input(4), node.Input(6), node.Input(7));
    })];

    private static Value KnownConv(OnnxNode node)
    {
        Value weight = node.ToChannelsLast(Reals(node, 3, axis: 0)), scale = node.Input(1);
        Value? bias = node.Optional(8) is { } sums ? node.Prepare(new Dequantize { Axis = 0 }, sums, node.Prepare(new Binary { Function = BinaryFunction.Mul }, scale, node.Input(4))) : null;
        var op = new Conv { Window = Spatial.Window(node, Spatial.Kernel(node, node.Input(3))), Groups = node.Attributes.Int32("group", 1) };
        return Integers(node, node.ChannelsLast(Reals(node, 0), x => node.Prepare(op, x, weight, bias)), 6);
    }

    /// <summary>True when inputs are known, or left out.</summary>
    internal static bool AreConstant(OnnxNode node, params ReadOnlySpan<int> indices)
    {
        foreach (int index in indices)
            if (node.Optional(index) is { Constant: null }) return false;
        return true;
    }

    /// <summary>The reals that input <paramref name="index"/> stands for by the scale and zero point after it.</summary>
    internal static Value Reals(OnnxNode node, int index, int axis = 1) =>
        node.Prepare(new Dequantize { Axis = axis }, node.Input(index), node.Input(index + 1), node.Optional(index + 2));

    /// <summary>Reals as integers by the scale and zero point at input <paramref name="index"/>.</summary>
    internal static Value Integers(OnnxNode node, Value reals, int index) => node.Add1(new Quantize(), reals, node.Input(index), node.Optional(index + 1));

    private static Value Convolve(OnnxNode node, Value x, Value weight, Value? zeroX, Value? zeroWeight)
    {
        var op = new ConvInteger { Window = Spatial.Window(node, Spatial.Kernel(node, weight)), Groups = node.Attributes.Int32("group", 1) };
        return node.Add1(op, x, node.ToChannelsLast(weight), zeroX, zeroWeight);
    }

    /// <summary>The integers as reals, quantized anew. A scale for each column or channel broadcasts along the last axis.</summary>
    private static Value Rescale(OnnxNode node, Value sums, Value scaleA, Value scaleB, Value scale, Value zero)
    {
        Value both = node.Prepare(new Binary { Function = BinaryFunction.Mul }, scaleA, scaleB);
        Value reals = node.Prepare(new Binary { Function = BinaryFunction.Mul }, node.Cast(sums, both.Type.DataType), both);
        return node.Add1(new Quantize(), reals, scale, zero);
    }
}
