using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>
/// Makes a model's input of the bytes of a picture: cuts a region, fits it, resamples it (see <see cref="ResampleTaps"/>), orders the channels,
/// normalises, and quantizes where the model wants integers. The picture is bytes [height, width, samples], or for luma and chroma [height · 3/2, width]; the result [1, Height, Width, 3]
/// or [1, 3, Height, Width]. docs/numerics.md has the rule, by which it is the same everywhere.
/// </summary>
internal sealed class ImageToTensor : Operator
{
    private const int LongestSide = 32768;

    /// <summary>How the bytes lie.</summary>
    public PixelFormat Format;

    /// <summary>Width of the result.</summary>
    public int Width = 1;

    /// <summary>Height of the result.</summary>
    public int Height = 1;

    /// <summary>True for 1x3xHxW, false for 1xHxWx3.</summary>
    public bool ChannelsFirst;

    /// <summary>True when the result's first channel is blue, false when it is red.</summary>
    public bool BlueFirst;

    /// <summary>True to keep the aspect ratio, centred, with black (0 before scaling) around; false to stretch.</summary>
    public bool Letterbox;

    /// <summary>Left and upper edge, width and height of what is shown, in pixels of the picture, beyond which all is black; empty for the whole picture.</summary>
    public float[] Region = [];

    /// <summary>For each channel of the result, the factor from 0…255.</summary>
    public float[] Scale = [1, 1, 1];

    /// <summary>For each channel of the result, what is added after scaling.</summary>
    public float[] Offset = [0, 0, 0];

    /// <summary>How the result is quantized; none for floats.</summary>
    public QuantizedResult Result;

    /// <summary>Binary places that the mean of rows keeps, so that it has 15 bits.</summary>
    public const int MeanPlaces = 7;

    /// <summary>Binary places of the sum of rows that are rounded away, and half of what the last of those that stay counts.</summary>
    public const int Dropped = ResampleTaps.Places - MeanPlaces, Half = 1 << (Dropped - 1);

    /// <summary>What one step of a resampled pixel is, as a part of one of the picture's 0…255.</summary>
    public const float Unit = 1f / (1 << (MeanPlaces + ResampleTaps.Places));

    public override Tolerance Tolerance => Tolerance.Exact;

