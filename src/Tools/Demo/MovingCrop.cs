using EdgeRuntime.Pipelines;
using EdgeRuntime.Realtime;

namespace EdgeRuntime.Tools.Demo;

/// <summary>
/// A video made from one picture: a window that wanders slowly over it and zooms in and out. It stands in for a film of a face
/// that anyone may have, and is rendered here, frame by frame, so that the demo needs no other file.
/// </summary>
internal sealed class MovingCrop(Frame picture, int side, int frames, double rate) : FrameSource
{
    private int next;

    public override string Name => "moving crop";

    public override int Width => side;

    public override int Height => side;

    public override double? Rate => rate;

    public override long? FrameCount => frames;

    public override string Describe() => $"{frames} frames of {side} x {side} at {rate} per second, rendered from a picture of {picture.Width} x {picture.Height}";

    public override bool Read(Frame frame)
    {
        if (next == frames) return false;
        frame.Resize(side, side);
        frame.Index = next;
        frame.Time = TimeSpan.FromSeconds(next / rate);
        Render(frame, 2 * Math.PI * next / frames);
        next++;
        return true;
    }

    public override void Dispose()
    {
    }

    /// <summary>One turn of the angle is one round of the window; it keeps to the upper part, where faces are.</summary>
    private void Render(Frame frame, double angle)
    {
        double window = (0.8 - 0.2 * Math.Cos(angle)) * Math.Min(picture.Width, picture.Height);
        double left = (picture.Width - window) * (0.42 + 0.2 * Math.Sin(angle)), top = (picture.Height - window) * (0.1 + 0.1 * Math.Sin(2 * angle));
        double step = window / side;
        for (int y = 0; y < side; y++)
            for (int x = 0; x < side; x++)
                Sample(left + (x + 0.5) * step - 0.5, top + (y + 0.5) * step - 0.5, frame.Pixels.Slice(3 * (y * side + x), 3));
    }

    /// <summary>Bilinear between the four pixels around; beyond the edge the edge goes on.</summary>
    private void Sample(double x, double y, Span<byte> rgb)
    {
        x = Math.Clamp(x, 0, picture.Width - 1);
        y = Math.Clamp(y, 0, picture.Height - 1);
        int x0 = (int)x, y0 = (int)y, x1 = Math.Min(x0 + 1, picture.Width - 1), y1 = Math.Min(y0 + 1, picture.Height - 1);
        double fx = x - x0, fy = y - y0;
        ReadOnlySpan<byte> pixels = picture.Pixels;
        int stride = 3 * picture.Width;
        for (int c = 0; c < 3; c++)
        {
            double upper = pixels[y0 * stride + 3 * x0 + c] * (1 - fx) + pixels[y0 * stride + 3 * x1 + c] * fx;
            double lower = pixels[y1 * stride + 3 * x0 + c] * (1 - fx) + pixels[y1 * stride + 3 * x1 + c] * fx;
            rgb[c] = (byte)(upper * (1 - fy) + lower * fy + 0.5);
        }
    }
}
