using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Gpu.Lowering;

/// <summary>
/// What all kernels of include/conv_i8_operands have in common: operands, constants, weights in words of four inputs. Bytes with a sign are read as bytes
/// without, by turning their highest bit and adding 128 to the zero point, and weights without as weights with.
/// </summary>
internal sealed class QuantizedOperands
{
    private const int HighBits = unchecked((int)0x80808080);

    private readonly GpuStep step;
    private readonly QuantizedSums sums;
    private readonly byte[] weights;
    private readonly int[]? bias;
    private readonly Quantization quantization;
    private readonly bool flipsX, flipsWeights;
    private readonly int row;

    private QuantizedOperands(GpuStep step, QuantizedSums sums, int groups, int taps, int row, int biasInput, byte[] weights)
    {
        this.step = step;
        this.sums = sums;
        this.weights = weights;
        this.row = row;
        bias = step.Has(biasInput) ? step.Constant(biasInput)!.Value.Span<int>().ToArray() : null;
        quantization = step.InputType(1).Quantization!;
        flipsX = step.InputType(0).DataType == DataType.I8;
        flipsWeights = step.InputType(1).DataType == DataType.U8;
        (Groups, Taps) = (groups, taps);
        Channels = step.InputType(0).Shape[-1];
        Outputs = step.OutputType().Shape[-1];
        ZeroX = step.InputType(0).Quantization!.ZeroPoints[0] + (flipsX ? 128 : 0);
    }

    /// <summary>Number of groups.</summary>
    public int Groups { get; }

    /// <summary>Pixels under a window.</summary>
    public int Taps { get; }

    /// <summary>Input channels.</summary>
    public int Channels { get; }

    /// <summary>Output channels.</summary>
    public int Outputs { get; }

    /// <summary>Input channels of a group.</summary>
    public int GroupChannels => Channels / Groups;

    /// <summary>Output channels of a group.</summary>
    public int GroupOutputs => Outputs / Groups;

    /// <summary>Fours of input channels of a group.</summary>
    public int InputQuads => (GroupChannels + 3) / 4;

    /// <summary>Fours of output channels of a group.</summary>
    public int OutputQuads => (GroupOutputs + 3) / 4;

    /// <summary>Whether there is one input and one output channel a group, and channels are in fours.</summary>
    public bool IsDepthwise => Groups > 1 && GroupChannels == 1 && GroupOutputs == 1 && Channels % 4 == 0;

    /// <summary>Whether there is one input and one output channel a group, channels are in no fours, and at most two pixels share a word of the result.</summary>
    public bool IsOddDepthwise => Groups > 4 && GroupChannels == 1 && GroupOutputs == 1 && Channels % 4 != 0 && !sums.IsReal;

    /// <summary>Whether four outputs of a group can be written together: as reals, or as a whole word.</summary>
    public bool WritesQuads => sums.IsReal || GroupOutputs % 4 == 0;

    /// <summary>Zero point of the input as it is read.</summary>
    private int ZeroX { get; }

    /// <summary>Whether some weight has another zero point than 0, so that kernels must add up the bytes that they are multiplied with, too.</summary>
    private bool IsSummed => !IsDepthwise && Enumerable.Range(0, quantization.ZeroPoints.Length).Any(i => ZeroOf(i) != 0);

    /// <summary>Operands of a product by a constant that has shaders; else null and the reason.</summary>
    /// <param name="step">The step: input, weight, perhaps bias.</param>
    /// <param name="result">Its result.</param>
    /// <param name="activation">What is applied.</param>
    /// <param name="shape">Groups, pixels under a window, and those of them in a row.</param>
    /// <param name="gainInput">Position of the gain; beyond the inputs where there is none.</param>
    /// <param name="weights">The weight's bytes as [O][taps][C/groups].</param>
    /// <param name="reason">Why there is no shader.</param>
    public static QuantizedOperands? Of(GpuStep step, in QuantizedResult result, in Activation activation, (int Groups, int Taps, int Row) shape, int gainInput, Func<TensorView, byte[]> weights, out string reason)
    {
        Shape x = step.InputType(0).Shape, y = step.OutputType().Shape;
        reason = step.Constant(1) is null ? "the weight is computed"
            : step.Has(Conv.Bias) && step.Constant(Conv.Bias) is null ? "the bias is computed"
            : x.Count == 0 || y.Count == 0 || step.InputType(1).Shape.Count == 0 ? "there are no elements"
            : Math.Max(x.Count, y.Count) > int.MaxValue - 64 ? "there are more elements than 32 bits can number"
            : QuantizedSums.Rejection((long)shape.Taps * ((x[-1] / shape.Groups + 3) / 4)) ?? "";
        if (reason.Length > 0 || QuantizedSums.Of(step, result, activation, gainInput, out reason) is not { } sums) return null;
        var operands = new QuantizedOperands(step, sums, shape.Groups, shape.Taps, shape.Row, Conv.Bias, weights(step.Constant(1)!.Value));
        if ((long)shape.Taps * shape.Groups * operands.OutputQuads * operands.InputQuads * 16 <= int.MaxValue) return operands;
        reason = "the weight is too large";
        return null;
    }

