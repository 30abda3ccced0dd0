namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>Where a crop lies in a picture.</summary>
/// <param name="Corner">Its upper left corner.</param>
/// <param name="AlongX">Along its upper edge, from the left to the right end: how far to the right.</param>
/// <param name="AlongY">The same, how far down.</param>
/// <param name="DownX">Along its left edge, from the upper to the lower end: how far to the right.</param>
/// <param name="DownY">The same, how far down.</param>
internal readonly record struct CropPlace((float X, float Y) Corner, float AlongX, float AlongY, float DownX, float DownY)
{
    /// <summary>Left and upper end of it.</summary>
    public (float X, float Y) Least => (Corner.X + Math.Min(AlongX, 0) + Math.Min(DownX, 0), Corner.Y + Math.Min(AlongY, 0) + Math.Min(DownY, 0));

    /// <summary>Right and lower end of it.</summary>
    public (float X, float Y) Most => (Corner.X + Math.Max(AlongX, 0) + Math.Max(DownX, 0), Corner.Y + Math.Max(AlongY, 0) + Math.Max(DownY, 0));

    /// <summary>Columns of the picture that samples may touch, and one past them; at least one.</summary>
    public (int First, int End) Columns(int width) => Touched(Least.X, Most.X, width);

    /// <summary>Rows of the picture that samples may touch, and one past them; at least one.</summary>
    public (int First, int End) Rows(int height) => Touched(Least.Y, Most.Y, height);

    /// <summary>The four pixels around a point begin half a pixel before it; rounding may put a sample a little beyond the corners.</summary>
    private static (int First, int End) Touched(float least, float most, int size)
    {
        int first = (int)Math.Clamp(MathF.Floor(least - 1), 0, size - 1), last = (int)Math.Clamp(MathF.Floor(most + 3), 0, size - 1);
        // A sample reads its right and lower neighbours even where they have no share in it.
        return (first, Math.Min(Math.Max(last + 1, first + 2), size));
    }
}
