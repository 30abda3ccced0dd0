using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Passes;

/// <summary>
/// A transposed convolution of dequantized operands becomes one of integers that is not transposed. Of the results along an axis, each s-th (the stride) is made by the same taps of the kernel: so s convolutions of s times fewer taps,
/// written as one with s times the channels (s² for pictures), whose channels then become pixels.
/// </summary>
internal static class QuantizedTransposedConv
{
    /// <summary>The patch that computes <paramref name="y"/>, or null when the node has no such form.</summary>
    public static GraphPatch? Of(Node node, Value y, ConvTranspose op, QuantizedResult result)
    {
        Window window = op.Window;
        int axes = window.Axes, stride = window.Strides[0];
        Shape from = node.Inputs[0]!.Type.Shape, to = y.Type.Shape;
        if (!Fits(op, from, to)) return null;
        if (QuantizedSource.Of(node.Inputs[0]) is not { } source || QuantizedSource.Weight(node.Input(1), 0) is not { } weight) return null;

        int phases = axes == 1 ? stride : stride * stride, outputs = to[-1];
        int[] kernel = new int[axes], pads = new int[2 * axes], cut = new int[axes];
        for (int axis = 0; axis < axes; axis++)
        {
            int size = from[axis + 1], taps = (window.Kernel[axis] + stride - 1) / stride, begin = op.PadBegin(size, axis);
            kernel[axis] = taps;
            cut[axis] = ((begin % stride) + stride) % stride;
            int first = (begin - cut[axis]) / stride, count = (cut[axis] + to[axis + 1] + stride - 1) / stride;
            pads[axis] = taps - 1 - first;
            pads[axis + axes] = count - size - pads[axis] + taps - 1;
        }
        // Groups need their channels together; else whole pixels that lie together are moved faster.
        bool byPhase = op.Groups == 1;
        int Channel(int output, int phase) => byPhase ? phase * outputs + output : output * phases + phase;
        int[] order = new int[outputs * phases];
        for (int o = 0; o < outputs; o++)
            for (int phase = 0; phase < phases; phase++) order[Channel(o, phase)] = o;

        Quantization quantization = weight.Quantization;
        if (quantization.Axis >= 0) quantization = new Quantization([.. order.Select(o => weight.Quantization.Scales[o])], [.. order.Select(o => weight.Quantization.ZeroPoints[o])], 0);
        int[]? sums = null;
        if (node.Input(ConvTranspose.Bias) is { } bias)
        {
            sums = QuantizedProducts.BiasSums(bias, source.Scale, weight.Quantization, outputs, exact: result.Type == DataType.F32);
            if (sums is null) return null;
            sums = Array.ConvertAll(order, o => sums[o]);
        }
        Tensor phased = Phases(weight.Constant, window, stride, kernel, Channel, order.Length, phases);
        var patch = new GraphPatch();
        Value x = source.Add(patch), w = patch.Constant(node.Inputs[1]!.Name, phased.WithQuantization(quantization));
        if (QuantizedProduct.Of(x.Type, w.Type, result, op.Activation).Multipliers.Any(m => !float.IsFinite(m))) return null;
        var conv = new Conv { Window = Window.Of(kernel) with { Pads = pads }, Groups = op.Groups, Activation = op.Activation, Result = result };
        Value value = sums is null ? patch.Add1(node.Name, conv, x, w) : patch.Add1(node.Name, conv, x, w, patch.Constant(node.Inputs[2]!.Name, Tensor.Vector<int>(sums)));
        return patch.Replace(y, Pixels(patch, node, y, value, stride, cut, byPhase));
    }

    /// <summary>True where there is such a form: strides are the same along both axes, sizes are known.</summary>
    public static bool Fits(ConvTranspose op, in Shape from, in Shape to)
    {
        Window window = op.Window;
        int axes = window.Axes, stride = window.Strides[0];
        if (axes > 2 || (axes == 1 && op.Groups != 1) || stride > 64 || window.Strides[^1] != stride || Array.Exists(window.Dilations, d => d != 1) || from.IsUnranked || to.IsUnranked) return false;
        for (int axis = 0; axis < axes; axis++)
            if (from[axis + 1] < 1 || to[axis + 1] < 1) return false;
        // Lines are reshaped, for which all sizes have to be known.
        return to[-1] > 0 && (axes == 2 || from.IsStatic);
    }

    /// <summary>Channels to pixels, and what sticks out cut off.</summary>
    private static Value Pixels(GraphPatch patch, Node node, Value y, Value value, int stride, int[] cut, bool byPhase)
    {
        Shape to = y.Type.Shape;
        if (stride > 1 && cut.Length == 2)
            value = patch.Add1($"{node.Name}/pixels", new DepthSpace { Block = stride, Function = byPhase ? DepthSpaceFunction.DepthToSpace : DepthSpaceFunction.DepthToSpaceColumnFirst }, value);
        else if (stride > 1)
            value = patch.Add1($"{node.Name}/pixels", new Reshape { Target = [to[0], (long)value.Type.Shape[1] * stride, to[2]] }, value);
        long[] axes = [.. Enumerable.Range(0, cut.Length).Where(axis => value.Type.Shape[axis + 1] != to[axis + 1]).Select(axis => axis + 1L)];
        if (axes.Length > 0)
        {
            long[] starts = [.. axes.Select(axis => (long)cut[axis - 1])];
            value = patch.Add1($"{node.Name}/cut", new Slice { Starts = starts, Ends = [.. axes.Select((axis, i) => starts[i] + to[(int)axis])], Axes = axes, Steps = [.. axes.Select(_ => 1L)] }, value);
        }
        value.Name = y.Name;
        return value;
    }

    /// <summary>The kernel's taps by phase, last first, as a convolution that is not transposed takes them. Taps beyond the kernel are zeros.</summary>
    private static Tensor Phases(Tensor weight, Window window, int stride, int[] kernel, Func<int, int, int> channel, int channels, int phases)
    {
        int axes = window.Axes, outputs = weight.Shape[0], perGroup = weight.Shape[-1];
        var phased = new Tensor(new TensorType(weight.Type.DataType, new Shape([channels, .. kernel, perGroup])));
        ReadOnlySpan<byte> source = weight.View.Bytes;
        Span<byte> target = phased.View.Bytes;
        ReadOnlySpan<int> zeros = weight.Type.Quantization!.ZeroPoints;
        var taps = new IndexWalk(new Shape(kernel), []);
        for (int tap = 0; taps.Next(); tap++)
            for (int phase = 0; phase < phases; phase++)
            {
                int from = 0;
                bool inside = true;
                for (int axis = 0; axis < axes; axis++)
                {
                    int own = axis == axes - 1 ? phase % stride : phase / stride, k = own + stride * (kernel[axis] - 1 - taps[axis]);
                    inside &= k < window.Kernel[axis];
                    from = from * window.Kernel[axis] + k;
                }
                for (int o = 0; o < outputs; o++)
                {
                    Span<byte> to = target.Slice((int)(((long)channel(o, phase) * new Shape(kernel).Count + tap) * perGroup), perGroup);
                    if (inside) source.Slice((int)((o * new Shape(window.Kernel).Count + from) * perGroup), perGroup).CopyTo(to);
                    else to.Fill(unchecked((byte)zeros[zeros.Length == 1 ? 0 : o]));
                }
            }
        return phased;
    }
}
