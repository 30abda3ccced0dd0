namespace EdgeRuntime.Backends.Gpu.Lowering;

/// <summary>What one invocation of a convolution computes.</summary>
/// <param name="Pixels">Neighbouring pixels.</param>
/// <param name="Depth">Quads of outputs, or rows of pixels.</param>
internal readonly record struct ConvTile(int Pixels, int Depth)
{
    /// <summary>Those tiles that are not much larger than the work; the smallest, of one pixel and one quad, always is.</summary>
    public static IEnumerable<ConvTile> Fitting(ConvTile[] tiles, int pixels, int depth) =>
        tiles.Where(tile => (tile.Pixels == 1 || tile.Pixels < pixels * 2) && (tile.Depth == 1 || tile.Depth <= depth));

    /// <summary>Number of pieces of one size that cover a length.</summary>
    public static long Count(int length, int size) => ((long)length + size - 1) / size;

    /// <summary>Such as 4x1.</summary>
    public override string ToString() => $"{Pixels}x{Depth}";
}
