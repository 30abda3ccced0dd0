using System.Runtime.InteropServices;
using EdgeRuntime.Backends.Cpu.Kernels;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Pipelines;

/// <summary>
/// Makes a model's input of a part of a picture that may be turned: each number of it is the mean of bilinear samples, which lie about a pixel apart, so that shrinking by up to 16 times hardly
/// aliases. Orders channels, normalises and quantizes as <see cref="ImagePreprocessor"/> does, and makes no garbage. Not for use by two threads at once.
/// </summary>
public sealed class CropPreprocessor
{
    private readonly CropSampler sampler;
    private readonly CropEdge edge;
    private readonly DataType type;
    private readonly QuantizedResult result;
    private readonly float[] floats = [];
    private uint[] converted = [];

    /// <summary>Prepares for one model.</summary>
    /// <param name="image">What the model file says about its input; how it fits pictures does not matter.</param>
    /// <param name="input">Type of the graph's input: 1x3xHxW or 1xHxWx3 floats, or quantized to 8 bits; of a grey one 1x1xHxW or 1xHxWx1 floats.</param>
    /// <param name="edge">What lies beyond the picture.</param>
    /// <exception cref="EdgeException">The input is no such tensor, or scale and offset are not three numbers each.</exception>
    public CropPreprocessor(ImageInput image, TensorType input, CropEdge edge = CropEdge.Black)
    {
        ArgumentNullException.ThrowIfNull(image);
        (Width, Height, bool channelsFirst) = ImagePreprocessor.SizeOf(image, input);
        (float[] scale, float[] offset) = ImagePreprocessor.ChannelFactors(image);
        sampler = new CropSampler(Width, Height, image.Channels == ChannelOrder.Grey, channelsFirst, image.Channels == ChannelOrder.Bgr, scale, offset);
        (this.edge, type, result) = (edge, input.DataType, QuantizedResult.Like(input));
        if (type != DataType.F32) floats = new float[sampler.Count];
    }

    /// <summary>Width of the model's input.</summary>
    public int Width { get; }

    /// <summary>Height of the model's input.</summary>
    public int Height { get; }

    /// <summary>Writes a part of the frame into the memory of an input of floats, stretched to fill it.</summary>
    /// <exception cref="ArgumentException">The memory is too small, or the input is quantized.</exception>
    /// <exception cref="EdgeException">The crop is empty or not finite.</exception>
    public void Write(Frame frame, in Crop crop, Span<float> input)
    {
        if (type != DataType.F32) throw new ArgumentException($"The input is {type}.", nameof(input));
        WriteFloats(frame, crop, input);
    }

    /// <summary>Writes a part of the frame into the memory of an input that is quantized, stretched to fill it.</summary>
    /// <exception cref="ArgumentException">The memory is too small, or the input is one of floats.</exception>
    /// <exception cref="EdgeException">The crop is empty or not finite.</exception>
    public void Write(Frame frame, in Crop crop, Span<byte> input)
    {
        if (type == DataType.F32) throw new ArgumentException($"The input is {type}.", nameof(input));
        if (input.Length < sampler.Count) throw new ArgumentException($"The input has room for {input.Length} numbers; {sampler.Count} are needed.", nameof(input));
        WriteFloats(frame, crop, floats);
        ByteQuantizer.Quantize(floats, input, result);
    }

    /// <summary>Writes a part of the frame into an input, stretched to fill it.</summary>
    internal void Write(Frame frame, in Crop crop, TensorView input)
    {
        if (type == DataType.F32) Write(frame, crop, input.Span<float>());
        else Write(frame, crop, input.Bytes);
    }

    private void WriteFloats(Frame frame, in Crop crop, Span<float> input)
    {
        ArgumentNullException.ThrowIfNull(frame);
        if (input.Length < sampler.Count) throw new ArgumentException($"The input has room for {input.Length} floats; {sampler.Count} are needed.", nameof(input));
        if (!crop.IsUsable) throw new EdgeException(ErrorCode.InputMismatch, $"The crop {crop} is empty or not finite.");
        (float sine, float cosine) = MathF.SinCos(crop.Angle);
        KeyPoint corner = crop.ToFrame(0, 0);
        var place = new CropPlace((corner.X, corner.Y), crop.Width * cosine, crop.Width * sine, -crop.Height * sine, crop.Height * cosine);
        if (!frame.Format.IsYuv())
        {
            sampler.Write(new CropPixels(frame.Pixels, frame.Format.PixelBytes(), 0, 0, frame.Width, frame.Width, frame.Height, edge == CropEdge.Repeat), frame.Format == PixelFormat.Bgr24, place, input);
            return;
        }
        // Neighbouring samples share pixels: each is converted once. Room for the whole frame, so that another crop needs no other memory.
        if (converted.Length < frame.Width * frame.Height) converted = GC.AllocateUninitializedArray<uint>(frame.Width * frame.Height);
        (int left, int right) = place.Columns(frame.Width);
        (int top, int bottom) = place.Rows(frame.Height);
        var picture = new PictureBytes(frame.Pixels, frame.Format, frame.Width, frame.Height);
        int across = right - left;
        for (int y = top; y < bottom; y++) YuvRows.Convert(picture, y, left, converted.AsSpan((y - top) * across, across));
        ReadOnlySpan<byte> pixels = MemoryMarshal.AsBytes(converted.AsSpan(0, (bottom - top) * across));
        sampler.Write(new CropPixels(pixels, sizeof(uint), left, top, across, frame.Width, frame.Height, edge == CropEdge.Repeat), false, place, input);
    }
}
