using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Passes;

/// <summary>Convolutions and matrix products of dequantized operands, as products of the integers.</summary>
internal static class QuantizedProducts
{
    /// <summary>A product whose result nobody quantizes gives reals; it is turned when nothing else can become of it.</summary>
    public static GraphPatch? Visit(Graph graph, Node node)
    {
        bool plain = node.Operator is Conv { Result.IsNone: true } or MatMul { Result.IsNone: true };
        return plain && node.Outputs[0].Type.DataType == DataType.F32 ? Of(node, node.Outputs[0], new QuantizedResult(DataType.F32)) : null;
    }

    /// <summary>The patch that computes <paramref name="y"/> by a product of integers, or null when the node is none.</summary>
    public static GraphPatch? Of(Node node, Value y, QuantizedResult result)
    {
        switch (node.Operator)
        {
            case Conv conv when node.Input(Conv.Residual) is null && Requantize.IsClamp(conv.Activation):
                if (QuantizedSource.Weight(node.Input(1), 0) is not { } kernels) return null;
                Conv newConv = conv.Copy();
                newConv.Result = result;
                return Build(node, y, newConv, result, kernels, node.Input(Conv.Bias), node.Input(1)!.Type.Shape[0], conv.Activation);
            case MatMul product when Requantize.IsClamp(product.Activation) && product.Scale == 1 && !product.TransposeA && node.Input(1) is { Type.Shape.Rank: >= 2 } b:
                int columns = b.Type.Shape.Rank - 1;
                if (QuantizedSource.Weight(b, product.TransposeB ? columns - 1 : columns) is not { } right) return null;
                MatMul newProduct = product.Copy();
                newProduct.Result = result;
                newProduct.TransposeB = false;
                if (product.TransposeB) right = right.Transposed([.. Enumerable.Range(0, columns - 1), columns, columns - 1]);
                return Build(node, y, newProduct, result, right, node.Input(MatMul.Bias), b.Type.Shape[product.TransposeB ? -2 : -1], product.Activation);
            default:
                return null;
        }
    }

    private static GraphPatch? Build(Node node, Value y, Operator op, QuantizedResult result, QuantizedSource weight, Value? bias, int channels, Activation activation)
    {
        if (QuantizedSource.Of(node.Inputs[0]) is not { } source) return null;
        int[]? sums = null;
        if (bias is not null)
        {
            sums = BiasSums(bias, source.Scale, weight.Quantization, channels, exact: result.Type == DataType.F32);
            if (sums is null) return null;
        }
        var patch = new GraphPatch();
        Value x = source.Add(patch), w = weight.Add(patch);
        foreach (float multiplier in QuantizedProduct.Of(x.Type, w.Type, result, activation).Multipliers)
            if (!float.IsFinite(multiplier)) return null;
        Value?[] inputs = sums is null ? [x, w] : [x, w, patch.Constant(bias!.Name, Tensor.Vector<int>(sums))];
        return patch.Replace(y, patch.AddNamed(node, y.Name, op, inputs));
    }

    /// <summary>
    /// A bias in units of the sums. One that was dequantized from just these is taken as it was; another is rounded, unless the result has to be <paramref name="exact"/>.
    /// </summary>
    private static int[]? BiasSums(Value bias, float scale, Quantization weight, int channels, bool exact)
    {
        if (channels < 1 || bias.Type.Shape is not { IsStatic: true } shape || (shape.Count != 1 && (shape.Count != channels || shape[-1] != channels))) return null;
        double[] reals = new double[channels];
        int[]? stored = null;
        if (bias.Constant is { Type.DataType: DataType.F32 } constant)
        {
            for (int i = 0; i < channels; i++) reals[i] = constant.Span<float>()[shape.Count == 1 ? 0 : i];
        }
        else if (bias.Made<Dequantize>() is { BlockSize: 0 } && bias.Producer is { } node && node.Inputs[0]?.Constant is { Type.DataType: DataType.I32 } integers && node.Inputs[1]?.Constant is { Type.DataType: DataType.F32 } scales
            && node.Input(2) is null or { Constant: not null } && node.Input(2).IsZeroOrMissing())
        {
            stored = new int[channels];
            for (int i = 0; i < channels; i++)
            {
                stored[i] = integers.Span<int>()[shape.Count == 1 ? 0 : i];
                reals[i] = (double)stored[i] * scales.Span<float>()[scales.Shape.Count == 1 ? 0 : i];
            }
        }
        else
        {
            return null;
        }
        int[] sums = new int[channels];
        bool same = stored is not null;
        for (int i = 0; i < channels; i++)
        {
            double unit = scale * weight.Scales[weight.Axis < 0 ? 0 : i], sum = Math.Round(reals[i] / unit);
            if (!(Math.Abs(sum) < int.MaxValue)) return null;
            sums[i] = (int)sum;
            same = same && Math.Abs(reals[i] / unit - stored![i]) <= 1e-4 * Math.Max(1, Math.Abs((double)stored[i]));
        }
        return same ? stored : exact ? null : sums;
    }

    private static bool IsZeroOrMissing(this Value? value) => value is null || value.IsZero();
}
