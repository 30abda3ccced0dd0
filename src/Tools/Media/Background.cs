using System.Globalization;
using EdgeRuntime.Diagnostics;

namespace EdgeRuntime.Tools.Media;

/// <summary>How what a mask leaves out is drawn: tinted, in one colour, or the mask alone instead of the picture.</summary>
/// <param name="Colour">The colour; null for the mask alone.</param>
/// <param name="Opacity">How much of the colour covers the picture, 0…1.</param>
internal sealed record Background(Colour? Colour, float Opacity)
{
    private const int Digits = 6;

    /// <summary>The picture shines through.</summary>
    public static readonly Background Tinted = new(new Colour(24, 56, 150), 0.65f);

    /// <summary>White where the mask is, black elsewhere.</summary>
    public static readonly Background MaskAlone = new(null, 1);

    /// <summary>What the user means.</summary>
    /// <param name="text">The word tint or mask, or six hexadecimal digits of red, green and blue, with # before them or not; null for the default.</param>
    /// <exception cref="EdgeException">It is none of these.</exception>
    public static Background Parse(string? text)
    {
        switch (text)
        {
            case null or "tint":
                return Tinted;
            case "mask":
                return MaskAlone;
        }
        ReadOnlySpan<char> digits = text.StartsWith('#') ? text.AsSpan(1) : text;
        if (digits.Length == Digits && uint.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint value))
            return new Background(new Colour((byte)(value >> 16), (byte)(value >> 8), (byte)value), 1);
        throw new EdgeException(ErrorCode.BadUsage, $"--background '{text}' is none.", "Give tint, mask, or a colour as six hexadecimal digits: 00FF00 is green.");
    }
}
