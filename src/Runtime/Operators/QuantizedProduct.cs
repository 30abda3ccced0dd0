using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>What becomes of the sums of a product of quantized operands: a multiplier for each output channel, and the range of the result. See <see cref="Requantize"/>.</summary>
internal sealed class QuantizedProduct
{
    /// <summary>The largest sum times the largest parameter of a function.</summary>
    public const float LargestProduct = 2147483648f * (1 << 20);

    /// <summary>What sums are multiplied by: one for all channels or one for each. To reals where there is a function, else to steps of the result.</summary>
    public required float[] Multipliers { get; init; }

    /// <summary>The result.</summary>
    public required QuantizedResult Result { get; init; }

    /// <summary>What is applied to the reals that the sums stand for, where it is no clamp; else none.</summary>
    public Activation Function { get; private init; }

    /// <summary>Where there is a function, what its values are multiplied by to be in steps of the result: one for all channels or one for each.</summary>
    public float[] Gains { get; private init; } = [];

    /// <summary>The range of 8-bit results.</summary>
    public required (int Low, int High) Range { get; init; }

    /// <summary>The range of F32 results.</summary>
    public required (float Low, float High) Reals { get; init; }

    /// <summary>Derives it from the operands' types.</summary>
    /// <param name="x">Type of the first operand.</param>
    /// <param name="weight">Type of the weights.</param>
    /// <param name="result">The result.</param>
    /// <param name="activation">What is applied.</param>
    /// <param name="gain">A factor of each channel after the activation, or missing.</param>
    public static QuantizedProduct Of(in TensorType x, in TensorType weight, in QuantizedResult result, in Activation activation, in TensorView gain = default)
    {
        float scale = x.Quantization!.Scales[0];
        ReadOnlySpan<float> scales = weight.Quantization!.Scales;
        bool applies = !Requantize.IsClamp(activation);
        float[] multipliers = new float[scales.Length];
        for (int i = 0; i < multipliers.Length; i++)
            multipliers[i] = result.Type == DataType.F32 || applies ? scale * scales[i] : Requantize.Multiplier(scale, scales[i], result.Scale);
        if (applies)
        {
            float step = result.Scale;
            return new QuantizedProduct
            {
                Multipliers = multipliers,
                Function = activation,
                Gains = gain.IsMissing ? [float.IsFinite(1 / step) ? 1 / step : 0] : Array.ConvertAll(gain.Span<float>().ToArray(), g => float.IsFinite(g / step) ? g / step : 0),
                Result = result,
                Range = Requantize.Range(result.Type),
                Reals = Requantize.ClampReal(default),
            };
        }
        return new QuantizedProduct { Multipliers = multipliers, Result = result, Range = Requantize.Clamp(activation, result), Reals = Requantize.ClampReal(activation) };
    }

    /// <summary>What is wrong with the operands, or null.</summary>
    /// <param name="inputs">The operands.</param>
    /// <param name="weightAxis">Axis of the output channels of the weights.</param>
    /// <param name="result">The result.</param>
    /// <param name="activation">What is applied.</param>
    /// <param name="mayApply">True for operators that apply functions which are no clamps.</param>
    public static string? Problem(ReadOnlySpan<Operand> inputs, int weightAxis, in QuantizedResult result, in Activation activation, bool mayApply = false)
    {
        if (result.Problem is { } problem) return problem;
        if (QuantizedResult.OperandProblem(inputs[0].Type) is { } first) return first;
        if (QuantizedResult.OperandProblem(inputs[1].Type, weightAxis) is { } second) return second;
        if (inputs.Length > 2 && !inputs[2].IsMissing && inputs[2].DataType != DataType.I32) return $"the bias {inputs[2].Type} of a quantized product is not of type i32.";
        bool applies = !Requantize.IsClamp(activation);
        if (applies && (!mayApply || result.Type == DataType.F32 || !AppliedFunction.Has(activation))) return $"{activation.Function} cannot be applied to quantized results.";
        foreach (float multiplier in Of(inputs[0].Type, inputs[1].Type, result, activation).Multipliers)
            if (!float.IsFinite(applies ? multiplier * LargestProduct : multiplier)) return $"the scales of {inputs[0].Type}, {inputs[1].Type} and the result make the multiplier {multiplier}.";
        return null;
    }

    /// <summary>The zero points of a quantized tensor, as a tensor of its type.</summary>
    public static Tensor ZeroPoints(in TensorType type)
    {
        ReadOnlySpan<int> zeros = type.Quantization!.ZeroPoints;
        var tensor = new Tensor(zeros.Length == 1 ? new TensorType(type.DataType) : new TensorType(type.DataType, zeros.Length));
        for (int i = 0; i < zeros.Length; i++) tensor.View.Bytes[i] = unchecked((byte)zeros[i]);
        return tensor;
    }

    /// <summary>The result of sums that lie channel by channel along the last axis; <paramref name="bias"/> may be missing.</summary>
    public void Write(ReadOnlySpan<int> sums, in TensorView bias, int channels, in TensorView y)
    {
        Span<int> biases = bias.IsMissing ? [] : bias.Span<int>();
        Span<float> reals = Result.Type == DataType.F32 ? y.Span<float>() : [];
        Span<byte> bytes = y.Bytes;
        for (int i = 0; i < sums.Length; i++)
        {
            int channel = i % channels;
            int sum = unchecked(sums[i] + (biases.IsEmpty ? 0 : biases[biases.Length == 1 ? 0 : channel]));
            float multiplier = Multipliers[Multipliers.Length == 1 ? 0 : channel];
            if (!Function.IsNone) bytes[i] = unchecked((byte)Requantize.Round(AppliedFunction.Apply(Function, sum * multiplier) * Gains[Gains.Length == 1 ? 0 : channel], Result.ZeroPoint, Range.Low, Range.High));
            else if (reals.IsEmpty) bytes[i] = unchecked((byte)Requantize.Apply(sum, multiplier, Result.ZeroPoint, Range.Low, Range.High));
            else reals[i] = Math.Clamp(sum * multiplier, Reals.Low, Reals.High);
        }
    }
}
