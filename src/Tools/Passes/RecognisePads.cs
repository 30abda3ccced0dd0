using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Passes;

/// <summary>Zeros that are joined to the end of a value pad it; a Pad needs no constant of zeros, which may be as large as the value.</summary>
internal static class RecognisePads
{
    public static GraphPatch? Visit(Graph graph, Node node)
    {
        if (node.Operator is not Concat concat || node.Inputs.Count < 2 || node.Inputs[0] is not { Constant: null, Type.DataType: DataType.F32 } x || x.Type.Shape.IsUnranked) return null;
        int rank = x.Type.Shape.Rank;
        long axis = concat.Axis < 0 ? concat.Axis + rank : concat.Axis, zeros = 0;
        foreach (Value? operand in node.Inputs.Skip(1))
        {
            if (!operand.IsZero() || operand!.Type.Shape[(int)axis] is not (> 0 and int size)) return null;
            zeros += size;
        }
        long[] pads = new long[2 * rank];
        pads[rank + axis] = zeros;
        var patch = new GraphPatch();
        Value y = node.Outputs[0];
        return patch.Replace(y, patch.AddNamed(node, y.Name, new Pad { Pads = pads }, x));
    }
}
