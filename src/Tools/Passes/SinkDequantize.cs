using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Passes;

/// <summary>
/// Moves a dequantization with one scale past operators that only move, choose or compare elements: they then do that to bytes, and the dequantization meets the quantization or product that it belongs to.
/// Transposes are not among them, which sink themselves (<see cref="SinkTransposes"/>); but one that is stuck between the two is turned into one of bytes.
/// </summary>
internal static class SinkDequantize
{
    public static GraphPatch? Visit(Graph graph, Node node)
    {
        if (node.Operator is Concat) return Joined(node);
        if (!Moves(node) || node.Inputs[0] is not { Type.DataType: DataType.F32 } x) return null;
        var patch = new GraphPatch();
        Node maker;
        Value integers;
        if (x.Made<Dequantize>() is { BlockSize: 0 })
        {
            maker = x.Producer!;
            if (maker.Inputs[0] is not { Type.DataType: DataType.U8 or DataType.I8 } numbers) return null;
            integers = numbers;
        }
        else
        {
            if (QuantizedSource.Of(x) is not { IsMoved: true, IsConstant: false } source) return null;
            maker = source.Maker;
            integers = source.Add(patch);
        }
        if (maker.Inputs.Skip(1).Any(v => v is not null && v.Type.Shape is not { IsStatic: true, Count: 1 })) return null;
        Value?[] inputs = [.. node.Inputs];
        inputs[0] = integers;
        if (node.Operator is Pad pad)
        {
            if (node.Input(1) is not null || node.Input(3) is not null || pad.Mode == PadMode.Constant && (pad.Value != 0 || node.Input(2) is not null)) return null;
            // What stands for a real zero is the zero point.
            if (pad.Mode == PadMode.Constant) inputs = [integers, null, Zero(patch, maker, integers)];
        }
        Value[] moved = patch.Add(node.Name, node.Operator, inputs);
        for (int i = 0; i < moved.Length; i++)
        {
            Value y = node.Outputs[i];
            if (y.Type.DataType == DataType.F32)
            {
                moved[i].Name = $"{y.Name}/integers";
                patch.Replace(y, patch.AddNamed(maker, y.Name, maker.Operator, [moved[i], .. maker.Inputs.Skip(1)]));
            }
            else
            {
                // Places of elements are the same.
                moved[i].Name = y.Name;
                patch.Replace(y, moved[i]);
            }
        }
        return patch;
    }

    /// <summary>True for operators whose results are elements of input 0, or places of some.</summary>
    private static bool Moves(Node node) => node.Operator switch
    {
        Reshape or Flatten or Squeeze or Unsqueeze or Expand or Slice or Split or Gather or GatherElements or GatherND or DepthSpace or Tile or Pad or ReverseSequence or ArgMax or TopK => true,
        Reduce { Function: ReduceFunction.Max or ReduceFunction.Min } => node.Inputs[0]!.Type.Shape is { IsStatic: true, Count: > 0 },
        Pool { Function: PoolFunction.Max, WithIndices: false } => true,
        Resize { Interpolation: Interpolation.Nearest } resize => resize.Coordinates != ResizeCoordinates.CropAndResize,
        _ => false,
    };

    /// <summary>Operands of one scale and zero point are joined as bytes, though nobody quantizes the result.</summary>
    private static GraphPatch? Joined(Node node)
    {
        var sources = new QuantizedSource[node.Inputs.Count];
        for (int i = 0; i < sources.Length; i++)
        {
            if (QuantizedSource.Of(node.Inputs[i]) is not { } source || !source.Quantization.Equals((i == 0 ? source : sources[0]).Quantization)) return null;
            sources[i] = source;
        }
        if (sources.Length == 0 || Array.TrueForAll(sources, s => s.IsConstant)) return null;
        var patch = new GraphPatch();
        Value?[] integers = Array.ConvertAll(sources, s => (Value?)s.Add(patch));
        if (Array.Exists(integers, v => v!.Type.DataType != integers[0]!.Type.DataType)) return null;
        Node maker = sources[0].Maker;
        Value y = node.Outputs[0], moved = patch.Add1(node.Name, node.Operator, integers);
        moved.Name = $"{y.Name}/integers";
        return patch.Replace(y, patch.AddNamed(maker, y.Name, maker.Operator, [moved, .. maker.Inputs.Skip(1)]));
    }

    private static Value Zero(GraphPatch patch, Node dequantize, Value integers)
    {
        if (dequantize.Input(2) is not { } zero) return patch.Constant($"{dequantize.Name}/zero", new Tensor(new TensorType(integers.Type.DataType)));
        return zero.Type.Shape.Rank == 0 ? zero : patch.Add1($"{dequantize.Name}/zero", new Reshape { Target = [] }, zero);
    }
}
