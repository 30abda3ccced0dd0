using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Gpu.Lowering;

/// <summary>Pictures to model inputs: the taps of columns and rows as tables, the picture's bytes as they are; of quantized inputs four pixels in an invocation, which are whole words.</summary>
internal static class ImageToTensorLowering
{
    private const int GroupSize = 64;

    /// <summary>Neighbouring pixels that an invocation reads at once.</summary>
    private const int Pixels = 4;

    public static GpuLowering Lower(GpuStep step)
    {
        var op = (ImageToTensor)step.Operator;
        TensorType picture = step.InputType(0), type = step.OutputType();
        (int width, int height) = op.Size(picture.Shape);
        bool isBytes = QuantizedNumbers.Are(type.DataType);
        if (picture.ByteCount > int.MaxValue) return GpuLowering.Reject("the picture has more than 2^31 bytes");
        if (isBytes && op.ChannelsFirst && op.Width * op.Height % 4 != 0) return GpuLowering.Reject("the channels of a quantized picture that come first are no whole words");
        if (isBytes && QuantizeLowering.Rejection(op.Result.Scale) is { } reason) return GpuLowering.Reject(reason);
        (ResampleTaps columns, ResampleTaps rows) = op.Taps(picture.Shape);
        int channel = op.ChannelsFirst ? op.Width * op.Height : 1;
        (int first, int third) = op.Swapped ? (2, 0) : (0, 2);
        // Every row of every plane begins where the first does, relative to a word.
        bool aligned = width % Pixels == 0 || op.Format == PixelFormat.Rgba32;
        int[] parameters =
        [
            op.Width, op.Height, width, height, op.ChannelsFirst ? 1 : 3, first * channel, channel, third * channel,
            Dispatch.Bits(op.Scale[first] * ImageToTensor.Unit), Dispatch.Bits(op.Scale[1] * ImageToTensor.Unit), Dispatch.Bits(op.Scale[third] * ImageToTensor.Unit),
            Dispatch.Bits(op.Offset[first]), Dispatch.Bits(op.Offset[1]), Dispatch.Bits(op.Offset[third]), QuantizedNumbers.Flip(type.DataType),
        ];
        BufferRef taps = step.PackIntegers(Table(columns, op.Width, rows, op.Height)), table = isBytes ? step.PackIntegers(QuantizeLowering.Table(op.Result)) : taps, result = step.Output();
        return GpuLowering.To(new GpuCandidate("image_to_tensor", new Dispatch("image_to_tensor", [step.Input(0), taps, table, result, result],
            Grid.Linear(ConvTile.Count(op.Width * op.Height, isBytes ? 4 : 1), GroupSize, step.Traits.MaxGroups), new Grid(GroupSize),
            [("FORMAT", (int)op.Format), ("ALIGNED", aligned ? 1 : 0), ("PIXELS", isBytes ? 4 : 1)], parameters)));
    }

    /// <summary>The table that the kernel describes: four words an entry.</summary>
    internal static int[] Table(ResampleTaps columns, int width, ResampleTaps rows, int height)
    {
        var entries = new List<int>();
        var weights = new List<int>();
        for (int x = 0; x < width; x++)
        {
            ReadOnlySpan<short> own = columns.Weights(x);
            int first = columns.Start(x) / Pixels, groups = own.IsEmpty ? 0 : (columns.Start(x) + own.Length - 1) / Pixels - first + 1;
            entries.AddRange(first, groups, width + height + weights.Count / 4, 0);
            for (int pixel = first * Pixels; pixel < (first + groups) * Pixels; pixel++)
            {
                int tap = pixel - columns.Start(x);
                weights.Add(tap >= 0 && tap < own.Length ? own[tap] : 0);
            }
        }
        for (int y = 0; y < height; y++)
        {
            ReadOnlySpan<short> own = rows.Weights(y);
            entries.AddRange(rows.Start(y), own.Length, width + height + weights.Count / 4, 0);
            foreach (short weight in own) weights.AddRange(Dispatch.Bits((float)weight), 0, 0, 0);
        }
        return [.. entries, .. weights];
    }
}
