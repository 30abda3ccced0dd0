using EdgeRuntime.Pipelines;

namespace EdgeRuntime.Tools.Media;

/// <summary>Draws what a mask leaves out of a frame.</summary>
internal static class MaskPainter
{
    /// <summary>Draws on the frame itself.</summary>
    /// <param name="frame">An RGB frame.</param>
    /// <param name="mask">A byte for each of its pixels: 255 where the picture stays.</param>
    /// <param name="background">What is drawn elsewhere.</param>
    public static void Draw(Frame frame, ReadOnlySpan<byte> mask, Background background)
    {
        Span<byte> pixels = frame.Pixels;
        if (background.Colour is not { } colour)
        {
            for (int i = 0; i < mask.Length; i++) pixels.Slice(3 * i, 3).Fill(mask[i]);
            return;
        }
        int opacity = (int)MathF.Round(background.Opacity * 256);
        for (int i = 0; i < mask.Length; i++)
        {
            // Of 255 · 256.
            int weight = (255 - mask[i]) * opacity;
            if (weight == 0) continue;
            Span<byte> pixel = pixels.Slice(3 * i, 3);
            pixel[0] = Mix(pixel[0], colour.Red, weight);
            pixel[1] = Mix(pixel[1], colour.Green, weight);
            pixel[2] = Mix(pixel[2], colour.Blue, weight);
        }
    }

    private static byte Mix(int from, int to, int weight)
    {
        const int Whole = 255 * 256;
        return (byte)((from * (Whole - weight) + to * weight + Whole / 2) / Whole);
    }
}
