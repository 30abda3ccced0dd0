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
        return graph.HasOneReader(x) ? Integers(graph, maker, y, result) : null;
    }

    /// <summary>The operator of integers, or null when it has none, or its operands are no integers.</summary>
    private static GraphPatch? Integers(Graph graph, Node maker, Value y, QuantizedResult result)
    {
        switch (maker.Operator)
        {
            case Conv or MatMul or ConvTranspose:
                return QuantizedProducts.Of(maker, y, result);
            case Binary { Function: BinaryFunction.Mul, Activation.IsNone: true } when Gained(graph, maker, y, result) is { } gained:
                return gained;
            case Binary binary:
                return QuantizedPairs.Of(maker, y, binary, result);
            case Unary { Function: UnaryFunction.Relu or UnaryFunction.Clip } clamp when maker.Inputs[0]!.Made<Unary>() is { } inner && graph.HasOneReader(maker.Inputs[0]!):
                return Clamped(maker, y, inner, clamp, result);
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
            case Reduce { Function: ReduceFunction.Mean or ReduceFunction.Sum } reduce when maker.Input(1) is null or { Constant: not null }:
                Reduce newReduce = reduce.Copy();
                newReduce.Result = result;
                return Elementwise(maker, y, newReduce, [maker.Inputs[0]], maker.Inputs.Skip(1));
            case Resize { Interpolation: Interpolation.Linear } resize when IsPlain(maker, resize):
                Resize newResize = resize.Copy();
                newResize.Result = result;
                return Elementwise(maker, y, newResize, [maker.Inputs[0]], maker.Inputs.Skip(1));
            case Concat concat:
                return Joined(maker, y, concat, result);
            default:
                return null;
        }
    }

    /// <summary>A factor of each channel after a convolution that applies a function is part of that.</summary>
    private static GraphPatch? Gained(Graph graph, Node product, Value y, QuantizedResult result)
    {
        if (product.Inputs[0] is not { Producer: { Operator: Conv conv } maker } x || Requantize.IsClamp(conv.Activation) || !graph.HasOneReader(x)) return null;
        return x.Type.Shape is { IsUnranked: false } shape && product.Inputs[1].PerChannel(shape[-1], shape.Rank) is { } gain ? QuantizedProducts.Of(maker, y, result, gain) : null;
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

    private static GraphPatch? Elementwise(Node maker, Value y, Operator op, IReadOnlyList<Value?> operands, IEnumerable<Value?>? others = null)
    {
        if (op is Unary { Function: UnaryFunction.IsNaN or UnaryFunction.IsInf or UnaryFunction.Not or UnaryFunction.BitwiseNot }) return null;
        QuantizedSource?[] sources = [.. operands.Select(QuantizedSource.Of)];
        if (sources.Length == 0 || sources.Any(s => s is null)) return null;
        var patch = new GraphPatch();
        Value?[] integers = [.. Array.ConvertAll(sources, s => (Value?)s!.Add(patch)), .. others ?? []];
        return float.IsFinite(sources[0]!.Scale / QuantizedResult.Like(y.Type).Scale) ? patch.Replace(y, patch.AddNamed(maker, y.Name, op, integers)) : null;
    }

    /// <summary>A clamp of a function: since a clamp keeps the order, the function's bytes may be clamped as well.</summary>
    private static GraphPatch? Clamped(Node maker, Value y, Unary function, Unary clamp, QuantizedResult result)
    {
        Unary newFunction = function.Copy(), newClamp = clamp.Copy();
        newFunction.Result = newClamp.Result = result;
        if (QuantizedSource.Of(maker.Inputs[0]!.Producer!.Inputs[0]) is not { } source || !Requantize.IsClamp(new(clamp.Function, clamp.Alpha, clamp.Beta))) return null;
        var patch = new GraphPatch();
        Value inside = patch.Add1($"{maker.Name}/inside", newFunction, source.Add(patch));
        return patch.Replace(y, patch.AddNamed(maker, y.Name, newClamp, inside));
    }

    /// <summary>True for what can be resized in integers: without a region, by what is known ahead, along no more axes than fit.</summary>
    public static bool IsPlain(Node node, Resize resize) =>
        resize.Coordinates != ResizeCoordinates.CropAndResize && node.Inputs.Skip(1).All(v => v is null or { Constant: not null })
        && node.Inputs[0]!.Type.Shape is { IsStatic: true } x && node.Outputs[0].Type.Shape is { IsStatic: true } y
        && Enumerable.Range(0, x.Rank).Count(axis => x[axis] != y[axis]) <= QuantizedTaps.MostAxes;

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
