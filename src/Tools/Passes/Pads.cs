using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Passes;

/// <summary>What a Pad node adds around each axis, as passes need it.</summary>
/// <param name="Begins">Before each axis.</param>
/// <param name="Ends">After each axis.</param>
/// <param name="IsZero">True when zeros are added.</param>
internal sealed record Pads(long[] Begins, long[] Ends, bool IsZero)
{
    /// <summary>The pads of a node, or null when they are not known or take away.</summary>
    public static Pads? Of(Node node, Pad pad)
    {
        Shape x = node.Inputs[0]!.Type.Shape;
        if (x.IsUnranked || node.Input(1) is not null || node.Input(3) is not null) return null;
        int count = pad.Pads.Length / 2;
        var pads = new Pads(new long[x.Rank], new long[x.Rank], pad.Mode == PadMode.Constant && (node.Input(2) is { } value ? value.IsZero() : pad.Value == 0));
        for (int i = 0; i < count; i++)
        {
            long axis = pad.Axes.Length > 0 ? pad.Axes[i] : i;
            if (axis < 0) axis += x.Rank;
            if (pad.Pads[i] is < 0 or > ushort.MaxValue / 2 || pad.Pads[i + count] is < 0 or > ushort.MaxValue / 2) return null;
            pads.Begins[axis] = pad.Pads[i];
            pads.Ends[axis] = pad.Pads[i + count];
        }
        return pads;
    }

    /// <summary>True when nothing is added but after that axis.</summary>
    public bool OnlyAtTheEndOf(int axis)
    {
        for (int i = 0; i < Begins.Length; i++)
            if (Begins[i] != 0 || (i != axis && Ends[i] != 0)) return false;
        return true;
    }

    /// <summary>True when nothing is added around batch and channels, so that a window can take the pads over.</summary>
    public bool IsSpatial => Begins.Length >= 3 && Begins[0] == 0 && Ends[0] == 0 && Begins[^1] == 0 && Ends[^1] == 0;

    /// <summary>A window that pads these in addition to its own.</summary>
    public Window AddedTo(Window window)
    {
        int axes = window.Axes;
        int[] sums = [.. window.Pads];
        for (int i = 0; i < axes; i++)
        {
            sums[i] += (int)Begins[i + 1];
            sums[i + axes] += (int)Ends[i + 1];
        }
        window.Pads = sums;
        return window;
    }
}
