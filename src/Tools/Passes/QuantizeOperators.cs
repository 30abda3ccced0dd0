using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Passes;

/// <summary>
/// An operator between dequantized operands and a quantization of its result becomes the operator of the integers themselves, as exporters of QDQ models mean it; see <see cref="Requantize"/>.
/// A quantization of what was just dequantized vanishes, or changes the scale.
/// </summary>
internal static class QuantizeOperators
{
    public static GraphPatch? Visit(Graph graph, Node node)
    {
        if (node.Operator is not Quantize || node.Inputs[0] is not { Producer: { } maker } x) return null;
        Value y = node.Outputs[0];
        QuantizedResult result = QuantizedResult.Like(y.Type);
        if (result.IsNone || x.Type.DataType != DataType.F32) return null;
        if (maker.Operator is Dequantize) return Requantized(y, x, result);
        return graph.HasOneReader(x) ? Integers(maker, y, result) : null;
    }

    /// <summary>The operator of integers, or null when it has none, or its operands are no integers.</summary>
    private static GraphPatch? Integers(Node maker, Value y, QuantizedResult result)
    {
        switch (maker.Operator)
        {
            case Conv or MatMul:
                return QuantizedProducts.Of(maker, y, result);
            case Binary { Function: BinaryFunction.Add or BinaryFunction.Mul } binary when Requantize.IsClamp(binary.Activation):
                Binary newBinary = binary.Copy();
                newBinary.Result = result;
                return Elementwise(maker, y, newBinary, maker.Inputs);
            case Unary unary:
                Unary newUnary = unary.Copy();
                newUnary.Result = result;
                return Elementwise(maker, y, newUnary, maker.Inputs);
            case Pool { Function: PoolFunction.Average } pool:
                Pool newPool = pool.Copy();
                newPool.Result = result;
                return Elementwise(maker, y, newPool, maker.Inputs);
            case Reduce reduce when Window(maker, reduce) is { } window:
                return Elementwise(maker, y, new Pool { Function = PoolFunction.Average, Window = window, Result = result }, [maker.Inputs[0]]);
            case Concat concat:
                return Joined(maker, y, concat, result);
            default:
                return null;
        }
    }

    /// <summary>The window of a mean over all of a picture, channels last; null for other reductions.</summary>
    private static Window? Window(Node node, Reduce reduce)
    {
        if (reduce.Function != ReduceFunction.Mean || !reduce.KeepDims || node.Input(1) is not null || node.Inputs[0]!.Type.Shape is not { IsStatic: true, Rank: >= 3 and <= 5 } shape) return null;
        int axes = shape.Rank - 2;
        if (!reduce.Axes.Order().SequenceEqual(Enumerable.Range(1, axes).Select(axis => (long)axis))) return null;
        int[] kernel = shape.Span[1..(axes + 1)].ToArray();
        return Array.TrueForAll(kernel, size => size is > 0 and < 1 << 16) ? Operators.Window.Of(kernel) : null;
    }

    private static GraphPatch? Requantized(Value y, Value x, QuantizedResult result)
    {
        if (QuantizedSource.Of(x) is not { } source) return null;
        var patch = new GraphPatch();
        Value integers = source.Add(patch);
        if (QuantizedResult.Like(integers.Type) == result)
            return patch.Replace(y, integers);
        return patch.Replace(y, patch.AddNamed(y.Producer!, y.Name, new Unary { Result = result }, integers));
    }

    private static GraphPatch? Elementwise(Node maker, Value y, Operator op, IReadOnlyList<Value?> operands)
    {
        if (op is Unary { Function: UnaryFunction.IsNaN or UnaryFunction.IsInf or UnaryFunction.Not or UnaryFunction.BitwiseNot }) return null;
        QuantizedSource?[] sources = [.. operands.Select(QuantizedSource.Of)];
        if (sources.Length == 0 || sources.Any(s => s is null)) return null;
        var patch = new GraphPatch();
        Value?[] integers = Array.ConvertAll(sources, s => (Value?)s!.Add(patch));
        if (op is Binary binary && !QuantizedPair.Of(binary, integers[0]!.Type, integers[1]!.Type).IsFinite) return null;
        return patch.Replace(y, patch.AddNamed(maker, y.Name, op, integers));
    }

    /// <summary>Operands of another scale get that of the result before they are joined.</summary>
    private static GraphPatch? Joined(Node maker, Value y, Concat concat, QuantizedResult result)
    {
        var patch = new GraphPatch();
        var integers = new Value?[maker.Inputs.Count];
        for (int i = 0; i < integers.Length; i++)
        {
            if (QuantizedSource.Of(maker.Inputs[i]) is not { } source) return null;
            Value operand = source.Add(patch);
            integers[i] = QuantizedResult.Like(operand.Type) == result ? operand : patch.Add1($"{maker.Name}/{i}", new Unary { Result = result }, operand);
        }
        return patch.Replace(y, patch.AddNamed(maker, y.Name, concat, integers));
    }
}
