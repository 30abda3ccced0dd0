using System.Numerics;
using System.Runtime.Intrinsics;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>Fills a model's picture input with what a crop shows: samples in a grid, the mean of those of each pixel of the input, in the model's order of channels, normalised.</summary>
internal sealed class CropSampler
{
    /// <summary>Samples of a pixel of the input, along and down; where there would have to be more they lie apart.</summary>
    private const int MostSamples = 16;

    private readonly int width, height, pixelStride, channelStride;
    private readonly bool grey, blueFirst;
    private readonly Vector3 scale, offset;

    /// <summary>Prepares for one model.</summary>
    /// <param name="width">Width of the model's input.</param>
    /// <param name="height">Height of the model's input.</param>
    /// <param name="grey">True when it has one channel, the sum of all three.</param>
    /// <param name="channelsFirst">True for 1x3xHxW, false for 1xHxWx3.</param>
    /// <param name="blueFirst">True when the model's first channel is blue.</param>
    /// <param name="scale">Factors of the model's channels; of a grey input those of red, green and blue.</param>
    /// <param name="offset">What is added to the model's channels.</param>
    public CropSampler(int width, int height, bool grey, bool channelsFirst, bool blueFirst, ReadOnlySpan<float> scale, ReadOnlySpan<float> offset)
    {
        (this.width, this.height, this.grey, this.blueFirst) = (width, height, grey, blueFirst);
        (pixelStride, channelStride) = grey ? (1, 0) : channelsFirst ? (1, width * height) : (3, 1);
        (this.scale, this.offset) = (new Vector3(scale), new Vector3(offset));
    }

    /// <summary>Floats of the input.</summary>
    public int Count => (grey ? 1 : 3) * width * height;

    /// <summary>Writes the input.</summary>
    /// <param name="pixels">The picture.</param>
    /// <param name="pictureBlueFirst">Whether the picture's first sample is blue.</param>
    /// <param name="place">What of it is shown.</param>
    /// <param name="input">The input.</param>
    public void Write(CropPixels pixels, bool pictureBlueFirst, in CropPlace place, Span<float> input)
    {
        int across = Samples(place.AlongX, place.AlongY, width), down = Samples(place.DownX, place.DownY, height);
        float stepX = place.AlongX / (width * across), stepY = place.AlongY / (width * across);
        bool swapped = pictureBlueFirst != blueFirst;
        // Scale and offset are given in the model's order of channels; samples come in the picture's.
        (int one, int third) = swapped ? (2 * channelStride, 0) : (0, 2 * channelStride);
        Vector3 factors = (swapped ? new(scale.Z, scale.Y, scale.X) : scale) / (across * down), added = swapped ? new(offset.Z, offset.Y, offset.X) : offset;
        bool inside = pixels.Holds(place);
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
            {
                Vector128<float> sum = Vector128<float>.Zero;
                for (int j = 0; j < down; j++)
                {
                    float below = (y + (j + 0.5f) / down) / height;
                    float startX = place.Corner.X + below * place.DownX + 0.5f * stepX, startY = place.Corner.Y + below * place.DownY + 0.5f * stepY;
                    int first = x * across, end = first + across;
                    if (inside)
                        for (int i = first; i < end; i++) sum += pixels.Inside(startX + i * stepX, startY + i * stepY);
                    else
                        for (int i = first; i < end; i++) sum += pixels[startX + i * stepX, startY + i * stepY];
                }
                Vector3 value = sum.AsVector3() * factors;
                int at = (y * width + x) * pixelStride;
                if (grey)
                {
                    input[at] = value.X + value.Y + value.Z + offset.X;
                    continue;
                }
                value += added;
                input[at + one] = value.X;
                input[at + channelStride] = value.Y;
                input[at + third] = value.Z;
            }
    }

    /// <summary>How many samples make a pixel of the input along one of its edges, so that they are about a pixel of the picture apart, one and a half at most.</summary>
    private static int Samples(float x, float y, int pixels)
    {
        float step = MathF.Sqrt(x * x + y * y) / pixels;
        return (int)Math.Clamp(MathF.Floor(step + 0.5f), 1, MostSamples);
    }
}
