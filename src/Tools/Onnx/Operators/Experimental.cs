using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Onnx.Operators;

/// <summary>Operators that the first versions of ONNX had on trial and that old exporters wrote. They never changed, and were withdrawn later.</summary>
internal static class Experimental
{
    public static readonly (string Name, OnnxImport Import)[] All =
    [
        ("Affine", n => [n.Binary(BinaryFunction.Add, Times(n, n.Input(0), n.Attributes.Float("alpha", 1)), n.Scalar(n.Input(0).Type.DataType, n.Attributes.Float("beta", 0)))]),
        ("Crop", Crop),
        ("ImageScaler", ImageScaler),
        ("ParametricSoftplus", n => [Times(n, n.Unary(UnaryFunction.Softplus, Times(n, n.Input(0), n.Attributes.Float("beta", 1))), n.Attributes.Float("alpha", 1))]),
        ("ScaledTanh", n => [Times(n, n.Unary(UnaryFunction.Tanh, Times(n, n.Input(0), n.Attributes.Float("beta", 1))), n.Attributes.Float("alpha", 1))]),
    ];

    /// <summary>Cuts borders (left, top, right, bottom) off, or a part of a given size that begins at the first two.</summary>
    private static Value[] Crop(OnnxNode node)
    {
        if (node.Attributes.Ints("border") is not [var left, var top, var right, var bottom]) throw node.Problem("attribute 'border' is not four numbers");
        long[] size = node.Attributes.Ints("scale");
        if (size.Length is not (0 or 2)) throw node.Problem("attribute 'scale' is not two numbers");
        // An end that counts from the end: 0 would be the beginning.
        long endRow = size.Length > 0 ? top + size[0] : bottom == 0 ? long.MaxValue : -bottom, endColumn = size.Length > 0 ? left + size[1] : right == 0 ? long.MaxValue : -right;
        return [node.Add1(new Slice { Starts = [top, left], Ends = [endRow, endColumn], Axes = [2, 3] }, node.Input(0))];
    }

    /// <summary>Scales pictures, and adds a number to each channel.</summary>
    private static Value[] ImageScaler(OnnxNode node)
    {
        float[] bias = node.Attributes.Floats("bias");
        Value scaled = Times(node, node.Input(0), node.Attributes.Float("scale", 1));
        if (bias.Length == 0) return [scaled];
        Value offset = node.Cast(node.Constant(Tensor.From<float>(new Shape(bias.Length, 1, 1), bias)), scaled.Type.DataType);
        return [node.Binary(BinaryFunction.Add, scaled, offset)];
    }

    private static Value Times(OnnxNode node, Value x, float factor) => factor == 1 ? x : node.Binary(BinaryFunction.Mul, x, node.Scalar(x.Type.DataType, factor));
}
