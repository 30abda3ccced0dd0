using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Onnx.Operators;

/// <summary>Quantized arithmetic. Products are exact integers; what rescales them is built of plain operators.</summary>
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

    private static Value[] QuantizeLinear(OnnxNode node)
    {
        RefuseBlocks(node);
        var quantize = new Quantize { Axis = node.Attributes.Int32("axis", 1), To = node.Attributes.DataType("output_dtype", DataType.U8) };
        return [node.Add1(quantize, node.Input(0), node.Input(1), node.Optional(2))];
    }

    private static Value[] DequantizeLinear(OnnxNode node)
    {
        RefuseBlocks(node);
        return [node.Add1(new Dequantize { Axis = node.Attributes.Int32("axis", 1) }, node.Input(0), node.Input(1), node.Optional(2))];
    }

    private static void RefuseBlocks(OnnxNode node)
    {
        if (node.Attributes.Int("block_size", 0) != 0) throw node.Problem("scales for blocks are not supported");
    }

    /// <summary>Inputs: A, its scale and zero point; B, its scale and zero point; scale and zero point of the result.</summary>
    private static Value[] QLinearMatMul(OnnxNode node)
    {
        Value sums = node.Prepare(new MatMulInteger(), node.Input(0), node.Input(3), node.Input(2), node.Input(5));
        Value scaleA = node.Input(1), scaleB = node.Input(4);
        // A scale for each row of A stands along the last axis but one.
        if (scaleA.Type.Shape is { Rank: 1 } shape && shape[0] != 1) scaleA = node.Prepare(new Unsqueeze { Axes = [1] }, scaleA);
        return [Rescale(node, sums, scaleA, scaleB, node.Input(6), node.Input(7))];
    }

    /// <summary>Inputs: x, its scale and zero point; weight, its scale and zero point; scale and zero point of the result; bias.</summary>
    private static Value[] QLinearConv(OnnxNode node) => [node.ChannelsLast(node.Input(0), x =>
    {
        Value sums = Convolve(node, x, node.Input(3), node.Input(2), node.Input(5));
        if (node.Optional(8) is { } bias) sums = node.Prepare(new Binary { Function = BinaryFunction.Add }, sums, bias);
        return Rescale(node, sums, node.Input(1), node.Input(4), node.Input(6), node.Input(7));
    })];

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
