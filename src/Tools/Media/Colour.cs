namespace EdgeRuntime.Tools.Media;

/// <summary>A colour to draw with.</summary>
internal readonly record struct Colour(byte Red, byte Green, byte Blue)
{
    public static readonly Colour White = new(255, 255, 255), Black = new(0, 0, 0);

    // Bright, far apart from each other and legible under black text; neighbours in the list differ most.
    private static readonly Colour[] Palette =
    [
        new(64, 224, 96), new(255, 168, 32), new(64, 176, 255), new(255, 96, 160), new(240, 228, 64), new(176, 128, 255),
        new(32, 216, 208), new(255, 120, 88), new(168, 208, 64), new(232, 136, 240), new(152, 200, 232), new(224, 184, 136),
    ];

    /// <summary>The colour of a label or a track: always the same for the same number.</summary>
    public static Colour Of(int number) => Palette[(int)((uint)number % (uint)Palette.Length)];
}
