using EdgeRuntime.Pipelines;

namespace EdgeRuntime.Tools.Media;

/// <summary>Makes pictures smaller, for pages: each pixel is the mean of those it covers.</summary>
internal static class Thumbnail
{
    /// <summary>A copy whose longer side has at most so many pixels; never a larger one.</summary>
    public static Frame Of(Frame frame, int side)
    {
        int longer = Math.Max(frame.Width, frame.Height);
        (int width, int height) = longer <= side ? (frame.Width, frame.Height) : (Math.Max(1, frame.Width * side / longer), Math.Max(1, frame.Height * side / longer));
        var small = new Frame();
        small.Resize(width, height);
        Span<byte> to = small.Pixels;
        ReadOnlySpan<byte> from = frame.Pixels;
        for (int y = 0; y < height; y++)
        {
            (int top, int bottom) = Covered(y, height, frame.Height);
            for (int x = 0; x < width; x++)
            {
                (int left, int right) = Covered(x, width, frame.Width);
                int red = 0, green = 0, blue = 0, count = (bottom - top) * (right - left);
                for (int row = top; row < bottom; row++)
                    for (int at = 3 * (row * frame.Width + left), end = at + 3 * (right - left); at < end; at += 3)
                        (red, green, blue) = (red + from[at], green + from[at + 1], blue + from[at + 2]);
                int pixel = 3 * (y * width + x);
                (to[pixel], to[pixel + 1], to[pixel + 2]) = ((byte)(red / count), (byte)(green / count), (byte)(blue / count));
            }
        }
        return small;
    }

    private static (int From, int To) Covered(int index, int count, int size)
    {
        int from = (int)((long)index * size / count);
        return (from, Math.Max(from + 1, (int)((long)(index + 1) * size / count)));
    }
}
