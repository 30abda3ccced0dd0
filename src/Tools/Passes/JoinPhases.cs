using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Passes;

/// <summary>
/// A convolution of the four pictures of every other pixel, joined as channels, is one of the picture itself: of twice the kernel and twice the strides, with as many products. Nothing is to be
/// cut out and joined then.
/// </summary>
internal static class JoinPhases
{
    public static GraphPatch? Visit(Graph graph, Node node)
    {
        if (node.Operator is not Conv { Groups: 1, Result.IsNone: true, Window: { Axes: 2, AutoPad: AutoPad.Explicit, Ceil: false } window } conv || !Array.TrueForAll(window.Dilations, d => d == 1)) return null;
        if (node.Input(1)?.Constant is not { } weight || weight.Type.DataType != DataType.F32) return null;
        // Channels may have been first when the pictures were joined.
        Value joined = node.Inputs[0]!;
        bool turned = joined.Made<Transpose>() is { } transpose && transpose.For(4).AsSpan().SequenceEqual([0, 2, 3, 1]);
        if (turned) joined = joined.Producer!.Inputs[0]!;
        if (joined.Made<Concat>() is not { } concat || joined.Type.Shape.Rank != 4 || joined.Producer!.Inputs.Count != 4) return null;
        int channelAxis = turned ? 1 : 3, firstAxis = turned ? 2 : 1;
        if ((concat.Axis + 4) % 4 != channelAxis) return null;

        Value? whole = null;
        var phases = new List<(int Y, int X)>();
        foreach (Value? part in joined.Producer.Inputs)
        {
            if (Phase(part, firstAxis) is not { } phase || (whole ??= phase.Whole) != phase.Whole || phases.Contains((phase.Y, phase.X))) return null;
            phases.Add((phase.Y, phase.X));
        }
        // Of an odd picture the last row or column has no partner.
        if (whole!.Type.DataType != DataType.F32 || whole.Type.Shape[firstAxis] is < 1 or > 1 << 24 || whole.Type.Shape[firstAxis] % 2 != 0 || whole.Type.Shape[firstAxis + 1] < 1 || whole.Type.Shape[firstAxis + 1] % 2 != 0) return null;
        int channels = whole.Type.Shape[channelAxis];
        if (channels < 1 || weight.Shape[3] != 4 * (long)channels) return null;

        var patch = new GraphPatch();
        Value picture = turned ? patch.Add1($"{node.Name}/picture", new Transpose { Permutation = [0, 2, 3, 1] }, whole) : whole;
        Conv wide = conv.Copy();
        wide.Window.Kernel = Array.ConvertAll(window.Kernel, k => 2 * k);
        wide.Window.Strides = Array.ConvertAll(window.Strides, s => 2 * s);
        wide.Window.Pads = Array.ConvertAll(window.Pads, p => 2 * p);
        Value y = node.Outputs[0];
        return patch.Replace(y, patch.AddNamed(node, y.Name, wide, [picture, patch.Constant(node.Inputs[1]!.Name, Widened(weight, phases)), .. node.Inputs.Skip(2)]));
    }

    /// <summary>Of which picture a value is every other pixel along two axes, and from which on.</summary>
    private static (Value Whole, int Y, int X)? Phase(Value? value, int firstAxis)
    {
        int[] starts = [-1, -1];
        while (value?.Producer is { Operator: Slice slice } cut && cut.Inputs.Skip(1).All(v => v is null))
        {
            if (slice.Steps.Length != slice.Starts.Length || slice.Axes.Length != slice.Starts.Length) return null;
            int rank = value.Type.Shape.Rank;
            for (int i = 0; i < slice.Axes.Length; i++)
            {
                long axis = (slice.Axes[i] < 0 ? slice.Axes[i] + rank : slice.Axes[i]) - firstAxis;
                Shape from = cut.Inputs[0]!.Type.Shape;
                if (axis is < 0 or > 1 || starts[axis] >= 0 || slice.Steps[i] != 2 || slice.Starts[i] is not (0 or 1) || slice.Ends[i] < from[(int)axis + firstAxis] || from[(int)axis + firstAxis] < 0) return null;
                starts[axis] = (int)slice.Starts[i];
            }
            value = cut.Inputs[0];
        }
        return value is null || starts[0] < 0 || starts[1] < 0 ? null : (value, starts[0], starts[1]);
    }

    /// <summary>The weight [O, kernel, phases x channels] as [O, twice the kernel, channels].</summary>
    private static Tensor Widened(Tensor weight, List<(int Y, int X)> phases)
    {
        (int outputs, int kernelY, int kernelX, int channels) = (weight.Shape[0], weight.Shape[1], weight.Shape[2], weight.Shape[3] / phases.Count);
        var wide = new Tensor(new TensorType(DataType.F32, outputs, 2 * kernelY, 2 * kernelX, channels));
        ReadOnlySpan<float> from = weight.Span<float>();
        Span<float> to = wide.Span<float>();
        for (int tap = 0; tap < outputs * kernelY * kernelX; tap++)
        {
            (int row, int x) = (tap / kernelX, tap % kernelX);
            for (int phase = 0; phase < phases.Count; phase++)
                from.Slice((tap * phases.Count + phase) * channels, channels).CopyTo(to[(((2 * row + phases[phase].Y) * 2 * kernelX + 2 * x + phases[phase].X) * channels)..]);
        }
        return wide;
    }
}
