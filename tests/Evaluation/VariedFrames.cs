using EdgeRuntime.Pipelines;
using EdgeRuntime.Realtime;

namespace EdgeRuntime.Tests.Evaluation;

/// <summary>
/// Some frames of videos, each whole and as a part cut out, in other colours: of two videos of passers-by, one of them black and white, pictures in which things are larger and coloured.
/// </summary>
internal sealed class VariedFrames(int every, int first, params string[] videos) : FrameSource
{
    private const int Zoom = 3;

    /// <summary>Factors of red, green and blue, and what is added.</summary>
    private static readonly (float Red, float Green, float Blue, float Addend)[] Tints =
        [(1, 1, 1, 0), (1, 0.85f, 0.7f, 0), (0.7f, 0.85f, 1, 0), (0.6f, 0.6f, 0.6f, 0), (1, 1, 0.9f, 0), (0.7f, 0.9f, 0.6f, 10)];

    private readonly Frame whole = new();
    private FrameSource? video;
    private int opened, next, given;
    private bool hasWhole;

    public override string Name => "varied frames";

    public override string Describe() => Name;

    public override bool Read(Frame frame)
    {
        if (!hasWhole && !ReadWhole()) return false;
        // First the whole frame, then the part.
        if (given % 2 == 0) Cut(frame, 0, 0, whole.Width, whole.Height);
        else
        {
            (int width, int height) = (whole.Width / Zoom, whole.Height / Zoom);
            Cut(frame, given / 2 % Zoom * width, given / 2 / Zoom % Zoom * height, width, height);
            hasWhole = false;
        }
        Tint(frame, Tints[given++ % Tints.Length]);
        return true;
    }

    public override void Dispose() => video?.Dispose();

    private bool ReadWhole()
    {
        while (true)
        {
            if (video is null)
            {
                if (opened == videos.Length) return false;
                (video, next) = (Open(videos[opened++]), 0);
            }
            while (video.Read(whole))
                if (next++ % every == first) return hasWhole = true;
            video.Dispose();
            video = null;
        }
    }

    private void Cut(Frame frame, int x, int y, int width, int height)
    {
        frame.Resize(width, height);
        for (int row = 0; row < height; row++) whole.Pixels.Slice(((y + row) * whole.Width + x) * 3, width * 3).CopyTo(frame.Pixels[(row * width * 3)..]);
    }

    private static void Tint(Frame frame, (float Red, float Green, float Blue, float Addend) tint)
    {
        Span<byte> pixels = frame.Pixels;
        for (int i = 0; i < pixels.Length; i++)
        {
            float factor = i % 3 == 0 ? tint.Red : i % 3 == 1 ? tint.Green : tint.Blue;
            pixels[i] = (byte)Math.Clamp(pixels[i] * factor + tint.Addend, 0, 255);
        }
    }
}
