using EdgeRuntime.Pipelines;
using EdgeRuntime.Realtime;
using EdgeRuntime.Tools.Media;

namespace EdgeRuntime.Tools.Evaluation;

/// <summary>Pictures with lines of text drawn on them, large and small, dark and light, with and without paper behind: for models that look for text where there are no pictures of it. The same pictures give the same ones.</summary>
/// <param name="pictures">The pictures; they belong to this source.</param>
internal sealed class LetteredPictures(FrameSource pictures) : FrameSource
{
    /// <summary>Text is as large beside pictures as these are wide in dots of letters.</summary>
    private const int LeastDots = 120, MostDots = 640;

    private const int Lines = 14, MostWords = 5, MostLetters = 9, Margin = 3;

    private const string Letters = "etaoinsrhldcumfpgwybvkxjqzETAOINSRHLDCUMFPGWYBVKXJQZ0123456789.,:-/&";

    private int next;

    public override string Name => pictures.Name;

    public override long? FrameCount => pictures.FrameCount;

    public override string? FrameName => pictures.FrameName;

    public override string Describe() => $"{pictures.Describe()}, with text";

    public override bool Read(Frame frame)
    {
        if (!pictures.Read(frame)) return false;
        Write(frame, new Random(next++));
        return true;
    }

    public override void Dispose() => pictures.Dispose();

    private static void Write(Frame frame, Random chance)
    {
        var canvas = new Canvas(frame);
        for (int line = 0; line < Lines; line++)
        {
            int scale = Math.Max(1, Math.Max(frame.Width, frame.Height) / chance.Next(LeastDots, MostDots));
            string text = string.Join(' ', Enumerable.Range(0, chance.Next(1, MostWords)).Select(_ => Word(chance)));
            int width = (text.Length * (Font.Width + 1) + 2 * Margin) * scale, height = (Font.Height + 2 * Margin) * scale;
            int left = chance.Next(Math.Max(1, frame.Width - width)), top = chance.Next(Math.Max(1, frame.Height - height));
            byte dark = (byte)chance.Next(80), light = (byte)chance.Next(170, 256);
            bool isDark = chance.Next(3) > 0;
            Colour paper = isDark ? new Colour(light, light, (byte)chance.Next(120, 256)) : new Colour(dark, dark, (byte)chance.Next(120));
            if (chance.Next(2) == 0) canvas.Fill(left, top, width, height, paper);
            canvas.Text(left + Margin * scale, top + Margin * scale, text, isDark ? new Colour((byte)chance.Next(120), dark, dark) : new Colour(light, (byte)chance.Next(150, 256), light), scale);
        }
    }

    private static string Word(Random chance) => string.Concat(Enumerable.Range(0, chance.Next(1, MostLetters)).Select(_ => Letters[chance.Next(Letters.Length)]));
}
