using EdgeRuntime.Pipelines;

namespace EdgeRuntime.Tools.Media;

/// <summary>Draws on a frame with smooth edges. Coordinates are pixels from the upper left corner; what lies outside is clipped.</summary>
internal readonly ref struct Canvas
{
    /// <summary>Pictures of so many pixels and more have letters that are legible when they are shown smaller.</summary>
    private const int LeastOfTwoDots = 480;

    /// <summary>Dots around the text of a label.</summary>
    private const int Margin = 2;

    private readonly Span<byte> pixels;
    private readonly int width, height;

    public Canvas(Frame frame)
    {
        pixels = frame.Pixels;
        width = frame.Width;
        height = frame.Height;
        int side = Math.Min(width, height);
        Scale = Math.Max(side >= LeastOfTwoDots ? 2 : 1, (int)MathF.Round(side / 400f));
    }

    /// <summary>Height of the picture.</summary>
    public int Height => height;

    /// <summary>Size of a dot of the font, and the unit of line widths: larger on larger pictures.</summary>
    public int Scale { get; }

    /// <summary>Draws the outline of a box, its line centred on the edges.</summary>
    public void Box(float x, float y, float boxWidth, float boxHeight, Colour colour, float thickness, float opacity = 1)
    {
        if (!IsDrawable(x, y, boxWidth, boxHeight) || boxWidth < 0 || boxHeight < 0) return;
        float half = thickness / 2;
        Ring(new Area(x - half, y - half, x + boxWidth + half, y + boxHeight + half), new Area(x + half, y + half, x + boxWidth - half, y + boxHeight - half), colour, opacity);
    }

    /// <summary>Fills a rectangle.</summary>
    public void Fill(float x, float y, float boxWidth, float boxHeight, Colour colour, float opacity = 1)
    {
        if (!IsDrawable(x, y, boxWidth, boxHeight) || boxWidth < 0 || boxHeight < 0) return;
        Ring(new Area(x, y, x + boxWidth, y + boxHeight), default, colour, opacity);
    }

    /// <summary>Fills a circle.</summary>
    public void Dot(float x, float y, float radius, Colour colour)
    {
        if (!IsDrawable(x, y, radius, radius) || radius <= 0) return;
        (int left, int right) = Pixels(x - radius - 1, x + radius + 1, width);
        (int top, int bottom) = Pixels(y - radius - 1, y + radius + 1, height);
        for (int row = top; row < bottom; row++)
        {
            for (int column = left; column < right; column++)
            {
                float dx = column + 0.5f - x, dy = row + 0.5f - y;
                Blend(column, row, colour, radius + 0.5f - MathF.Sqrt(dx * dx + dy * dy));
            }
        }
    }

    /// <summary>Draws a line with round ends.</summary>
    public void Line(float fromX, float fromY, float toX, float toY, float thickness, Colour colour)
    {
        if (!IsDrawable(fromX, fromY, toX, toY) || !(thickness > 0)) return;
        float half = thickness / 2, dx = toX - fromX, dy = toY - fromY, length = Math.Max(dx * dx + dy * dy, 1e-6f);
        (int left, int right) = Pixels(Math.Min(fromX, toX) - half - 1, Math.Max(fromX, toX) + half + 1, width);
        (int top, int bottom) = Pixels(Math.Min(fromY, toY) - half - 1, Math.Max(fromY, toY) + half + 1, height);
        for (int row = top; row < bottom; row++)
        {
            for (int column = left; column < right; column++)
            {
                float x = column + 0.5f - fromX, y = row + 0.5f - fromY, along = Math.Clamp((x * dx + y * dy) / length, 0, 1);
                (x, y) = (x - along * dx, y - along * dy);
                Blend(column, row, colour, half + 0.5f - MathF.Sqrt(x * x + y * y));
            }
        }
    }

    /// <summary>Writes a line of text, its upper left corner at the given pixel. Characters beyond ASCII become a box.</summary>
    /// <param name="x">Left edge.</param>
    /// <param name="y">Upper edge.</param>
    /// <param name="text">The text.</param>
    /// <param name="colour">Its colour.</param>
    /// <param name="scale">Size of a dot.</param>
    public void Text(int x, int y, ReadOnlySpan<char> text, Colour colour, int scale)
    {
        foreach (char letter in text)
        {
            ReadOnlySpan<byte> columns = Font.Columns(letter);
            for (int column = 0; column < Font.Width; column++)
                for (int row = 0; row < Font.Height; row++)
                    if ((columns[column] >> row & 1) != 0)
                        Fill(x + column * scale, y + row * scale, scale, scale, colour);
            x += (Font.Width + 1) * scale;
        }
    }

    /// <summary>Height of a label.</summary>
    public int LabelHeight(int scale) => (Font.Height + 2 * Margin) * scale;

    /// <summary>Width of a label; text that would be wider than the picture is cut.</summary>
    public int LabelWidth(ref ReadOnlySpan<char> text, int scale)
    {
        int most = Math.Max(1, (width / scale - 2 * Margin + 1) / (Font.Width + 1));
        if (text.Length > most) text = text[..most];
        return (text.Length * (Font.Width + 1) - 1 + 2 * Margin) * scale;
    }

    /// <summary>Writes text on a background of a colour, its upper left corner at the given pixel.</summary>
    public void Label(int left, int top, ReadOnlySpan<char> text, Colour background, int scale)
    {
        Fill(left, top, LabelWidth(ref text, scale), LabelHeight(scale), background);
        Text(left + Margin * scale, top + Margin * scale, text, Colour.Black, scale);
    }

    // What the outer area covers and the inner does not. Only the rows and columns that the outer area touches are visited.
    private void Ring(Area outer, Area inner, Colour colour, float opacity)
    {
        (int left, int right) = Pixels(outer.Left, outer.Right, width);
        (int top, int bottom) = Pixels(outer.Top, outer.Bottom, height);
        // Columns strictly inside the hole are jumped over in the rows that are.
        int holeLeft = (int)Math.Clamp(MathF.Ceiling(inner.Left), left, right), holeRight = (int)Math.Clamp(MathF.Floor(inner.Right), holeLeft, right);
        for (int row = top; row < bottom; row++)
        {
            float inOuter = Area.Overlap(row, outer.Top, outer.Bottom), inInner = Area.Overlap(row, inner.Top, inner.Bottom);
            for (int column = left; column < right; column++)
            {
                if (inInner == 1 && column == holeLeft && holeRight > holeLeft) column = holeRight;
                if (column >= right) break;
                float covered = inOuter * Area.Overlap(column, outer.Left, outer.Right) - inInner * Area.Overlap(column, inner.Left, inner.Right);
                Blend(column, row, colour, covered * opacity);
            }
        }
    }

    private void Blend(int column, int row, Colour colour, float amount)
    {
        if (amount <= 0) return;
        int weight = (int)(Math.Min(amount, 1) * 256);
        Span<byte> pixel = pixels.Slice(3 * (row * width + column), 3);
        pixel[0] += (byte)((colour.Red - pixel[0]) * weight >> 8);
        pixel[1] += (byte)((colour.Green - pixel[1]) * weight >> 8);
        pixel[2] += (byte)((colour.Blue - pixel[2]) * weight >> 8);
    }

    private static (int First, int End) Pixels(float from, float to, int limit) =>
        ((int)Math.Clamp(MathF.Floor(from), 0, limit), (int)Math.Clamp(MathF.Ceiling(to), 0, limit));

    private static bool IsDrawable(float x, float y, float w, float h) => float.IsFinite(x) && float.IsFinite(y) && float.IsFinite(w) && float.IsFinite(h);

    private readonly record struct Area(float Left, float Top, float Right, float Bottom)
    {
        /// <summary>How much of the pixel at an index lies between two edges, 0…1.</summary>
        public static float Overlap(int index, float from, float to) => Math.Max(0, Math.Min(index + 1, to) - Math.Max(index, from));
    }
}
