using System.Runtime.InteropServices;
using EdgeRuntime.Backends.Cpu.Kernels;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Pipelines;

/// <summary>
/// Makes a model's input of a picture: cuts, fits, resizes, orders the channels, normalises and quantizes, in one pass over the source and
/// without garbage. Not for use by two threads at once.
/// </summary>
public sealed class ImagePreprocessor
{
    // What of a pixel's red, green and blue makes its brightness (Recommendation ITU-R BT.601).
    private static readonly float[] Brightness = [0.299f, 0.587f, 0.114f];

    private readonly ImageFit fit;
    private readonly float[] planes;
    private readonly ResampleTaps columns, rows;
    private readonly PictureSampler sampler;
    private readonly PictureScratch scratch = new();
    private readonly DataType type;
    private readonly int needed;
    private (PixelFormat Format, int Width, int Height, Region Region) prepared;

    /// <summary>Prepares for one model.</summary>
    /// <param name="image">What the model file says about its input.</param>
    /// <param name="input">Type of the graph's input: 1x3xHxW or 1xHxWx3 floats, or quantized to 8 bits; of a grey one 1x1xHxW or 1xHxWx1 floats.</param>
    /// <exception cref="EdgeException">The input is no such tensor, or scale and offset are not three numbers each.</exception>
    public ImagePreprocessor(ImageInput image, TensorType input)
    {
        ArgumentNullException.ThrowIfNull(image);
        (Width, Height, bool channelsFirst) = SizeOf(image, input);
        bool grey = image.Channels == ChannelOrder.Grey;
        (float[] scale, float[] offset) = ChannelFactors(image);
        sampler = new PictureSampler(Width, Height, grey || channelsFirst, image.Channels == ChannelOrder.Bgr, scale, offset, QuantizedResult.Like(input));
        planes = grey ? new float[3 * Width * Height] : [];
        (type, needed) = (input.DataType, (grey ? 1 : 3) * Width * Height);
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

    /// <summary>Writes the whole frame into the memory of an input of floats.</summary>
    /// <exception cref="ArgumentException">The memory is too small, or the input is quantized.</exception>
    public void Write(Frame frame, Span<float> input)
    {
        ArgumentNullException.ThrowIfNull(frame);
        Write(frame, new Region(0, 0, frame.Width, frame.Height), input);
    }

    /// <summary>Writes a part of the frame into the memory of an input of floats; what lies beyond the frame becomes black.</summary>
    /// <exception cref="ArgumentException">The memory is too small, or the input is quantized.</exception>
    /// <exception cref="EdgeException">The region is empty or not finite.</exception>
    public void Write(Frame frame, Region region, Span<float> input) => Write(frame, region, MemoryMarshal.AsBytes(input), DataType.F32);

    /// <summary>Writes the whole frame into the memory of an input that is quantized.</summary>
    /// <exception cref="ArgumentException">The memory is too small, or the input is one of floats.</exception>
    public void Write(Frame frame, Span<byte> input)
    {
        ArgumentNullException.ThrowIfNull(frame);
        Write(frame, new Region(0, 0, frame.Width, frame.Height), input, type == DataType.I8 ? type : DataType.U8);
    }

    /// <summary>Writes the whole frame into an input.</summary>
    internal void Write(Frame frame, TensorView input) => Write(frame, new Region(0, 0, frame.Width, frame.Height), input.Bytes, input.DataType);

    private void Write(Frame frame, Region region, Span<byte> input, DataType given)
    {
        ArgumentNullException.ThrowIfNull(frame);
        if (given != type) throw new ArgumentException($"The input is {type}, not {given}.", nameof(input));
        if (input.Length / type.Size() < needed) throw new ArgumentException($"The input has room for {input.Length / type.Size()} numbers; {needed} are needed.", nameof(input));
        Prepare(frame, region);
        if (planes.Length == 0)
        {
            sampler.Write(frame.Pixels, 0, Height, scratch, input);
            return;
        }
        sampler.Write(frame.Pixels, 0, Height, scratch, MemoryMarshal.AsBytes(planes.AsSpan()));
        Span<float> brightness = MemoryMarshal.Cast<byte, float>(input);
        for (int i = 0; i < needed; i++) brightness[i] = planes[i] + planes[needed + i] + planes[2 * needed + i];
    }

    /// <summary>The factor and the addend of each channel. Those of a grey input are for red, green and blue, whose sum it is.</summary>
    internal static (float[] Scale, float[] Offset) ChannelFactors(ImageInput image) =>
        image.Channels != ChannelOrder.Grey ? (image.Scale, image.Offset) : (Array.ConvertAll(Brightness, part => part * image.Scale[0]), [image.Offset[0], 0, 0]);

    /// <summary>Width and height of a model's picture input, and whether its channels come first.</summary>
    /// <exception cref="EdgeException">The input is no such tensor, or scale and offset are not three numbers each.</exception>
    internal static (int Width, int Height, bool ChannelsFirst) SizeOf(ImageInput image, TensorType input)
    {
        Shape shape = input.Shape;
        int channels = image.Channels == ChannelOrder.Grey ? 1 : 3;
        bool first = shape.Rank == 4 && shape[1] == channels, last = shape.Rank == 4 && !(first && channels == 1) && shape[3] == channels;
        bool isReal = input.DataType == DataType.F32 || (channels == 3 && QuantizedResult.Like(input).Type is DataType.U8 or DataType.I8);
        if (!isReal || !shape.IsStatic || !(first || last) || shape[0] != 1 || shape.Count == 0)
            throw new EdgeException(ErrorCode.WrongTask, $"The input '{image.Input}' is {input}; a picture needs 1x{channels}xHxW or 1xHxWx{channels} floats{(channels == 3 ? ", or these quantized to 8 bits" : "")}.");
        if (image.Scale.Length != 3 || image.Offset.Length != 3)
            throw new EdgeException(ErrorCode.WrongTask, $"The input '{image.Input}' has {image.Scale.Length} scales and {image.Offset.Length} offsets; three of each are needed.");
        return last ? (shape[2], shape[1], false) : (shape[3], shape[2], true);
    }

    private void Prepare(Frame frame, Region region)
    {
        (PixelFormat format, int width, int height) = (frame.Format, frame.Width, frame.Height);
        if (prepared == (format, width, height, region)) return;
        if (!(region.Width > 0 && region.Height > 0 && float.IsFinite(region.X + region.Y + region.Width + region.Height)))
            throw new EdgeException(ErrorCode.InputMismatch, $"The region {region} is empty or not finite.");
        Covered = fit == ImageFit.Letterbox ? region.ExtendedTo(Width, Height) : region;
        columns.Set(Covered.X, Covered.Width, width);
        rows.Set(Covered.Y, Covered.Height, height);
        sampler.Prepare(format, width, height, columns, rows);
        // For the whole width, so that another region of the same frame needs no other memory.
        scratch.Fit(format, width, Width);
        prepared = (format, width, height, region);
    }
}
