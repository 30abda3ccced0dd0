using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>
/// Resamples, orders, normalises and quantizes the rows of a model's picture input, as <see cref="ImageToTensor"/> defines: the mean of the picture's rows first (<see cref="PictureRows"/>), then of its pixels.
/// Rows of the input are independent of each other; each thread has scratch of its own.
/// </summary>
internal sealed unsafe class PictureSampler
{
    private readonly bool blueFirst;
    private readonly int width, height;
    private readonly bool channelsFirst;
    private readonly Vector128<float> factors, added;
    private readonly QuantizedResult result;
    private PixelFormat format;
    private int pictureWidth, pictureHeight;
    private bool swapped;
    private ResampleTaps columns = new(0), rows = new(0);

    /// <summary>Prepares for one model.</summary>
    /// <param name="width">Width of the model's input.</param>
    /// <param name="height">Height of the model's input.</param>
    /// <param name="channelsFirst">True for 1x3xHxW, false for 1xHxWx3.</param>
    /// <param name="blueFirst">True when the model's first channel is blue.</param>
    /// <param name="scale">Factors of the model's channels.</param>
    /// <param name="offset">What is added to the model's channels.</param>
    /// <param name="result">How the input is quantized; none for floats.</param>
    public PictureSampler(int width, int height, bool channelsFirst, bool blueFirst, ReadOnlySpan<float> scale, ReadOnlySpan<float> offset, QuantizedResult result)
    {
        (this.width, this.height, this.channelsFirst, this.blueFirst, this.result) = (width, height, channelsFirst, blueFirst, result);
        factors = Vector128.Create(scale[0] * ImageToTensor.Unit, scale[1] * ImageToTensor.Unit, scale[2] * ImageToTensor.Unit, 0);
        added = Vector128.Create(offset[0], offset[1], offset[2], 0);
    }

    /// <summary>Bytes of the whole input.</summary>
    public int ByteCount => 3 * width * height * (IsQuantized ? 1 : sizeof(float));

    private bool IsQuantized => result.Type is DataType.U8 or DataType.I8;

    /// <summary>Samples of a pixel of the picture, or of what luma and chroma are converted to.</summary>
    public static int Samples(PixelFormat format) => format is PixelFormat.Rgb24 or PixelFormat.Bgr24 ? 3 : 4;

    /// <summary>Prepares for pictures of one size and format, and one region of them.</summary>
    public void Prepare(PixelFormat pictureFormat, int pictureSizeX, int pictureSizeY, ResampleTaps columnTaps, ResampleTaps rowTaps)
    {
        (format, pictureWidth, pictureHeight, columns, rows) = (pictureFormat, pictureSizeX, pictureSizeY, columnTaps, rowTaps);
        swapped = (format == PixelFormat.Bgr24) != blueFirst;
    }

    /// <summary>Writes rows of the model's input.</summary>
    /// <param name="bytes">The picture.</param>
    /// <param name="first">The first row.</param>
    /// <param name="end">One past the last row.</param>
    /// <param name="scratch">Scratch that fits.</param>
    /// <param name="input">The bytes of the whole input.</param>
    public void Write(ReadOnlySpan<byte> bytes, int first, int end, PictureScratch scratch, Span<byte> input)
    {
        var picture = new PictureBytes(bytes, format, pictureWidth, pictureHeight);
        input = input[..ByteCount];
        scratch.Forget();
        for (int y = first; y < end; y++)
        {
            PictureRows.Mean(picture, rows.Start(y), rows.Weights(y), columns.First, columns.End - columns.First, scratch);
            int at = channelsFirst ? y * width : 3 * y * width, plane = channelsFirst ? width * height : 1;
            if (IsQuantized) WriteBytes(scratch, input, at, plane);
            else fixed (byte* to = input) WriteRow(scratch, (float*)to + at, plane);
        }
    }

    private void WriteBytes(PictureScratch scratch, Span<byte> input, int at, int plane)
    {
        fixed (float* row = scratch.Row) WriteRow(scratch, row, channelsFirst ? width : 1);
        int runs = channelsFirst ? 3 : 1, length = 3 * width / runs;
        for (int i = 0; i < runs; i++) ByteQuantizer.Quantize(scratch.Row.AsSpan(i * length, length), input[(at + i * plane)..], result);
    }

    /// <summary>The mean of rows as a row of the input.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void WriteRow(PictureScratch scratch, float* to, int plane)
    {
        int samples = Samples(format), origin = columns.First * samples, step = channelsFirst ? 1 : 3;
        ReadOnlySpan<int> starts = columns.Starts, offsets = columns.Offsets, counts = columns.Counts, pairs = columns.Pairs;
        // The samples of two neighbouring pixels side by side, in the model's order of channels.
        Vector128<byte> order = Order(samples, swapped);
        fixed (short* means = scratch.Means)
        {
            for (int x = 0; x < width; x++)
            {
                short* from = means + samples * starts[x] - origin;
                int pair = offsets[x] >> 1, end = pair + ((counts[x] + 1) >> 1);
                Vector128<int> sum = Vector128<int>.Zero;
                if (Ssse3.IsSupported)
                {
                    for (; pair < end; pair++, from += 2 * samples)
                        sum += Sse2.MultiplyAddAdjacent(Ssse3.Shuffle(Sse2.LoadVector128((byte*)from), order).AsInt16(), Vector128.Create(pairs[pair]).AsInt16());
                }
                else
                {
                    for (; pair < end; pair++, from += 2 * samples)
                        sum += Vector128.WidenLower(Vector128.Load(from)) * (short)pairs[pair] + Vector128.WidenLower(Vector128.Load(from + samples)) * (pairs[pair] >> 16);
                    if (swapped) sum = Vector128.Shuffle(sum, Vector128.Create(2, 1, 0, 3));
                }
                Vector128<float> value = Vector128.ConvertToSingle(sum) * factors + added;
                float* pixel = to + x * step;
                if (step == 3 && x < width - 1)
                {
                    // The next pixel takes the fourth place.
                    value.Store(pixel);
                    continue;
                }
                pixel[0] = value[0];
                pixel[plane] = value[1];
                pixel[2 * plane] = value[2];
            }
        }
    }

    private static Vector128<byte> Order(int samples, bool swapped)
    {
        Span<byte> order = stackalloc byte[16];
        for (int channel = 0; channel < 3; channel++)
            for (int pixel = 0; pixel < 2; pixel++)
            {
                int sample = pixel * samples + (swapped ? 2 - channel : channel);
                (order[4 * channel + 2 * pixel], order[4 * channel + 2 * pixel + 1]) = ((byte)(2 * sample), (byte)(2 * sample + 1));
            }
        order[12..].Fill(0x80);
        return Vector128.Create<byte>(order);
    }
}
