using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>
/// The end of <see cref="ConvInteger"/> and <see cref="MatMulInteger"/>: sums as they are, or as reals when a scale is given: fl(fl(float(acc) · scale) + bias), never contracted into
/// a fused multiply-add.
/// </summary>
internal static class ScaledSums
{
    private const int Scale = MatMulInteger.Scale, Bias = MatMulInteger.Bias;

    /// <summary>F32 when there is a scale, else I32.</summary>
    public static DataType TypeOf(ReadOnlySpan<Operand> inputs) => inputs.Length > Scale && !inputs[Scale].IsMissing ? DataType.F32 : DataType.I32;

    /// <summary>F32 when there is a scale, else I32.</summary>
    public static DataType TypeOf(ReadOnlySpan<TensorView> inputs) => inputs.Length > Scale && !inputs[Scale].IsMissing ? DataType.F32 : DataType.I32;

    /// <summary>What is wrong with scale and bias, or null.</summary>
    /// <param name="inputs">All inputs.</param>
    /// <param name="channels">Length of the last axis of the result, or unknown.</param>
    public static string? Problem(ReadOnlySpan<Operand> inputs, int channels)
    {
        if (inputs.Length > Bias && !inputs[Bias].IsMissing && TypeOf(inputs) == DataType.I32) return "a bias needs a scale.";
        for (int i = Scale; i < inputs.Length; i++)
        {
            if (inputs[i].IsMissing) continue;
            Shape shape = inputs[i].Shape;
            bool fits = shape.IsUnranked || shape.Rank == 0 || (shape.Rank == 1 && (shape[0] == 1 || shape[0] < 0 || channels < 0 || shape[0] == channels));
            if (inputs[i].DataType != DataType.F32 || !fits) return $"the {(i == Scale ? "scale" : "bias")} {inputs[i].Type} does not fit {channels} channels.";
        }
        return null;
    }

    /// <summary>Writes sums that lie channel by channel along the last axis.</summary>
    public static void Write(ReadOnlySpan<int> sums, ReadOnlySpan<TensorView> inputs, in TensorView y)
    {
        if (TypeOf(inputs) == DataType.I32)
        {
            sums.CopyTo(y.Span<int>());
            return;
        }
        Span<float> scales = inputs[Scale].Span<float>(), reals = y.Span<float>();
        Span<float> biases = inputs.Length > Bias && !inputs[Bias].IsMissing ? inputs[Bias].Span<float>() : [];
        for (int i = 0; i < reals.Length; i++)
        {
            float product = sums[i] * scales[scales.Length == 1 ? 0 : i % scales.Length];
            reals[i] = biases.IsEmpty ? product : product + biases[biases.Length == 1 ? 0 : i % biases.Length];
        }
    }
}
