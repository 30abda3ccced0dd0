namespace EdgeRuntime.Pipelines;

/// <summary>
/// Keeps masks from flickering: a cell of which the model is sure shows it at once, so nothing drags behind, and one of which it is not goes there the slower the less it is sure. Time counts, not frames.
/// </summary>
/// <param name="count">Number of cells.</param>
/// <param name="smoothing">How long a cell of probability ½ takes to go 1 - 1/e of the way.</param>
internal sealed class MaskSmoother(int count, TimeSpan smoothing)
{
    /// <summary>After a longer pause what was before says nothing any more.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private readonly float[] shown = new float[count];
    private (int Width, int Height, Region Covered) frame;
    private TimeSpan last;

    /// <summary>Forgets the frames before.</summary>
    public void Reset() => frame = default;

    /// <summary>Smooths the cells of the next frame in place.</summary>
    public void Next(Span<float> cells, int width, int height, Region covered, TimeSpan time)
    {
        TimeSpan passed = time - last;
        bool follows = frame == (width, height, covered) && passed > TimeSpan.Zero && passed < LongestPause;
        (frame, last) = ((width, height, covered), time);
        if (follows)
        {
            float kept = MathF.Exp((float)-(passed / smoothing));
            for (int i = 0; i < cells.Length; i++)
            {
                float certain = 2 * cells[i] - 1;
                cells[i] += (1 - certain * certain) * kept * (shown[i] - cells[i]);
            }
        }
        cells.CopyTo(shown);
    }
}
