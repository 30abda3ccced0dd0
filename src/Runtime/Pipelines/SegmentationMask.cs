namespace EdgeRuntime.Pipelines;

/// <summary>
/// How likely each part of a frame shows what a model looks for, such as people. It has the model's cells, and gives the frame's pixels when asked: between the centres of cells it is linear, beyond
/// the outermost it stays as it is there.
/// </summary>
public sealed class SegmentationMask
{
    private readonly float[] cells, line;
    private int[] columns = [];
    private float[] shares = [];
    private (int Width, Region Covered) prepared;

    internal SegmentationMask(int columns, int rows)
    {
        (Columns, Rows) = (columns, rows);
        cells = new float[columns * rows];
        // One more, so that the last column has a right neighbour.
        line = new float[columns + 1];
    }

    /// <summary>Cells from left to right.</summary>
    public int Columns { get; }

    /// <summary>Cells from top to bottom.</summary>
    public int Rows { get; }

    /// <summary>The probabilities of the cells, 0…1, row by row.</summary>
    public ReadOnlySpan<float> Cells => cells;

    /// <summary>The part of the frame that the cells cover; it may reach beyond the frame.</summary>
    public Region Covered { get; private set; }

    /// <summary>Width of the frame in pixels; 0 before the first one.</summary>
    public int Width { get; private set; }

    /// <summary>Height of the frame in pixels.</summary>
    public int Height { get; private set; }

    /// <summary>Writes the mask in the frame's size.</summary>
    /// <param name="target">A byte for each pixel, row by row: 0 for surely not, 255 for surely, as soft as the model is unsure.</param>
    /// <exception cref="ArgumentException">There is not room for all of them.</exception>
    public void CopyTo(Span<byte> target)
    {
        if (target.Length < (long)Width * Height) throw new ArgumentException($"There is room for {target.Length} pixels of {Width} x {Height}.", nameof(target));
        Prepare();
        for (int y = 0; y < Height; y++)
        {
            (int upper, float share) = Place(y, Covered.Y, Covered.Height, Rows);
            ReadOnlySpan<float> above = cells.AsSpan(upper * Columns, Columns), below = cells.AsSpan(Math.Min(upper + 1, Rows - 1) * Columns, Columns);
            for (int i = 0; i < Columns; i++) line[i] = 255 * (above[i] + share * (below[i] - above[i])) + 0.5f;
            line[Columns] = line[Columns - 1];
            Span<byte> row = target.Slice(y * Width, Width);
            for (int x = 0; x < row.Length; x++)
            {
                int left = columns[x];
                row[x] = (byte)(line[left] + shares[x] * (line[left + 1] - line[left]));
            }
        }
    }

    /// <summary>What is found, as a box around all cells that are likely enough and inside the frame.</summary>
    /// <param name="threshold">Least probability of a cell.</param>
    /// <param name="leastShare">Least part of the frame's cells.</param>
    /// <param name="found">The box, with the mean probability of those cells as its score.</param>
    /// <returns>False where there are too few.</returns>
    internal bool TryFind(float threshold, float leastShare, out Detection found)
    {
        found = default;
        float across = Covered.Width / Columns, down = Covered.Height / Rows;
        (int left, int top, int right, int bottom, int count, double sum) = (Columns, Rows, -1, -1, 0, 0);
        for (int y = 0; y < Rows; y++)
        {
            float middleY = Covered.Y + (y + 0.5f) * down;
            if (middleY < 0 || middleY > Height) continue;
            for (int x = 0; x < Columns; x++)
            {
                float value = cells[y * Columns + x], middleX = Covered.X + (x + 0.5f) * across;
                if (value < threshold || middleX < 0 || middleX > Width) continue;
                (left, top, right, bottom) = (Math.Min(left, x), Math.Min(top, y), Math.Max(right, x), y);
                count++;
                sum += value;
            }
        }
        if (count == 0 || count * across * down < leastShare * Width * Height) return false;
        (found.X, found.Y) = (Math.Max(0, Covered.X + left * across), Math.Max(0, Covered.Y + top * down));
        found.Width = Math.Min(Width, Covered.X + (right + 1) * across) - found.X;
        found.Height = Math.Min(Height, Covered.Y + (bottom + 1) * down) - found.Y;
        found.Score = (float)(sum / count);
        return true;
    }

    /// <summary>The cells, to be written.</summary>
    internal Span<float> Target => cells;

    /// <summary>Says which frame the cells are of.</summary>
    internal void Belong(int width, int height, Region covered) => (Width, Height, Covered) = (width, height, covered);

    private void Prepare()
    {
        if (prepared == (Width, Covered)) return;
        if (columns.Length < Width) (columns, shares) = (new int[Width], new float[Width]);
        for (int x = 0; x < Width; x++) (columns[x], shares[x]) = Place(x, Covered.X, Covered.Width, Columns);
        prepared = (Width, Covered);
    }

    /// <summary>The cell whose centre is before that of a pixel, and how far the pixel's is on the way to the next one's.</summary>
    private static (int Cell, float Share) Place(int pixel, float start, float length, int count)
    {
        float at = Math.Clamp((pixel + 0.5f - start) * count / length - 0.5f, 0, count - 1);
        int cell = (int)at;
        return (cell, at - cell);
    }
}
