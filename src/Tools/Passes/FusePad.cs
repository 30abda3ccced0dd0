using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;

namespace EdgeRuntime.Tools.Passes;

/// <summary>Zeros around a picture are left to the window that slides over it: a convolution, or an average that counts them.</summary>
internal static class FusePad
{
    public static GraphPatch? Visit(Graph graph, Node node)
    {
        if (node.Inputs.Count == 0 || node.Inputs[0].Made<Pad>() is not { } pad || node.Inputs[0]!.Producer is not { } padding) return null;
        if (Pads.Of(padding, pad) is not { IsZero: true, IsSpatial: true } pads || Padded(node.Operator, pads) is not { } op) return null;
        Value?[] inputs = [.. node.Inputs];
        inputs[0] = padding.Inputs[0];
        var patch = new GraphPatch();
        Value y = node.Outputs[0];
        return patch.Replace(y, patch.AddNamed(node, y.Name, op, inputs));
    }

    private static Operator? Padded(Operator op, Pads pads)
    {
        switch (op)
        {
            case Conv { Window.AutoPad: AutoPad.Explicit, Result.IsNone: true } conv when conv.Window.Axes + 2 == pads.Begins.Length:
                Conv newConv = conv.Copy();
                newConv.Window = pads.AddedTo(newConv.Window);
                return newConv;
            // Rounding up lets windows stick out of the padding, where nothing is counted; that would change.
            case Pool { Function: PoolFunction.Average, Result.IsNone: true, Window: { AutoPad: AutoPad.Explicit, Ceil: false } } pool when pool.Window.Axes + 2 == pads.Begins.Length
                && (pool.CountIncludePad || Array.TrueForAll(pool.Window.Pads, p => p == 0)):
                Pool newPool = pool.Copy();
                newPool.CountIncludePad = true;
                newPool.Window = pads.AddedTo(newPool.Window);
                return newPool;
            default:
                return null;
        }
    }
}
