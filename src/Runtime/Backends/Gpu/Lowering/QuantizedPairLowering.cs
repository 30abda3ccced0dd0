using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Gpu.Lowering;

/// <summary>Functions of two quantized tensors: by words where one operand is whole and the other repeats simply, else by strides.</summary>
internal static class QuantizedPairLowering
{
    /// <summary>Words computed by an invocation: some where invocations are dear, one where they run side by side.</summary>
    private static readonly int[] Words = [4, 1];

    /// <summary>Factors of sums outside of this range would leave parts that devices take for zero.</summary>
    private const float Smallest = 1e-12f, Largest = 1e12f;

    public static GpuLowering Lower(GpuStep step)
    {
        var op = (Binary)step.Operator;
        TensorType a = step.InputType(0), b = step.InputType(1), y = step.OutputType();
        if (y.Shape.Count is 0 or > int.MaxValue - 4) return GpuLowering.Reject("there are no elements, or too many for a dispatch");
        var pair = new QuantizedPair(op, a, b);
        if (pair.IsSum && Rejection(pair) is { } reason) return GpuLowering.Reject(reason);
        bool looksUp = op.Function is BinaryFunction.Min or BinaryFunction.Max;
        BufferRef tables = step.PackIntegers(looksUp ? [.. Table(a, op), .. Table(b, op)] : [0]);
        // Tables have results as unsigned numbers, which the last bit turned over makes signed ones.
        (float upper, float lower) = pair.IsSum ? Halves(pair.FactorA) : (pair.FactorA, 0);
        int lessA = QuantizedNumbers.Added(a.DataType) + (pair.IsSum ? 0 : pair.ZeroA);
        int[] numbers =
        [
            QuantizedNumbers.Flip(a.DataType), QuantizedNumbers.Flip(b.DataType), lessA, Dispatch.Bits(upper), Dispatch.Bits(lower), pair.ZeroY, pair.Range.Low, pair.Range.High,
            looksUp ? QuantizedNumbers.Flip(y.DataType) : 0,
        ];
        var axes = new BroadcastAxes(y.Shape, a.Shape, b.Shape);
        int channels = pair.ScalesB.Length;
        // Each function by itself, since they are tested by their names.
        string name = $"{op.Function.ToString().ToLowerInvariant()}_i8";
        int[][] own = [.. Enumerable.Range(0, channels).Select(i => Channel(pair, b, i))];
        if (Layouts(axes, y.Shape, a.Shape, b.Shape, channels) is not { } layout)
            return axes.Lower(step, "pair_i8_strided", $"{name}_strided", [step.Input(0), step.Input(1), step.PackIntegers([.. own.SelectMany(n => n)]), tables, step.Output()], numbers, ("FUNCTION", (int)op.Function), ("CHANNELS", channels));

        int groups = (channels + 3) / 4, words = (int)((y.Shape.Count + 3) / 4);
        int[] fours = new int[16 * groups];
        for (int group = 0; group < groups; group++)
            for (int kind = 0; kind < 4; kind++)
                for (int lane = 0; lane < 4; lane++) fours[group * 16 + kind * 4 + lane] = own[channels == 1 ? 0 : group * 4 + lane][kind];
        BufferRef packed = step.PackIntegers(fours);
        return GpuLowering.To([.. Words.Select(many => new GpuCandidate($"{name}_{many}", new Dispatch("pair_i8", [step.Input(0), step.Input(1), packed, tables, step.Output()],
            Grid.Linear((words + many - 1) / many, QuantizedNumbers.GroupSize, step.Traits.MaxGroups), new Grid(QuantizedNumbers.GroupSize),
            [("WORDS", many), ("LAYOUT_A", (int)layout.A), ("LAYOUT_B", (int)layout.B), ("GROUPS", groups), ("FUNCTION", (int)op.Function)], [words, layout.Period, .. numbers])))]);
    }

    /// <summary>How an operand is read by words, numbered as in pair_i8.kernel.</summary>
    private enum Layout
    {
        Whole,
        Number,
        Periods,
    }

    /// <summary>What include/pair.inc reads for a channel of the second operand.</summary>
    private static int[] Channel(QuantizedPair pair, in TensorType b, int channel)
    {
        int added = QuantizedNumbers.Added(b.DataType);
        if (!pair.IsSum) return [added + pair.ZerosB[channel], Dispatch.Bits(pair.FactorsB[channel]), 0, 0];
        (float upper, float lower) = Halves(pair.FactorsB[channel]);
        return [added, Dispatch.Bits(upper), Dispatch.Bits(lower), Dispatch.Bits(pair.Offsets[channel])];
    }

    /// <summary>A factor as the sum of two of 12 bits, whose products with numbers of 8 bits are exact.</summary>
    private static (float Upper, float Lower) Halves(float factor)
    {
        float upper = BitConverter.Int32BitsToSingle(Dispatch.Bits(factor) & ~0xfff);
        return (upper, factor - upper);
    }

    private static string? Rejection(QuantizedPair pair)
    {
        foreach (float factor in (float[])[pair.FactorA, .. pair.FactorsB])
            if (!(Math.Abs(factor) is >= Smallest and <= Largest)) return $"a sum with a factor of {factor} has no shader";
        return null;
    }

    /// <summary>What each byte of an operand is on the result's scale, unsigned.</summary>
    private static int[] Table(in TensorType type, Binary op)
    {
        (int low, int high) = Requantize.Clamp(op.Activation, op.Result);
        float scale = type.Quantization!.Scales[0];
        byte[] table = new byte[256];
        for (int i = 0; i < table.Length; i++)
        {
            int number = (type.DataType == DataType.I8 ? (sbyte)i : i) - type.Quantization.ZeroPoints[0];
            table[i] = (byte)(Requantize.Quantize(number * scale, op.Result.Scale, op.Result.ZeroPoint, low, high) + QuantizedNumbers.Added(op.Result.Type));
        }
        return QuantizedNumbers.Words(table);
    }

    /// <summary>The layouts that pair_i8.kernel needs; null when it cannot.</summary>
    private static (Layout A, Layout B, int Period)? Layouts(BroadcastAxes axes, in Shape y, in Shape a, in Shape b, int channels)
    {
        // Channels of the second operand are those of the result's last axis, in fours, or there is one.
        if (channels > 1 && (channels % 4 != 0 || y[-1] != channels)) return null;
        if (axes.IsWhole(0) && Repeated(axes, 1, b) is var (layoutB, periodB)) return (Layout.Whole, layoutB, periodB);
        if (axes.IsWhole(1) && Repeated(axes, 0, a) is var (layoutA, periodA)) return (layoutA, Layout.Whole, periodA);
        return null;
    }

    private static (Layout Layout, int Period)? Repeated(BroadcastAxes axes, int operand, in Shape shape)
    {
        if (axes.IsWhole(operand)) return (Layout.Whole, 1);
        if (shape.Count == 1) return (Layout.Number, 1);
        return axes.Count == 2 && axes.Stride(0, operand) == 1 && axes.Stride(1, operand) == 0 && axes.Size(0) % 4 == 0 ? (Layout.Periods, (int)(axes.Size(0) / 4)) : null;
    }
}
