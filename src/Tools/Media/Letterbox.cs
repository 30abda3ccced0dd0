using EdgeRuntime.Pipelines;

namespace EdgeRuntime.Tools.Media;

/// <summary>Brings a picture into another size: as large as fits, its shape kept, black around it.</summary>
internal static class Letterbox
{
    /// <summary>Draws a picture of RGB into another one, all of which is written.</summary>
    public static void Fit(Frame from, Frame into)
    {
        double scale = Math.Min((double)into.Width / from.Width, (double)into.Height / from.Height);
        int width = Math.Clamp((int)Math.Round(from.Width * scale), 1, into.Width), height = Math.Clamp((int)Math.Round(from.Height * scale), 1, into.Height);
        int left = (into.Width - width) / 2, top = (into.Height - height) / 2;
        ReadOnlySpan<byte> source = from.Pixels;
        Span<byte> target = into.Pixels;
        target.Clear();
        for (int y = 0; y < height; y++)
        {
            (int above, int below, float down) = Between(y, height, from.Height);
            for (int x = 0; x < width; x++)
            {
                (int before, int behind, float right) = Between(x, width, from.Width);
                int a = 3 * (above * from.Width + before), b = 3 * (above * from.Width + behind), c = 3 * (below * from.Width + before), d = 3 * (below * from.Width + behind);
                int to = 3 * ((top + y) * into.Width + left + x);
                for (int channel = 0; channel < 3; channel++)
                {
                    float upper = source[a + channel] + right * (source[b + channel] - source[a + channel]), lower = source[c + channel] + right * (source[d + channel] - source[c + channel]);
                    target[to + channel] = (byte)(upper + down * (lower - upper) + 0.5f);
                }
            }
        }
    }

    /// <summary>The two rows or columns that a new one lies between, and how near it is to the second.</summary>
    private static (int First, int Second, float Part) Between(int index, int count, int size)
    {
        float at = Math.Clamp((index + 0.5f) * size / count - 0.5f, 0, size - 1);
        int first = (int)at;
        return (first, Math.Min(first + 1, size - 1), at - first);
    }
}
