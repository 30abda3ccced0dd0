using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Onnx.Operators;

/// <summary>Matrix products and their kin.</summary>
internal static class Products
{
    public static readonly (string Name, OnnxImport Import)[] All =
    [
        ("MatMul", n => [n.Add1(new MatMul(), n.Input(0), n.Input(1))]),
        ("Gemm", Gemm),
        ("Einsum", n => [n.Add1(new Einsum { Equation = n.Attributes.String("equation", "") }, n.AllInputs())]),
        ("Det", n => [n.Add1(new Determinant(), n.Input(0))]),
    ];

    /// <summary>α·A·B + β·C.</summary>
    public static Value[] Gemm(OnnxNode node)
    {
        var op = new MatMul
        {
            TransposeA = node.Attributes.Bool("transA", false),
            TransposeB = node.Attributes.Bool("transB", false),
            Scale = node.Attributes.Float("alpha", 1),
        };
        float beta = node.Attributes.Float("beta", 1);
        Value? c = beta == 0 ? null : node.Optional(2);
        if (c is not null && beta != 1) c = node.Binary(BinaryFunction.Mul, c, node.Scalar(c.Type.DataType, beta));
        if (c is not null && !c.Type.DataType.IsFloat() && op.Scale != 1) throw node.Problem("integers cannot be scaled by alpha");
        return [node.Add1(op, node.Input(0), node.Input(1), c)];
    }
}
