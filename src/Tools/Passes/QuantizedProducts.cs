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
        bool plain = node.Operator is Conv { Result.IsNone: true } or MatMul { Result.IsNone: true } or ConvTranspose;
        return plain && node.Outputs[0].Type.DataType == DataType.F32 ? Of(node, node.Outputs[0], new QuantizedResult(DataType.F32)) : null;
    }

    /// <summary>The patch that computes <paramref name="y"/> by a product of integers, or null when the node is none.</summary>
    /// <param name="node">The product.</param>
    /// <param name="y">What is computed: its result, or the quantization of that.</param>
    /// <param name="result">How it is written.</param>
    /// <param name="gain">A factor of each channel after the activation, or null.</param>
    public static GraphPatch? Of(Node node, Value y, QuantizedResult result, float[]? gain = null)
    {
        switch (node.Operator)
        {
            case Conv conv when node.Input(Conv.Residual) is null && (CanApply(conv.Activation, result) || AppliedFunction.Has(conv.Activation)):
                if (QuantizedSource.Weight(node.Input(1), 0) is not { } kernels) return null;
                Conv newConv = conv.Copy();
                newConv.Result = result;
                newConv.Activation = result.Type == DataType.F32 ? Clamp(conv.Activation) : conv.Activation;
                return Build(node, y, newConv, result, kernels, node.Input(Conv.Bias), node.Input(1)!.Type.Shape[0], conv.Activation, gain: gain);
            case ConvTranspose transposed when Requantize.IsClamp(transposed.Activation):
                return QuantizedTransposedConv.Of(node, y, transposed, result);
            case MatMul product when CanApply(product.Activation, result) && node.Inputs[0]!.Type.Shape.Rank >= 2 && node.Inputs[1] is { Type.Shape.Rank: >= 2 } b:
                return Product(node, y, product, b, result);
            default:
                return null;
        }
    }

    /// <summary>A product of matrices: the right one constant, with a scale for each column perhaps, or computed; turned ones are turned as bytes, and a factor goes into a scale.</summary>
    private static GraphPatch? Product(Node node, Value y, MatMul product, Value b, QuantizedResult result)
    {
        int columns = b.Type.Shape.Rank - 1;
        QuantizedSource? left = QuantizedSource.Of(node.Inputs[0]), right = QuantizedSource.Weight(b, product.TransposeB ? columns - 1 : columns) ?? QuantizedSource.Of(b);
        if (left is null || right is null || !float.IsNormal(left.Scale * product.Scale) || product.Scale < 0) return null;
        if (product.TransposeA) left = left.Transposed(Turned(node.Inputs[0]!.Type.Shape.Rank));
        if (product.TransposeB) right = right.Transposed(Turned(columns + 1));
        MatMul newProduct = product.Copy();
        newProduct.Result = result;
        newProduct.TransposeA = newProduct.TransposeB = false;
        newProduct.Scale = 1;
        newProduct.Activation = Clamp(product.Activation);
        return Build(node, y, newProduct, result, right, node.Input(MatMul.Bias), b.Type.Shape[product.TransposeB ? -2 : -1], product.Activation, left, product.Scale);
    }

    /// <summary>Activations that are neither a clamp nor known to convolutions of integers are applied to reals, by an operator of their own.</summary>
    private static bool CanApply(in Activation activation, in QuantizedResult result) => Requantize.IsClamp(activation) || result.Type == DataType.F32;

    private static Activation Clamp(in Activation activation) => Requantize.IsClamp(activation) ? activation : default;

    private static int[] Turned(int rank) => [.. Enumerable.Range(0, rank - 2), rank - 1, rank - 2];

    private static GraphPatch? Build(Node node, Value y, Operator op, QuantizedResult result, QuantizedSource weight, Value? bias, int channels, Activation activation, QuantizedSource? left = null, float factor = 1, float[]? gain = null)
    {
        if ((left ?? QuantizedSource.Of(node.Inputs[0])) is not { } source) return null;
        int[]? sums = null;
        if (bias is not null)
        {
            sums = BiasSums(bias, source.Scale * factor, weight.Quantization, channels, exact: result.Type == DataType.F32);
            if (sums is null) return null;
        }
        var patch = new GraphPatch();
        Value x = source.Add(patch), w = weight.Add(patch);
        if (factor != 1) x = patch.Add1($"{node.Name}/Interpret", new Interpret { Scale = source.Scale * factor, ZeroPoint = source.Quantization.ZeroPoints[0] }, x);
        bool applies = op is Conv { Activation: var own } && !Requantize.IsClamp(own);
        foreach (float multiplier in QuantizedProduct.Of(x.Type, w.Type, result, applies ? activation : Clamp(activation)).Multipliers)
            if (!float.IsFinite(applies ? multiplier * QuantizedProduct.LargestProduct : multiplier)) return null;
        Value?[] inputs = sums is null ? [x, w] : [x, w, patch.Constant(bias!.Name, Tensor.Vector<int>(sums))];
        if (gain is not null) inputs = [x, w, inputs.Length > Conv.Bias ? inputs[Conv.Bias] : null, patch.Constant($"{node.Name}/gain", Tensor.Vector<float>(gain))];
        if (applies || Requantize.IsClamp(activation)) return patch.Replace(y, patch.AddNamed(node, y.Name, op, inputs));
        Value sum = patch.Add1(node.Name, op, inputs);
        return patch.Replace(y, patch.AddNamed(node, y.Name, new Unary { Function = activation.Function, Alpha = activation.Alpha, Beta = activation.Beta }, sum));
    }

    /// <summary>
    /// A bias in units of the sums. One that was dequantized from just these is taken as it was; another is rounded, unless the result has to be <paramref name="exact"/>.
    /// </summary>
    public static int[]? BiasSums(Value bias, float scale, Quantization weight, int channels, bool exact)
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
