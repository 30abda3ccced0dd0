using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Gpu.Lowering;

/// <summary>
/// Reals to bytes and back, with scales that are known. No device promises a division that is rounded correctly, so quantizing looks results up: for each byte the least real that becomes
/// it or a larger one.
/// </summary>
internal static class QuantizeLowering
{
    /// <summary>Words of the table for a scale.</summary>
    private const int Row = 258;

    /// <summary>Scales that have a table at most.</summary>
    private const int MostScales = 1024;

    /// <summary>Scales outside of this range, or one over them, come near to numbers that devices take for zero.</summary>
    private const float Smallest = 1e-30f, Largest = 1e30f;

    public static GpuLowering Quantize(GpuStep step)
    {
        var op = (Quantize)step.Operator;
        DataType type = step.OutputType().DataType;
        if (step.InputType(0).DataType != DataType.F32 || !QuantizedNumbers.Are(type)) return GpuLowering.Reject($"quantization of {step.InputType(0).DataType} to {type} has no shader");
        if (Scales(step, op.BlockSize, out float[] scales, out int[] zeros) is { } reason) return GpuLowering.Reject(reason);
        (int low, int high) = Requantize.Range(type);
        int[] table = new int[Row * scales.Length];
        for (int i = 0; i < scales.Length; i++)
        {
            if (Rejection(scales[i]) is { } because) return GpuLowering.Reject(because);
            if (zeros[i] < low || zeros[i] > high) return GpuLowering.Reject($"the zero point {zeros[i]} is no {type}");
            Thresholds(scales[i], zeros[i], low, high, table.AsSpan(Row * i, Row));
        }
        int words = (int)((step.InputType(0).Shape.Count + 3) / 4), inner = Operators.Quantize.Blocks(step.InputType(0).Shape, step.InputType(1).Shape, op.Axis).Inner;
        return GpuLowering.To(new GpuCandidate("quantize", new Dispatch("quantize", [step.Input(0), step.PackIntegers(table), step.Output()], Grid.Linear(words, QuantizedNumbers.GroupSize, step.Traits.MaxGroups),
            new Grid(QuantizedNumbers.GroupSize), [("CHANNELS", scales.Length)], [words, inner, QuantizedNumbers.Flip(type)])));
    }

    public static GpuLowering Dequantize(GpuStep step)
    {
        var op = (Dequantize)step.Operator;
        DataType type = step.InputType(0).DataType;
        if (step.OutputType().DataType != DataType.F32 || !QuantizedNumbers.Are(type)) return GpuLowering.Reject($"reals from {type} as {step.OutputType().DataType} have no shader");
        if (Scales(step, op.BlockSize, out float[] scales, out int[] zeros) is { } reason) return GpuLowering.Reject(reason);
        int[] table = new int[2 * scales.Length];
        for (int i = 0; i < scales.Length; i++) (table[2 * i], table[2 * i + 1]) = (zeros[i] + QuantizedNumbers.Added(type), Dispatch.Bits(scales[i]));
        int words = (int)((step.InputType(0).Shape.Count + 3) / 4), inner = Operators.Quantize.Blocks(step.InputType(0).Shape, step.InputType(1).Shape, op.Axis).Inner;
        return GpuLowering.To(new GpuCandidate("dequantize", new Dispatch("dequantize", [step.Input(0), step.PackIntegers(table), step.Output()], Grid.Linear(words, QuantizedNumbers.GroupSize, step.Traits.MaxGroups),
            new Grid(QuantizedNumbers.GroupSize), [("CHANNELS", scales.Length)], [words, inner, QuantizedNumbers.Flip(type)])));
    }

    /// <summary>Why there is no table for a scale, or null.</summary>
    public static string? Rejection(float scale) => scale is >= Smallest and <= Largest ? null : $"quantization by {scale} has no shader";

    /// <summary>The table of one scale and zero point.</summary>
    public static int[] Table(in QuantizedResult result)
    {
        int[] table = new int[Row];
        (int low, int high) = Requantize.Range(result.Type);
        Thresholds(result.Scale, result.ZeroPoint, low, high, table);
        return table;
    }

    /// <summary>One over the scale, the zero point less the smallest number, and for each number the bits of the least real that becomes it or a larger one.</summary>
    public static void Thresholds(float scale, int zero, int low, int high, Span<int> row)
    {
        row[0] = Dispatch.Bits(1 / scale);
        row[1] = zero - low;
        row[2] = Dispatch.Bits(float.NegativeInfinity);
        for (int number = low + 1; number <= high; number++)
        {
            // In the order of reals: what is rounded the same way lies side by side, so half the range is left each time.
            int below = Order(float.NegativeInfinity), from = Order(float.PositiveInfinity);
            while (from - (long)below > 1)
            {
                int middle = (int)(((long)below + from) >> 1);
                if (Requantize.Quantize(Real(middle), scale, zero, low, high) >= number) from = middle;
                else below = middle;
            }
            row[2 + number - low] = Dispatch.Bits(Real(from));
        }
    }

    /// <summary>Numbers in the order of the reals that they stand for.</summary>
    private static int Order(float real) => Dispatch.Bits(real) is var bits && bits < 0 ? int.MinValue - bits : bits;

    private static float Real(int order) => BitConverter.Int32BitsToSingle(order < 0 ? int.MinValue - order : order);

    /// <summary>The scales and zero points, as many of one as of the other; what is wrong, or null.</summary>
    private static string? Scales(GpuStep step, int blockSize, out float[] scales, out int[] zeros)
    {
        (scales, zeros) = ([], []);
        if (blockSize != 0) return "scales of blocks have no shader";
        if (step.FirstComputed(1) is { } computed) return $"input {computed} (scale or zero point) is computed";
        if (step.InputType(1).DataType != DataType.F32) return $"scales of {step.InputType(1).DataType} have no shader";
        if (step.InputType(0).Shape.Count is 0 or > int.MaxValue - 4) return "there are no elements, or too many for a dispatch";
        scales = step.Constant(1)!.Value.Span<float>().ToArray();
        zeros = step.Has(2) ? Array.ConvertAll(Elements.Read(step.Constant(2)!.Value), z => (int)z) : new int[scales.Length];
        return scales.Length is 0 or > MostScales ? $"{scales.Length} scales have no shader" : null;
    }
}