    public override void Attributes(AttributeCodec codec)
    {
        codec.Enum("format", ref Format);
        codec.Int("width", ref Width);
        codec.Int("height", ref Height);
        codec.Bool("channels_first", ref ChannelsFirst);
        codec.Bool("blue_first", ref BlueFirst);
        codec.Bool("letterbox", ref Letterbox);
        codec.Floats("region", ref Region);
        codec.Floats("scale", ref Scale);
        codec.Floats("offset", ref Offset);
        Result.Visit(codec);
    }

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 1, 1);
        if (inputs[0].DataType != DataType.U8) throw Invalid($"a picture is bytes, not {inputs[0].Type}.");
        if (Width is < 1 or > LongestSide || Height is < 1 or > LongestSide) throw Invalid($"the result cannot have {Width} x {Height} pixels.");
        if (Scale.Length != 3 || Offset.Length != 3) throw Invalid($"there are {Scale.Length} scales and {Offset.Length} offsets; it takes three of each.");
        if (Region.Length is not (0 or 4) || (Region.Length == 4 && !(Region[2] > 0 && Region[3] > 0 && float.IsFinite(Region.Sum()))))
            throw Invalid($"[{string.Join(", ", Region)}] is no region.");
        Shape picture = inputs[0].Shape;
        if (!picture.IsUnranked && !Fits(picture)) throw Invalid($"{inputs[0].Type} is no picture of the format {Format}.");
        if (!Result.IsNone && Result.Problem is { } problem) throw Invalid(problem);
        Shape result = ChannelsFirst ? new Shape(1, 3, Height, Width) : new Shape(1, Height, Width, 3);
        return [Result.IsNone ? new(DataType.F32, result) : Result.Of(result)];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs)
    {
        (int width, int height) = Size(inputs[0].Shape);
        return new(6L * width * height + 12L * Width * Height, Operators.Cost.Traffic(inputs, outputs));
    }

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        (int width, int height) = Size(inputs[0].Shape);
        var picture = new PictureBytes(inputs[0].Span<byte>(), Format, width, height);
        (ResampleTaps columns, ResampleTaps rows) = Taps(inputs[0].Shape);
        for (int row = 0; row < Height; row++)
        {
            for (int column = 0; column < Width; column++)
            {
                (int a, int b, int c) = (0, 0, 0);
                for (int k = 0; k < columns.Weights(column).Length; k++)
                {
                    (int meanA, int meanB, int meanC) = (Half, Half, Half);
                    for (int i = 0; i < rows.Weights(row).Length; i++)
                    {
                        int weight = rows.Weights(row)[i];
                        (byte pa, byte pb, byte pc) = picture[columns.Start(column) + k, rows.Start(row) + i];
                        (meanA, meanB, meanC) = (meanA + weight * pa, meanB + weight * pb, meanC + weight * pc);
                    }
                    int across = columns.Weights(column)[k];
                    (a, b, c) = (a + across * (meanA >> Dropped), b + across * (meanB >> Dropped), c + across * (meanC >> Dropped));
                }
                int at = ChannelsFirst ? row * Width + column : 3 * (row * Width + column), step = ChannelsFirst ? Width * Height : 1;
                (int first, int third) = Swapped ? (2, 0) : (0, 2);
                Write(outputs[0], at + first * step, a, first);
                Write(outputs[0], at + step, b, 1);
                Write(outputs[0], at + third * step, c, third);
            }
        }
    }

    private void Write(in TensorView result, int at, int sum, int channel)
    {
        float value = sum * (Scale[channel] * Unit) + Offset[channel];
        if (Result.IsNone || Result.Type == DataType.F32)
        {
            result.Span<float>()[at] = value;
            return;
        }
        (int low, int high) = Requantize.Range(Result.Type);
        result.Bytes[at] = unchecked((byte)Requantize.Quantize(value, Result.Scale, Result.ZeroPoint, low, high));
    }

    /// <summary>True when the result has the picture's channels in reverse.</summary>
    public bool Swapped => (Format == PixelFormat.Bgr24) != BlueFirst;

    /// <summary>Width and height of the picture that is a tensor of that shape.</summary>
    public (int Width, int Height) Size(in Shape picture) => (picture[1], Format.IsYuv() ? picture[0] / 3 * 2 : picture[0]);

    /// <summary>The pixels that make the columns and rows of the result, for pictures of that shape.</summary>
    public (ResampleTaps Columns, ResampleTaps Rows) Taps(in Shape picture)
    {
        (int width, int height) = Size(picture);
        (float x, float y, float across, float down) = Region.Length == 0 ? (0, 0, width, height) : (Region[0], Region[1], Region[2], Region[3]);
        if (Letterbox) (x, y, across, down) = Extended(x, y, across, down, Width, Height);
        ResampleTaps columns = new(Width), rows = new(Height);
        columns.Set(x, across, width);
        rows.Set(y, down, height);
        return (columns, rows);
    }

    /// <summary>The smallest rectangle of the aspect ratio of <paramref name="width"/> x <paramref name="height"/> around the same centre that holds this one.</summary>
    public static (float X, float Y, float Across, float Down) Extended(float x, float y, float across, float down, int width, int height)
    {
        float scale = Math.Max(across / width, down / height);
        return (x + (across - width * scale) / 2, y + (down - height * scale) / 2, width * scale, height * scale);
    }

    private bool Fits(in Shape picture)
    {
        foreach (int size in (ReadOnlySpan<int>)[picture.Rank > 0 ? picture[0] : 0, picture.Rank > 1 ? picture[1] : 0])
            if (size == 0 || size > LongestSide * 3 / 2) return false;
        return Format.IsYuv()
            ? picture.Rank == 2 && (picture[0] < 0 || picture[0] % 3 == 0) && (picture[1] < 0 || picture[1] % 2 == 0)
            : picture.Rank == 3 && (picture[2] < 0 || picture[2] == Format.PixelBytes());
    }
}
