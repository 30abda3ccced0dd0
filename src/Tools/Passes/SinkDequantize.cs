using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Passes;

/// <summary>
/// Moves a dequantization with one scale past operators that only move or choose elements: they then move bytes, and the dequantization meets the quantization or product that it belongs to.
/// Transposes are not among them, which sink themselves (<see cref="SinkTransposes"/>).
/// </summary>
internal static class SinkDequantize
{
    public static GraphPatch? Visit(Graph graph, Node node)
    {
        if (!Moves(node) || node.Inputs[0] is not { } x || x.Made<Dequantize>() is not { BlockSize: 0 } dequantize || x.Producer is not { } maker) return null;
        if (maker.Inputs[0] is not { Type.DataType: DataType.U8 or DataType.I8 } integers || x.Type.DataType != DataType.F32) return null;
        if (maker.Inputs.Skip(1).Any(v => v is not null && v.Type.Shape is not { IsStatic: true, Count: 1 })) return null;
        var patch = new GraphPatch();
        Value?[] inputs = [.. node.Inputs];
        inputs[0] = integers;
        Operator op = node.Operator;
        if (op is Pad pad)
        {
            if (node.Input(1) is not null || node.Input(3) is not null || pad.Mode == PadMode.Constant && (pad.Value != 0 || node.Input(2) is not null)) return null;
            // What stands for a real zero is the zero point.
            if (pad.Mode == PadMode.Constant) inputs = [integers, null, Zero(patch, maker, integers)];
        }
        Value[] moved = patch.Add(node.Name, op, inputs);
        for (int i = 0; i < moved.Length; i++)
        {
            Value y = node.Outputs[i];
            if (y.Type.DataType != DataType.F32) return null;
            moved[i].Name = $"{y.Name}/integers";
            patch.Replace(y, patch.AddNamed(maker, y.Name, dequantize, [moved[i], .. maker.Inputs.Skip(1)]));
        }
        return patch;
    }

    /// <summary>True for operators whose results are elements of input 0, or their maxima.</summary>
    private static bool Moves(Node node) => node.Operator switch
    {
        Reshape or Flatten or Squeeze or Unsqueeze or Slice or Split or Gather or DepthSpace or Tile or Pad => true,
        Pool { Function: PoolFunction.Max, WithIndices: false } => true,
        Resize { Interpolation: Interpolation.Nearest } resize => resize.Coordinates != ResizeCoordinates.CropAndResize,
        _ => false,
    };

    private static Value Zero(GraphPatch patch, Node dequantize, Value integers)
    {
        if (dequantize.Input(2) is not { } zero) return patch.Constant($"{dequantize.Name}/zero", new Tensor(new TensorType(integers.Type.DataType)));
        return zero.Type.Shape.Rank == 0 ? zero : patch.Add1($"{dequantize.Name}/zero", new Reshape { Target = [] }, zero);
    }
}
