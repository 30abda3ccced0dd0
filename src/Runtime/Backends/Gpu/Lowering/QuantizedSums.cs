using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Gpu.Lowering;

/// <summary>What becomes of the sums of a product of bytes: the constants of include/i8_sums.inc, and the table of outputs that its kernels read.</summary>
internal sealed class QuantizedSums
{
    /// <summary>Vectors of four that the table has for each quad of outputs.</summary>
    public const int Vectors = 4;

    /// <summary>Values of functions are multiplied by less than this: then numbers too small for drivers that take them for zero stay far below a step.</summary>
    private const float MostGain = 1e30f;

    private const float LeastNormal = 1.17549435e-38f;

    /// <summary>Turns of loops in an invocation that every driver takes (lavapipe leaves them after 65,535), by the four results that it may compute one by one.</summary>
    private const int MostTurns = 16_000;

    private readonly QuantizedProduct product;

    private QuantizedSums(QuantizedProduct product) => this.product = product;

    /// <summary>Whether results are reals.</summary>
    public bool IsReal => product.Result.Type == DataType.F32;

    /// <summary>Of products of these operands.</summary>
    /// <param name="step">The step, whose first two inputs are multiplied.</param>
    /// <param name="result">Its result.</param>
    /// <param name="activation">What is applied.</param>
    /// <param name="gainInput">Position of the gain; beyond the inputs where there is none.</param>
    /// <param name="reason">Why there is no shader.</param>
    public static QuantizedSums? Of(GpuStep step, in QuantizedResult result, in Activation activation, int gainInput, out string reason)
    {
        reason = "";
        TensorView? gain = step.Has(gainInput) ? step.Constant(gainInput) : null;
        if (step.Has(gainInput) && gain is null) reason = "the gain is computed";
        if (reason.Length > 0) return null;
        var product = QuantizedProduct.Of(step.InputType(0), step.InputType(1), result, activation, gain ?? default);
        // Bytes that come straight from sums do not depend on numbers below the normal ones, which round to nothing.
        bool reals = result.Type == DataType.F32 || !product.Function.IsNone;
        if (reals && Array.Exists(product.Multipliers, m => Math.Abs(m) < LeastNormal) || Array.Exists(product.Gains, g => Math.Abs(g) > MostGain))
            reason = "the scales are so far apart that results depend on numbers which devices may take for zero";
        return reason.Length > 0 ? null : new QuantizedSums(product);
    }

    /// <summary>Why an invocation cannot add up so much, a turn of a loop each; null when it can.</summary>
    public static string? Rejection(long turns) => turns > MostTurns ? "there are more products in a sum than drivers let a loop turn" : null;

    /// <summary>The constants that do not depend on the weights.</summary>
    public KernelConstant[] Constants()
    {
        Activation function = product.Function;
        return
        [
            ("REALS", IsReal ? 1 : 0), ("ZERO_POINT", product.Result.ZeroPoint), ("LOWEST", product.Range.Low), ("HIGHEST", product.Range.High),
            ("FUNCTION", (int)function.Function), ("ALPHA", function.Function == UnaryFunction.Swish ? AppliedFunction.ExponentOf(function.Alpha) : function.Alpha), ("BETA", function.Beta),
            ("CLAMPS", (float.IsFinite(product.Reals.Low) ? 1 : 0) + (float.IsFinite(product.Reals.High) ? 2 : 0)),
            ("LEAST", float.IsFinite(product.Reals.Low) ? product.Reals.Low : 0), ("MOST", float.IsFinite(product.Reals.High) ? product.Reals.High : 0),
        ];
    }

    /// <summary>Writes the table's entry of an output.</summary>
    /// <param name="table">The table.</param>
    /// <param name="place">Number of the output where each group's are filled up to fours.</param>
    /// <param name="output">Its number among all.</param>
    /// <param name="added">What is added to its sums.</param>
    /// <param name="zero">The zero point of its weights.</param>
    public void Write(Span<int> table, int place, int output, int added, int zero)
    {
        Span<int> entry = table[(place / 4 * 4 * Vectors + place % 4)..];
        entry[0] = added;
        entry[4] = BitConverter.SingleToInt32Bits(Of(product.Multipliers, output));
        entry[8] = product.Gains.Length == 0 ? 0 : BitConverter.SingleToInt32Bits(Of(product.Gains, output));
        entry[12] = zero;
    }

    private static float Of(float[] values, int output) => values[values.Length == 1 ? 0 : output];
}
