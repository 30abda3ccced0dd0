using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Passes;

/// <summary>Powers with the exponents that exporters write as a rule become squares, roots and inverses, for which there are vectors.</summary>
internal static class SimplifyPowers
{
    public static GraphPatch? Visit(Graph graph, Node node)
    {
        if (node.Operator is not Binary { Activation.IsNone: true } binary || node.Outputs[0] is not { Type.DataType: DataType.F32 } y) return null;
        var patch = new GraphPatch();
        Value a = node.Inputs[0]!, b = node.Inputs[1]!;
        switch (binary.Function)
        {
            case BinaryFunction.Div when a.Scalar() is 1 && b.Type.Shape == y.Type.Shape:
                return Single(UnaryFunction.Reciprocal, b);
            case BinaryFunction.Mul when a == b:
                return Single(UnaryFunction.Square, a);
            case BinaryFunction.Pow when b.Scalar() is { } power && a.Type.Shape == y.Type.Shape:
                switch (power)
                {
                    case 1: return patch.Replace(y, a);
                    case 2: return Single(UnaryFunction.Square, a);
                    case 0.5f: return Single(UnaryFunction.Sqrt, a);
                    case -1: return Single(UnaryFunction.Reciprocal, a);
                    case -0.5f: return Single(UnaryFunction.Reciprocal, patch.Add1($"{node.Name}/root", new Unary { Function = UnaryFunction.Sqrt }, a));
                    case 3:
                        Value square = patch.Add1($"{node.Name}/square", new Unary { Function = UnaryFunction.Square }, a);
                        return patch.Replace(y, patch.AddNamed(node, y.Name, new Binary { Function = BinaryFunction.Mul }, square, a));
                    default: return null;
                }
            default:
                return null;
        }

        GraphPatch Single(UnaryFunction function, Value x) => patch.Replace(y, patch.AddNamed(node, y.Name, new Unary { Function = function }, x));
    }
}
