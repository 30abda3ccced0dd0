using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Passes;

/// <summary>Pairs that undo each other: all parts of a split joined again, neighbouring slices joined, a conversion by way of a wider type.</summary>
internal static class CancelPairs
{
    public static GraphPatch? Visit(Graph graph, Node node) => node.Operator switch
    {
        Concat concat => Joined(node, concat.Axis),
        Cast cast => Converted(node, cast),
        _ => null,
    };

    private static GraphPatch? Joined(Node node, int axis)
    {
        Value y = node.Outputs[0];
        if (y.Type.Shape.IsUnranked || node.Inputs[0]?.Producer is not { } first) return null;
        int rank = y.Type.Shape.Rank;
        if (axis < 0) axis += rank;
        if (first.Operator is Split split)
        {
            if (first.Inputs[0]!.Type.Shape.Rank != rank || (split.Axis < 0 ? split.Axis + rank : split.Axis) != axis || first.Outputs.Count != node.Inputs.Count) return null;
            return node.Inputs.SequenceEqual(first.Outputs) ? new GraphPatch().Replace(y, first.Inputs[0]!) : null;
        }
        if (node.Inputs.Count < 2) return null;
        Value? source = null;
        long end = 0;
        foreach (Value? part in node.Inputs)
        {
            if (part.Made<Slice>() is not { Starts.Length: 1, Axes.Length: 1 } slice || part!.Producer is not { } producer || producer.Inputs.Skip(1).Any(v => v is not null)) return null;
            Value x = producer.Inputs[0]!;
            if (source is not null && source != x) return null;
            source = x;
            if (x.Type.Shape.Rank != rank || x.Type.Shape[axis] < 0 || (slice.Axes[0] < 0 ? slice.Axes[0] + rank : slice.Axes[0]) != axis || (slice.Steps.Length > 0 && slice.Steps[0] != 1)) return null;
            long size = x.Type.Shape[axis], start = Math.Clamp(slice.Starts[0] < 0 ? slice.Starts[0] + size : slice.Starts[0], 0, size);
            if (start != end) return null;
            end = start + part.Type.Shape[axis];
        }
        return source is not null && end == source.Type.Shape[axis] && source.Type.DataType == y.Type.DataType ? new GraphPatch().Replace(y, source) : null;
    }

    private static GraphPatch? Converted(Node node, Cast cast)
    {
        if (node.Inputs[0] is not { } wide || wide.Made<Cast>() is null || wide.Producer!.Inputs[0] is not { } x || !Holds(wide.Type.DataType, x.Type.DataType)) return null;
        var patch = new GraphPatch();
        Value y = node.Outputs[0];
        return patch.Replace(y, x.Type.DataType == cast.To ? x : patch.AddNamed(node, y.Name, cast, x));
    }

    /// <summary>True when the one type has every value of the other.</summary>
    private static bool Holds(DataType wide, DataType narrow) => narrow switch
    {
        DataType.Bool => wide is DataType.U8 or DataType.I8 or DataType.I16 or DataType.I32 or DataType.I64 or DataType.F16 or DataType.F32 or DataType.F64,
        DataType.I8 or DataType.U8 => wide is DataType.I16 or DataType.I32 or DataType.I64 or DataType.F16 or DataType.F32 or DataType.F64,
        DataType.I16 or DataType.U16 => wide is DataType.I32 or DataType.I64 or DataType.F32 or DataType.F64,
        DataType.I32 => wide is DataType.I64 or DataType.F64,
        DataType.F16 => wide is DataType.F32 or DataType.F64,
        DataType.F32 => wide is DataType.F64,
        _ => false,
    };
}
