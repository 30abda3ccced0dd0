using EdgeRuntime.Pipelines;
using EdgeRuntime.Realtime;

namespace EdgeRuntime.Tools.Evaluation;

/// <summary>
/// Many pictures made of a few: each whole, mirrored, in parts of several sizes, and in other light. Ranges that are calibrated on a handful of pictures alone are too narrow for what comes later: things are
/// larger or smaller there, brighter or darker. The same pictures give the same ones.
/// </summary>
/// <param name="pictures">The pictures.</param>
/// <param name="count">How many to make.</param>
internal sealed class VariedPictures(IReadOnlyList<(string Name, Frame Frame)> pictures, int count) : FrameSource
{
    /// <summary>How much of the width and height a picture shows; the first of each is the whole one, as it is.</summary>
    private static readonly float[] Zooms = [1, 1, 0.5f, 0.7f, 0.35f, 0.85f, 0.5f];

    /// <summary>Factors of red, green and blue, and what is added: as it is, evening, shade, dim, glaring, under leaves.</summary>
    private static readonly (float Red, float Green, float Blue, float Addend)[] Lights =
        [(1, 1, 1, 0), (1.25f, 0.9f, 0.7f, 0), (0.6f, 0.85f, 1.2f, 10), (0.5f, 0.5f, 0.45f, 0), (1.6f, 1.55f, 1.5f, -60)];

    private int next;
    private string? name;

    public override string Name => "varied pictures";

    public override long? FrameCount => count;

    public override string? FrameName => name;

    public override string Describe() => $"{count} pictures made of {pictures.Count}";

    public override bool Read(Frame frame)
    {
        if (next == count || pictures.Count == 0) return false;
        int variant = next / pictures.Count;
        (string original, Frame picture) = pictures[next % pictures.Count];
        name = variant == 0 ? original : $"{original}, variant {variant}";
        // Where a part lies follows the golden ratio, which spreads points evenly however many there are.
        float zoom = Zooms[variant % Zooms.Length], place = next * 0.618034f;
        int width = Math.Max(1, (int)(picture.Width * zoom)), height = Math.Max(1, (int)(picture.Height * zoom));
        int left = (int)((picture.Width - width) * (place % 1)), top = (int)((picture.Height - height) * (place * 7 % 1));
        Write(picture, frame, left, top, width, height, mirrored: variant % 2 == 1, Lights[variant % Lights.Length]);
        frame.Index = next++;
        return true;
    }

    public override void Dispose()
    {
    }

    private static void Write(Frame picture, Frame frame, int left, int top, int width, int height, bool mirrored, (float Red, float Green, float Blue, float Addend) light)
    {
        frame.Resize(width, height);
        Span<byte> from = picture.Pixels, to = frame.Pixels;
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                int source = ((top + y) * picture.Width + left + (mirrored ? width - 1 - x : x)) * 3, target = (y * width + x) * 3;
                to[target] = Lit(from[source], light.Red, light.Addend);
                to[target + 1] = Lit(from[source + 1], light.Green, light.Addend);
                to[target + 2] = Lit(from[source + 2], light.Blue, light.Addend);
            }
        }
    }

    private static byte Lit(byte value, float factor, float addend) => (byte)Math.Clamp(value * factor + addend, 0, 255);
}
