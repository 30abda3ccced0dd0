using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Passes;

namespace EdgeRuntime.Tools.Quantizing;

/// <summary>What the quantizer can make of a node.</summary>
internal enum NodeKind
{
    /// <summary>Nothing: it stays in floats.</summary>
    Float,

    /// <summary>A product with constant weights: what quantization is for.</summary>
    Product,

    /// <summary>An operator that has a form for integers, worth using between products.</summary>
    Glue,

    /// <summary>An operator that moves or chooses elements: integers pass through as they are.</summary>
    Movement,

    /// <summary>A factor of each channel of a product's results, which is applied as they are written.</summary>
    Gain,
}

/// <summary>Tells what the quantizer can make of a node of a graph that went through <see cref="PassPipeline.BeforeQuantization"/>.</summary>
internal static class QuantizableNode
{
    /// <summary>The kind of a node.</summary>
    public static NodeKind KindOf(Node node)
    {
        if (node.Outputs.Count == 0 || node.Outputs[0].Type.DataType != DataType.F32 || node.Inputs.Count == 0 || node.Inputs[0]?.Type.DataType != DataType.F32) return NodeKind.Float;
        return node.Operator switch
        {
            Conv { Result.IsNone: true } conv when IsWeight(node.Input(1)) && node.Input(Conv.Residual) is null && IsBias(node.Input(Conv.Bias)) && (Requantize.IsClamp(conv.Activation) || AppliedFunction.Has(conv.Activation)) => NodeKind.Product,
            MatMul { Result.IsNone: true, Scale: 1, TransposeA: false } product when IsWeight(node.Input(1)) && node.Input(1)!.Type.Shape.Rank == 2 && IsBias(node.Input(MatMul.Bias))
                && Requantize.IsClamp(product.Activation) => NodeKind.Product,
            ConvTranspose transposed when IsWeight(node.Input(1)) && IsBias(node.Input(ConvTranspose.Bias)) && Requantize.IsClamp(transposed.Activation)
                && QuantizedTransposedConv.Fits(transposed, node.Inputs[0]!.Type.Shape, node.Outputs[0].Type.Shape) => NodeKind.Product,
            Binary when IsGain(node) => NodeKind.Gain,
            Binary { Result.IsNone: true } binary when node.Input(1)?.Type.DataType == DataType.F32 && QuantizedPairs.Fits(node, binary) => NodeKind.Glue,
            Unary { Result.IsNone: true } unary when IsTable(unary.Function) => NodeKind.Glue,
            Pool { Function: PoolFunction.Average, Result.IsNone: true } => NodeKind.Glue,
            Reduce { Function: ReduceFunction.Mean or ReduceFunction.Sum, Result.IsNone: true } when node.Input(1) is null or { Constant: not null } => NodeKind.Glue,
            Resize { Interpolation: Interpolation.Linear, Result.IsNone: true } resize when QuantizeOperators.IsPlain(node, resize) => NodeKind.Glue,
            Concat => NodeKind.Glue,
            Reshape or Flatten or Squeeze or Unsqueeze or Expand or Slice or Split or DepthSpace or Tile or Transpose => NodeKind.Movement,
            Gather when node.Input(1)?.Constant is not null => NodeKind.Movement,
            Reduce { Function: ReduceFunction.Max or ReduceFunction.Min } when node.Inputs[0]!.Type.Shape is { IsStatic: true, Count: > 0 } => NodeKind.Movement,
            Pad { Mode: PadMode.Constant, Value: 0 } when node.Input(1) is null && node.Input(2) is null && node.Input(3) is null => NodeKind.Movement,
            Pool { Function: PoolFunction.Max, WithIndices: false } => NodeKind.Movement,
            Resize { Interpolation: Interpolation.Nearest } resize when resize.Coordinates != ResizeCoordinates.CropAndResize => NodeKind.Movement,
            _ => NodeKind.Float,
        };
    }

    /// <summary>Positions of the inputs of a node that carry activations: not weights, biases, sizes.</summary>
    public static IEnumerable<int> Activations(Node node) => KindOf(node) switch
    {
        NodeKind.Float or NodeKind.Gain => [],
        NodeKind.Glue when node.Operator is Binary or Concat => Enumerable.Range(0, node.Inputs.Count),
        _ => [0],
    };

    /// <summary>The weight axis along which scales differ: output channels.</summary>
    public static int ChannelAxis(Node product) => product.Operator is MatMul { TransposeB: false } ? 1 : 0;

    /// <summary>True for a factor of each channel after a function that the scale of weights cannot pass.</summary>
    public static bool IsGain(Node node) => node.Operator is Binary { Function: BinaryFunction.Mul, Result.IsNone: true, Activation.IsNone: true } && node.Inputs[1]?.Constant is not null
        && node.Inputs[0] is { Producer: { Operator: Conv conv } maker, Consumers.Count: 1 } && !Requantize.IsClamp(conv.Activation) && KindOf(maker) == NodeKind.Product
        && node.Inputs[1].PerChannel(maker.Inputs[1]!.Type.Shape[0], maker.Inputs[1]!.Type.Shape.Rank) is not null;

    private static bool IsWeight(Value? value) => value?.Constant is { Type: { DataType: DataType.F32, Quantization: null } };

    private static bool IsBias(Value? value) => value is null || value.Constant is { Type.DataType: DataType.F32 };

    private static bool IsTable(UnaryFunction function) => function is not (UnaryFunction.IsNaN or UnaryFunction.IsInf or UnaryFunction.Not or UnaryFunction.BitwiseNot);
}
