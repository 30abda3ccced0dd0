using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Conversion;

/// <summary>
/// Keeps large float constants in half precision, each behind a Cast that a session folds away when it is made: half the file,
/// the same speed, results within the rounding of the weights. The last thing done to a graph: folding would undo it.
/// </summary>
internal static class HalfWeights
{
    /// <summary>Constants of fewer elements stay as they are: nothing is gained, and shapes and scales are among them.</summary>
    public const int LeastElements = 64;

    private const float SmallestNormal = 6.103515625e-5f;

    /// <summary>Replaces what can be replaced; the number of constants that were.</summary>
    public static int Apply(Graph graph)
    {
        Value[] constants = [.. graph.Constants.Where(c => c.Consumers.Count > 0 && c.Type.DataType == DataType.F32 && c.Type.Shape.Count >= LeastElements && Fits(c.Constant!.Span<float>()))];
        if (constants.Length == 0) return 0;
        // One patch for all, so that the graph is put in order once.
        var patch = new GraphPatch();
        foreach (Value constant in constants)
        {
            Value half = patch.Constant(constant.Name, Halve(constant.Constant!));
            patch.Replace(constant, patch.Add1($"{constant.Name}/f32", new Cast { To = DataType.F32 }, half));
        }
        graph.Apply(patch);
        return constants.Length;
    }

    /// <summary>
    /// False when a finite value would become infinite, or when all are so small that half precision keeps only a few of their bits.
    /// </summary>
    private static bool Fits(ReadOnlySpan<float> values)
    {
        float largest = 0;
        foreach (float value in values)
        {
            if (!float.IsFinite(value)) continue;
            if (!Half.IsFinite((Half)value)) return false;
            largest = Math.Max(largest, Math.Abs(value));
        }
        return largest == 0 || largest >= SmallestNormal;
    }

    private static Tensor Halve(Tensor tensor)
    {
        var half = new Tensor(new TensorType(DataType.F16, tensor.Shape));
        ReadOnlySpan<float> from = tensor.Span<float>();
        Span<Half> to = half.Span<Half>();
        for (int i = 0; i < from.Length; i++) to[i] = (Half)from[i];
        return half;
    }
}
