using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>
/// Resamples, orders and normalises the rows of a model's picture input: a weighted sum of the picture's rows first, then of its pixels.
/// Rows are independent of each other; each thread has scratch of its own.
/// </summary>
internal sealed class PictureSampler
{
    private readonly bool blueFirst;
    private readonly int width, pixelStride, channelStride;
    private readonly Vector3 scale, offset;
    private PixelFormat format;
    private int pictureWidth, pictureHeight, samples;
    private bool swapped;
    private ResampleTaps columns = new(0), rows = new(0);

    /// <summary>Prepares for one model.</summary>
    /// <param name="width">Width of the model's input.</param>
    /// <param name="height">Height of the model's input.</param>
    /// <param name="channelsFirst">True for 1x3xHxW, false for 1xHxWx3.</param>
    /// <param name="blueFirst">True when the model's first channel is blue.</param>
    /// <param name="scale">Factors of the model's channels.</param>
    /// <param name="offset">What is added to the model's channels.</param>
    public PictureSampler(int width, int height, bool channelsFirst, bool blueFirst, ReadOnlySpan<float> scale, ReadOnlySpan<float> offset)
    {
        this.width = width;
        this.blueFirst = blueFirst;
        (pixelStride, channelStride) = channelsFirst ? (1, width * height) : (3, 1);
        (this.scale, this.offset) = (new Vector3(scale), new Vector3(offset));
    }

    /// <summary>Floats of scratch that pictures of any region of a width need.</summary>
    public static int MixedLength(PixelFormat format, int pictureWidth) => Samples(format) * pictureWidth + 1;

    /// <summary>Bytes of scratch that pictures of any region of a width need.</summary>
    public static int ConvertedLength(PixelFormat format, int pictureWidth) => format.IsYuv() ? 4 * pictureWidth : 0;

    /// <summary>Prepares for pictures of one size and format, and one region of them.</summary>
    public void Prepare(PixelFormat pictureFormat, int pictureSizeX, int pictureSizeY, ResampleTaps columnTaps, ResampleTaps rowTaps)
    {
        (format, pictureWidth, pictureHeight, columns, rows) = (pictureFormat, pictureSizeX, pictureSizeY, columnTaps, rowTaps);
        samples = Samples(format);
        swapped = (format == PixelFormat.Bgr24) != blueFirst;
    }

    /// <summary>Writes one row of the model's input.</summary>
    /// <param name="bytes">The picture.</param>
    /// <param name="y">The row.</param>
    /// <param name="mixed">Scratch of <see cref="MixedLength"/>.</param>
    /// <param name="converted">Scratch of <see cref="ConvertedLength"/>.</param>
    /// <param name="input">The whole input.</param>
    public void Row(ReadOnlySpan<byte> bytes, int y, Span<float> mixed, Span<byte> converted, Span<float> input)
    {
        var picture = new PictureBytes(bytes, format, pictureWidth, pictureHeight);
        int count = columns.End - columns.First;
        Span<float> row = mixed[..(samples * count)];
        row.Clear();
        ReadOnlySpan<float> weights = rows.Weights(y);
        for (int i = 0; i < weights.Length; i++)
        {
            if (format.IsYuv())
            {
                Span<byte> pixels = converted[..row.Length];
                YuvRows.Convert(picture, rows.Start(y) + i, columns.First, MemoryMarshal.Cast<byte, uint>(pixels));
                AddRow(pixels, weights[i], row);
            }
            else
            {
                AddRow(picture.Row(rows.Start(y) + i, columns.First, count), weights[i], row);
            }
        }
        WriteRow(mixed, input[(y * width * pixelStride)..]);
    }

    /// <summary>Samples of a pixel of the picture, or of what luma and chroma are converted to.</summary>
    private static int Samples(PixelFormat format) => format is PixelFormat.Rgb24 or PixelFormat.Bgr24 ? 3 : 4;

    /// <summary>row[i] += weight · source[i]. Sixteen bytes at a time are widened to four or two vectors of floats; the tail is scalar.</summary>
    private static void AddRow(ReadOnlySpan<byte> source, float weight, Span<float> row)
    {
        ref byte from = ref MemoryMarshal.GetReference(source);
        ref float to = ref MemoryMarshal.GetReference(row);
        int i = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            Vector256<float> weights = Vector256.Create(weight);
            for (; i <= source.Length - 16; i += 16)
            {
                (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(Vector128.LoadUnsafe(ref from, (nuint)i));
                Vector256<float> a = Vector256.ConvertToSingle(Vector256.WidenLower(low.ToVector256Unsafe()).AsInt32());
                Vector256<float> b = Vector256.ConvertToSingle(Vector256.WidenLower(high.ToVector256Unsafe()).AsInt32());
                (Vector256.LoadUnsafe(ref to, (nuint)i) + a * weights).StoreUnsafe(ref to, (nuint)i);
                (Vector256.LoadUnsafe(ref to, (nuint)i + 8) + b * weights).StoreUnsafe(ref to, (nuint)i + 8);
            }
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            Vector128<float> weights = Vector128.Create(weight);
            for (; i <= source.Length - 16; i += 16)
            {
                (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(Vector128.LoadUnsafe(ref from, (nuint)i));
                (Vector128<uint> a, Vector128<uint> b) = Vector128.Widen(low);
                (Vector128<uint> c, Vector128<uint> d) = Vector128.Widen(high);
                (Vector128.LoadUnsafe(ref to, (nuint)i) + Vector128.ConvertToSingle(a.AsInt32()) * weights).StoreUnsafe(ref to, (nuint)i);
                (Vector128.LoadUnsafe(ref to, (nuint)i + 4) + Vector128.ConvertToSingle(b.AsInt32()) * weights).StoreUnsafe(ref to, (nuint)i + 4);
                (Vector128.LoadUnsafe(ref to, (nuint)i + 8) + Vector128.ConvertToSingle(c.AsInt32()) * weights).StoreUnsafe(ref to, (nuint)i + 8);
                (Vector128.LoadUnsafe(ref to, (nuint)i + 12) + Vector128.ConvertToSingle(d.AsInt32()) * weights).StoreUnsafe(ref to, (nuint)i + 12);
            }
        }
        for (; i < source.Length; i++) row[i] += source[i] * weight;
    }

    private void WriteRow(ReadOnlySpan<float> row, Span<float> input)
    {
        // Scale and offset are given in the model's order of channels; rows are mixed in the picture's.
        (int first, int third) = swapped ? (2, 0) : (0, 2);
        Vector3 factors = swapped ? new(scale.Z, scale.Y, scale.X) : scale, added = swapped ? new(offset.Z, offset.Y, offset.X) : offset;
        for (int x = 0; x < width; x++)
        {
            ReadOnlySpan<float> weights = columns.Weights(x);
            Vector128<float> mean = Vector128<float>.Zero;
            // Of pixels of three samples, each load takes the first of the next pixel along; it is ignored.
            for (int i = 0, p = samples * (columns.Start(x) - columns.First); i < weights.Length; i++, p += samples)
                mean += Vector128.Create(row.Slice(p, 4)) * weights[i];
            Vector3 sum = mean.AsVector3() * factors + added;
            int at = x * pixelStride;
            input[at + first * channelStride] = sum.X;
            input[at + channelStride] = sum.Y;
            input[at + third * channelStride] = sum.Z;
        }
    }
}
