using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Passes;

/// <summary>
/// Moves a quantization with one scale before an operator that only moves or joins elements, or takes the largest: that then happens to bytes, and what is joined is quantized where it is made. Transposes and reshapes are not among
/// them, which sink themselves.
/// </summary>
internal static class RaiseQuantize
{
    /// <summary>Where an operator throws most elements away, fewer are quantized behind it.</summary>
    private const int MostShrinking = 4;

    public static GraphPatch? Visit(Graph graph, Node node)
    {
        if (node.Operator is not Quantize { BlockSize: 0 } quantize || node.Inputs[0] is not { Producer: { } maker } x || x.Type.DataType != DataType.F32 || !graph.HasOneReader(x)) return null;
        if (QuantizedResult.Like(node.Outputs[0].Type).IsNone || maker.Outputs.Count != 1 || !Moves(maker)) return null;
        var patch = new GraphPatch();
        Value?[] inputs = [.. maker.Inputs];
        int operands = maker.Operator is Concat ? inputs.Length : 1;
        for (int i = 0; i < operands; i++)
            inputs[i] = patch.Add1($"{node.Name}/{i}", quantize, [maker.Inputs[i], .. node.Inputs.Skip(1)]);
        return patch.Replace(node.Outputs[0], patch.AddNamed(maker, node.Outputs[0].Name, maker.Operator, inputs));
    }

    private static bool Moves(Node node)
    {
        if (node.Inputs[0] is not { Type: { DataType: DataType.F32, Shape: { IsStatic: true } from } } || node.Outputs[0].Type.Shape is not { IsStatic: true } to) return false;
        return node.Operator switch
        {
            Concat => true,
            Slice or Gather => to.Count * MostShrinking >= from.Count,
            DepthSpace => true,
            Pool { Function: PoolFunction.Max, WithIndices: false } => to.Count * MostShrinking >= from.Count,
            _ => false,
        };
    }
}
