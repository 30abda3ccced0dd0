using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Passes;

/// <summary>
/// A number that the input of convolutions is multiplied by goes into their weights, and what is added to it, where no window reaches beyond the picture, into their biases: behind an
/// activation it has nowhere else to go. Where windows do, x·s + b becomes (x + b/s)·s, of which the factor goes.
/// </summary>
internal static class FuseInputScale
{
    public static GraphPatch? Visit(Graph graph, Node node)
    {
        if (!Takes(node) || node.Inputs[0]!.Producer is not { Operator: Binary { Activation.IsNone: true, Function: BinaryFunction.Mul or BinaryFunction.Add } binary } before) return null;
        Value scaled = node.Inputs[0]!;
        bool adds = binary.Function == BinaryFunction.Add;
        if (adds && graph.HasOneReader(scaled) && SticksOut(node)) return FactorLast(graph, node, before);
        // All who read it must do so, or it is computed all the same.
        if (graph.IsOutput(scaled) || scaled.Consumers.Any(n => !Takes(n) || n.Inputs[0] != scaled || n.Inputs.Skip(1).Contains(scaled) || (adds && SticksOut(n)))) return null;
        (Value x, Value? factor) = before.Inputs[1]?.Constant is not null ? (before.Inputs[0]!, before.Inputs[1]) : (before.Inputs[1]!, before.Inputs[0]);
        if (x.Constant is not null || x.Type != scaled.Type) return null;
        Tensor weight = node.Inputs[1]!.Constant!;
        var patch = new GraphPatch();
        Value?[] inputs = [.. node.Inputs];
        inputs[0] = x;
        if (adds)
        {
            if (factor.PerChannel(scaled.Type.Shape[-1], scaled.Type.Shape.Rank) is not { } shift) return null;
            if (inputs.Length < 3) Array.Resize(ref inputs, 3);
            if (inputs[Conv.Bias] is { Constant: null }) return null;
            float[] bias = Sums(weight, shift, ((Conv)node.Operator).Groups);
            for (int i = 0; i < bias.Length; i++) bias[i] += inputs[Conv.Bias]?.Constant!.Span<float>()[i] ?? 0;
            inputs[Conv.Bias] = patch.Constant(inputs[Conv.Bias]?.Name ?? $"{node.Name}/bias", Tensor.Vector<float>(bias));
        }
        else
        {
            if (factor.Scalar() is not { } scale || !float.IsNormal(scale)) return null;
            inputs[1] = patch.Constant(node.Inputs[1]!.Name, Scaled(weight, scale));
        }
        Value y = node.Outputs[0];
        return patch.Replace(y, patch.AddNamed(node, y.Name, node.Operator, inputs));
    }

    /// <summary>The convolution of a sum that has a product in it, with the factor in its weights.</summary>
    private static GraphPatch? FactorLast(Graph graph, Node node, Node add)
    {
        if (Number(add) is not { } sum || sum.X.Producer is not { Operator: Binary { Activation.IsNone: true, Function: BinaryFunction.Mul } } multiply || !graph.HasOneReader(sum.X)) return null;
        if (Number(multiply) is not { } product || product.X.Type != node.Inputs[0]!.Type) return null;
        float shift = sum.Constant / product.Constant;
        if (!float.IsNormal(product.Constant) || !float.IsFinite(shift)) return null;
        var patch = new GraphPatch();
        Value?[] inputs = [.. node.Inputs];
        inputs[0] = patch.Add1(add.Name, new Binary { Function = BinaryFunction.Add }, product.X, patch.Constant($"{add.Name}/number", Tensor.Scalar(shift)));
        inputs[1] = patch.Constant(node.Inputs[1]!.Name, Scaled(node.Inputs[1]!.Constant!, product.Constant));
        Value y = node.Outputs[0];
        return patch.Replace(y, patch.AddNamed(node, y.Name, node.Operator, inputs));
    }

    private static (Value X, float Constant)? Number(Node node) =>
        node.Inputs[1].Scalar() is { } b ? (node.Inputs[0]!, b) : node.Inputs[0].Scalar() is { } a ? (node.Inputs[1]!, a) : null;

    private static Tensor Scaled(Tensor weight, float scale)
    {
        Tensor scaled = weight.Clone();
        foreach (ref float w in scaled.Span<float>()) w *= scale;
        return scaled;
    }

    private static bool Takes(Node node) => node.Operator is Conv { Result.IsNone: true } && node.Inputs[0]?.Type is { DataType: DataType.F32, Shape.IsUnranked: false }
        && node.Input(1)?.Constant is { Type.DataType: DataType.F32 } && node.Input(Conv.Bias) is null or { Type.DataType: DataType.F32 };

    private static bool SticksOut(Node node) => ((Conv)node.Operator).Window is not { AutoPad: AutoPad.Explicit, Ceil: false } window || Array.Exists(window.Pads, p => p != 0);

    /// <summary>What each output of the weight [O, kernel, C/groups] makes of a picture that has these numbers everywhere.</summary>
    private static float[] Sums(Tensor weight, float[] shift, int groups)
    {
        ReadOnlySpan<float> w = weight.Span<float>();
        int outputs = weight.Shape[0], inner = weight.Shape[-1], taps = (int)(weight.Shape.Count / outputs / inner);
        float[] sums = new float[outputs];
        for (int o = 0; o < outputs; o++)
        {
            int first = o / (outputs / groups) * inner;
            double sum = 0;
            for (int i = 0; i < taps * inner; i++) sum += (double)w[o * taps * inner + i] * shift[first + i % inner];
            sums[o] = (float)sum;
        }
        return sums;
    }
}
