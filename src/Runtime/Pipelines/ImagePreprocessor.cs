using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Pipelines;

/// <summary>
/// Makes a model's input of a picture: cuts, fits, resizes, orders the channels and normalises, in one pass over the source and
/// without garbage. Not for use by two threads at once.
/// </summary>
public sealed class ImagePreprocessor
{
    private readonly ImageFit fit;
    private readonly ResampleTaps columns, rows;
    private readonly int pixelStride, channelStride;
    private readonly int red, blue;
    private readonly Vector3 scale, offset;
    private float[] mixed = [];
    private (int Width, int Height, Region Region) prepared;

    /// <summary>Prepares for one model.</summary>
    /// <param name="image">What the model file says about its input.</param>
    /// <param name="input">Type of the graph's input: 1x3xHxW or 1xHxWx3 floats.</param>
    /// <exception cref="EdgeException">The input is no such tensor, or scale and offset are not three numbers each.</exception>
    public ImagePreprocessor(ImageInput image, TensorType input)
    {
        ArgumentNullException.ThrowIfNull(image);
        Shape shape = input.Shape;
        bool first = shape.Rank == 4 && shape[1] == 3, last = shape.Rank == 4 && shape[3] == 3;
        if (input.DataType != DataType.F32 || !shape.IsStatic || !(first || last) || shape[0] != 1 || shape.Count == 0)
            throw new EdgeException(ErrorCode.WrongTask, $"The input '{image.Input}' is {input}; a picture needs 1x3xHxW or 1xHxWx3 floats.");
        if (image.Scale.Length != 3 || image.Offset.Length != 3)
            throw new EdgeException(ErrorCode.WrongTask, $"The input '{image.Input}' has {image.Scale.Length} scales and {image.Offset.Length} offsets; three of each are needed.");
        (Height, Width) = last ? (shape[1], shape[2]) : (shape[2], shape[3]);
        (pixelStride, channelStride) = last ? (3, 1) : (1, Width * Height);
        (red, blue) = image.Channels == ChannelOrder.Rgb ? (0, 2) : (2, 0);
        // Scale and offset are given in the model's order of channels; rows are mixed in the frame's, which is red first.
        scale = new Vector3(image.Scale[red], image.Scale[1], image.Scale[blue]);
        offset = new Vector3(image.Offset[red], image.Offset[1], image.Offset[blue]);
        fit = image.Fit;
        columns = new ResampleTaps(Width);
        rows = new ResampleTaps(Height);
    }

    /// <summary>Width of the model's input.</summary>
    public int Width { get; }

    /// <summary>Height of the model's input.</summary>
    public int Height { get; }

    /// <summary>The part of the last frame that fills the model's input; with letterboxing it reaches beyond the frame.</summary>
    public Region Covered { get; private set; }

    /// <summary>Writes the whole frame into the input's memory.</summary>
    /// <exception cref="ArgumentException">The memory is too small.</exception>
    public void Write(Frame frame, Span<float> input)
    {
        ArgumentNullException.ThrowIfNull(frame);
        Write(frame, new Region(0, 0, frame.Width, frame.Height), input);
    }

    /// <summary>Writes a part of the frame into the input's memory; what lies beyond the frame becomes black.</summary>
    /// <exception cref="ArgumentException">The memory is too small.</exception>
    /// <exception cref="EdgeException">The region is empty or not finite.</exception>
    public void Write(Frame frame, Region region, Span<float> input)
    {
        ArgumentNullException.ThrowIfNull(frame);
        if (input.Length < 3 * Width * Height)
            throw new ArgumentException($"The input has room for {input.Length} floats; {3 * Width * Height} are needed.", nameof(input));
        Prepare(frame.Width, frame.Height, region);
        ReadOnlySpan<byte> pixels = frame.Pixels;
        Span<float> row = mixed.AsSpan(0, 3 * (columns.End - columns.First));
        for (int y = 0; y < Height; y++)
        {
            row.Clear();
            ReadOnlySpan<float> weights = rows.Weights(y);
            for (int i = 0; i < weights.Length; i++)
                AddRow(pixels.Slice(3 * ((rows.Start(y) + i) * frame.Width + columns.First), row.Length), weights[i], row);
            WriteRow(mixed, input[(y * Width * pixelStride)..]);
        }
    }

    private void Prepare(int width, int height, Region region)
    {
        if (prepared == (width, height, region)) return;
        if (!(region.Width > 0 && region.Height > 0 && float.IsFinite(region.X + region.Y + region.Width + region.Height)))
            throw new EdgeException(ErrorCode.InputMismatch, $"The region {region} is empty or not finite.");
        Covered = fit == ImageFit.Letterbox ? region.ExtendedTo(Width, Height) : region;
        columns.Set(Covered.X, Covered.Width, width);
        rows.Set(Covered.Y, Covered.Height, height);
        // For the whole width, so that another region of the same frame needs no other memory.
        int needed = 3 * width + 1;
        if (mixed.Length < needed) mixed = new float[needed];
        prepared = (width, height, region);
    }

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
        for (int x = 0; x < Width; x++)
        {
            ReadOnlySpan<float> weights = columns.Weights(x);
            Vector128<float> mean = Vector128<float>.Zero;
            // Each load takes the first value of the next pixel along; it is ignored.
            for (int i = 0, p = 3 * (columns.Start(x) - columns.First); i < weights.Length; i++, p += 3)
                mean += Vector128.Create(row.Slice(p, 4)) * weights[i];
            Vector3 sum = mean.AsVector3() * scale + offset;
            int at = x * pixelStride;
            input[at + red * channelStride] = sum.X;
            input[at + channelStride] = sum.Y;
            input[at + blue * channelStride] = sum.Z;
        }
    }
}
