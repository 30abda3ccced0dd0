using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Quantizing;

/// <summary>Weights in 8 bits with a scale for each index along an axis, for arithmetic in floats: all of -127 to 127 is used, as no sum of pairs has to be bounded.</summary>
internal static class ChannelWeights
{
    /// <summary>Smaller constants are not worth a node.</summary>
    private const int FewestElements = 256;

    /// <summary>The constants of a node that are worth keeping so.</summary>
    public static IEnumerable<Value> In(Graph graph, Node node)
    {
        int[] positions = node.Operator switch
        {
            Conv { Result.IsNone: true } or ConvTranspose or MatMul { Result.IsNone: true } => [1],
            RecurrentLayer => [1, 2],
            Gather => [0],
            _ => [],
        };
        return positions.Select(node.Input).OfType<Value>().Where(v => IsWorthIt(graph, v)).Distinct();
    }

    /// <summary>The axis of a node's weights along which scales differ: what is computed, or looked up, with each is one result.</summary>
    public static int AxisOf(Node node, Value weight) => node.Operator switch
    {
        MatMul product => weight.Type.Shape.Rank - (product.TransposeB ? 2 : 1),
        RecurrentLayer => 1,
        _ => 0,
    };

    /// <summary>The patch that keeps a weight so.</summary>
    public static GraphPatch Replace(Value weight, int axis, Tensor integers, Tensor scales)
    {
        var patch = new GraphPatch();
        Value wide = patch.Add1($"{weight.Name}/f32", new Dequantize { Axis = axis }, patch.Constant(weight.Name, integers), patch.Constant($"{weight.Name}/scale", scales));
        return patch.Replace(weight, wide);
    }

    /// <summary>The numbers, in the shape of the weights, and the scales.</summary>
    public static (Tensor Integers, Tensor Scales) Of(Tensor weights, int axis)
    {
        Shape shape = weights.Shape;
        int channels = shape[axis], inner = (int)shape.Product(axis + 1, shape.Rank);
        var integers = new Tensor(new TensorType(DataType.I8, shape));
        float[] scales = new float[channels];
        ReadOnlySpan<float> reals = weights.Span<float>();
        Span<sbyte> numbers = integers.Span<sbyte>();
        for (int i = 0; i < reals.Length; i++)
        {
            ref float scale = ref scales[i / inner % channels];
            scale = Math.Max(scale, Math.Abs(reals[i]) / 127);
        }
        // A channel of zeros needs a scale all the same.
        for (int i = 0; i < channels; i++)
            if (!(scales[i] > 1e-30f)) scales[i] = 1e-30f;
        for (int i = 0; i < reals.Length; i++) numbers[i] = (sbyte)Math.Clamp(MathF.Round(reals[i] / scales[i / inner % channels]), -127, 127);
        return (integers, Tensor.Vector<float>(scales));
    }

    private static bool IsWorthIt(Graph graph, Value value)
    {
        if (value.Constant is not { Type: { DataType: DataType.F32, Quantization: null, Shape.Rank: >= 2 } } constant || constant.Shape.Count < FewestElements || graph.IsOutput(value)) return false;
        foreach (float x in constant.Span<float>())
            if (!float.IsFinite(x)) return false;
        return true;
    }
}