    /// <summary>A dispatch of so many invocations in a line of a kernel with these operands.</summary>
    public Dispatch Linear(string kernel, long invocations, params KernelConstant[] constants) => IsDepthwise
        ? Linear(kernel, invocations, constants, Depthwise(), Channel(), (Channels, Outputs), 0)
        : Linear(kernel, invocations, constants, Weight(), Channel(), (GroupChannels, GroupOutputs), IsSummed ? 1 : 0);

    /// <summary>The same for channels that are in no fours, of one input and output a group: for each word of four pixels what its lanes need.</summary>
    public Dispatch LinearOdd(string kernel, long invocations, params KernelConstant[] constants) =>
        Linear(kernel, invocations, constants, OddWeight(), OddChannel(), (Channels, Outputs), 0);

    private Dispatch Linear(string kernel, long invocations, KernelConstant[] constants, BufferRef weight, BufferRef channel, (int Channels, int Outputs) group, int summed)
    {
        BufferRef x = step.Input(0), y = step.Output();
        return new(kernel, [x, x, weight, weight, channel, channel, y, y], Grid.Linear(invocations, ConvOperands.GroupSize, step.Traits.MaxGroups), new Grid(ConvOperands.GroupSize),
        [
            .. constants, ("C", Channels), ("CG", group.Channels), ("O", Outputs), ("OG", group.Outputs), ("IN_FOURS", group.Channels % 4 == 0 ? 1 : 0), ("FEW", group.Channels < 4 ? group.Channels : 0), ("WORDS", (int)((step.InputType(0).Shape.Count + 3) / 4)),
            ("FLIP", flipsX ? HighBits : 0), ("ZERO_X", unchecked(ZeroX * 0x01010101)), ("SUMMED", summed), .. sums.Constants(),
        ]);
    }

    private BufferRef? packedWeight, packedChannel, oddWeight, oddChannel;

    /// <summary>[O][taps][C/G] to [G][O/G/4][taps / row][C/G/4][row][4 outputs] words of four inputs.</summary>
    private BufferRef Weight() => packedWeight ??= step.PackIntegers(Groups * OutputQuads * Taps * InputQuads * 4, packed =>
    {
        int channels = GroupChannels, outputs = GroupOutputs;
        for (int o = 0, from = 0; o < Outputs; o++)
        {
            int quad = o / outputs * OutputQuads + o % outputs / 4;
            for (int tap = 0; tap < Taps; tap++)
                for (int c = 0; c < channels; c++, from++)
                {
                    int place = ((quad * (Taps / row) + tap / row) * InputQuads + c / 4) * row + tap % row;
                    packed[place * 4 + o % outputs % 4] |= (WeightAt(from) & 255) << (8 * (c % 4));
                }
        }
    });

    /// <summary>[C][taps] to [C/4][taps][4], integers of 32 bits less their zero points.</summary>
    private BufferRef Depthwise() => packedWeight ??= step.PackIntegers(Channels * Taps, packed =>
    {
        for (int i = 0; i < weights.Length; i++) packed[(i / Taps / 4 * Taps + i % Taps) * 4 + i / Taps % 4] = WeightAt(i) - ZeroOf(i / Taps);
    });

    /// <summary>[C][taps] to [C words of four pixels][taps][4 lanes], integers of 32 bits less their zero points.</summary>
    private BufferRef OddWeight() => oddWeight ??= step.PackIntegers(4 * Channels * Taps, packed =>
    {
        for (int place = 0; place < 4 * Channels; place++)
            for (int tap = 0; tap < Taps; tap++)
                packed[(place / 4 * Taps + tap) * 4 + place % 4] = WeightAt(place % Channels * Taps + tap) - ZeroOf(place % Channels);
    });

    /// <summary>The table of outputs for each word of four pixels.</summary>
    private BufferRef OddChannel() => oddChannel ??= step.PackIntegers(4 * Channels * QuantizedSums.Vectors, table =>
    {
        for (int place = 0; place < 4 * Channels; place++) sums.Write(table, place, place % Channels, Added(place % Channels), ZeroOf(place % Channels));
    });

    /// <summary>The table of outputs. Sums of bytes as they are read differ from those of the numbers that these stand for by what is known ahead; the bias takes it.</summary>
    private BufferRef Channel()
    {
        int groupOutputs = IsDepthwise ? Outputs : GroupOutputs, padded = (groupOutputs + 3) / 4 * 4;
        return packedChannel ??= step.PackIntegers(padded * (Outputs / groupOutputs) * QuantizedSums.Vectors, table =>
        {
            for (int o = 0; o < Outputs; o++) sums.Write(table, o / groupOutputs * padded + o % groupOutputs, o, Added(o), ZeroOf(o));
        });
    }

    /// <summary>What is added to the sums of an output.</summary>
    private int Added(int output)
    {
        int length = Taps * GroupChannels, sum = 0;
        for (int i = 0; i < length; i++) sum += WeightAt(output * length + i);
        return unchecked((bias is null ? 0 : bias[bias.Length == 1 ? 0 : output]) - ZeroX * (sum - length * ZeroOf(output)));
    }

    private int WeightAt(int index) => flipsWeights ? weights[index] - 128 : (sbyte)weights[index];

    private int ZeroOf(int output) => quantization.ZeroPoints[quantization.ZeroPoints.Length == 1 ? 0 : output] - (flipsWeights ? 128 : 0);
}
