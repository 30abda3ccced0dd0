using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;
using Range = EdgeRuntime.Operators.Range;

namespace EdgeRuntime.Tools.TensorFlow.Operators;

/// <summary>Constants, what passes its input on, and tensors made from nothing.</summary>
internal static class Constants
{
    public static readonly (string Name, TensorFlowImport Import)[] All =
    [
        ("Const", n => [n.Constant(n.Weights.Read(n.Definition.Name))]),
        ("PlaceholderWithDefault", n => [n.Input(0)]),
        ("Identity", n => [n.Any(0)]),
        ("IdentityN", n => [.. Enumerable.Range(0, n.InputCount).Select(n.Any)]),
        ("Snapshot", n => [n.Input(0)]),
        ("StopGradient", n => [n.Input(0)]),
        ("PreventGradient", n => [n.Input(0)]),
        ("CheckNumerics", n => [n.Input(0)]),
        ("Print", n => [n.Input(0)]),
        ("EnsureShape", n => [n.Input(0)]),
        ("FakeQuantWithMinMaxVars", n => [n.Input(0)]),

        ("Fill", n => [Filled(n, n.Input(1), 0)]),
        ("Zeros", n => [Filled(n, n.Scalar(n.Attributes.Type("dtype", DataType.F32), 0), 0)]),
        ("Ones", n => [Filled(n, n.Scalar(n.Attributes.Type("dtype", DataType.F32), 1), 0)]),
        ("ZerosLike", n => [Alike(n, 0)]),
        ("OnesLike", n => [Alike(n, 1)]),
        ("Range", n => [n.Add1(new Range(), n.Input(0), n.Cast(n.Input(1), n.Input(0).Type.DataType), n.Cast(n.Input(2), n.Input(0).Type.DataType))]),
        ("LinSpace", LinSpace),
        ("OneHot", OneHot),
    ];

    /// <summary>One element in the shape that an input gives.</summary>
    public static Value Filled(TensorFlowNode node, Value element, int shape)
    {
        (long[] known, Value? computed) = node.Known(shape);
        return node.Add1(new Expand { Target = known }, element, computed);
    }

    private static Value Alike(TensorFlowNode node, double number)
    {
        Value x = node.Input(0), element = node.Scalar(x.Type.DataType, number);
        if (!x.Type.Shape.IsStatic) return node.Add1(new Expand(), element, node.Prepare(new ShapeOf(), x));
        return node.Add1(new Expand { Target = [.. x.Type.Shape.Span.ToArray().Select(size => (long)size)] }, element);
    }

    private static TensorFlowResult[] LinSpace(TensorFlowNode node)
    {
        double start = node.Number(node.Input(0), 0), stop = node.Number(node.Input(1), 0);
        int count = node.Integer(2);
        if (count is < 1 or > 1 << 24) throw node.Problem($"{count} numbers cannot be made");
        return [node.Constant(Tensor.Vector<float>([.. Enumerable.Range(0, count).Select(i => (float)(count == 1 ? start : start + i * (stop - start) / (count - 1)))]))];
    }

    private static TensorFlowResult[] OneHot(TensorFlowNode node)
    {
        Value on = node.Input(2), off = node.Cast(node.Input(3), on.Type.DataType), last = node.Integers([1]);
        Value values = node.Prepare(new Concat(), node.Prepare(new Reshape(), off, last), node.Prepare(new Reshape(), on, last));
        // Here negative indices count from the end, in TensorFlow they are outside.
        Value indices = node.Input(0), outside = node.Binary(BinaryFunction.Less, indices, node.Scalar(indices.Type.DataType, 0));
        indices = node.Prepare(new Where(), outside, node.Scalar(indices.Type.DataType, int.MaxValue), indices);
        return [node.Add1(new OneHot { Axis = node.Attributes.Int("axis", -1) }, indices, node.Input(1), values)];
    }
}
