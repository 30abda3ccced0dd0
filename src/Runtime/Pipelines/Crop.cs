namespace EdgeRuntime.Pipelines;

/// <summary>A rectangle of a picture that may be turned, in pixels; it may reach beyond the picture.</summary>
/// <param name="CentreX">Its centre, from the left.</param>
/// <param name="CentreY">Its centre, from the top.</param>
/// <param name="Width">Width, more than 0, along its own upper edge.</param>
/// <param name="Height">Height, more than 0.</param>
/// <param name="Angle">How far its upper edge is turned from the picture's, clockwise as one sees it, in radians.</param>
public readonly record struct Crop(float CentreX, float CentreY, float Width, float Height, float Angle)
{
    /// <summary>Pictures are no larger than 32768 pixels; what is a hundred times that is a mistake of a model.</summary>
    private const float Farthest = 3e6f;

    /// <summary>True when all numbers are finite and it has a size that a picture can be cut to.</summary>
    public bool IsUsable => Width is > 0 and < Farthest && Height is > 0 and < Farthest && Math.Abs(CentreX) < Farthest && Math.Abs(CentreY) < Farthest && float.IsFinite(Angle);

    /// <summary>The box of what was found.</summary>
    /// <param name="found">What was found.</param>
    /// <param name="angle">How far it is turned around the box's centre.</param>
    public static Crop Around(in Detection found, float angle = 0) => new(found.X + found.Width / 2, found.Y + found.Height / 2, found.Width, found.Height, angle);

    /// <summary>How far the line from one point to another is turned from one that runs to the right.</summary>
    public static float AngleOf(KeyPoint from, KeyPoint to) => MathF.Atan2(to.Y - from.Y, to.X - from.X);

    /// <summary>The same with both sides as long as the longer one.</summary>
    public Crop Square() => this with { Width = Math.Max(Width, Height), Height = Math.Max(Width, Height) };

    /// <summary>The same with both sides longer by a factor.</summary>
    public Crop Enlarged(float factor) => this with { Width = Width * factor, Height = Height * factor };

    /// <summary>The same moved along its own edges.</summary>
    /// <param name="across">By how many of its widths to its own right.</param>
    /// <param name="down">By how many of its heights downwards.</param>
    public Crop Moved(float across, float down)
    {
        KeyPoint centre = ToFrame(0.5f + across, 0.5f + down);
        return this with { CentreX = centre.X, CentreY = centre.Y };
    }

    /// <summary>Where a point of it is in the picture.</summary>
    /// <param name="x">From its left edge, 0, to its right one, 1; others lie outside.</param>
    /// <param name="y">From its upper edge, 0, to its lower one, 1.</param>
    public KeyPoint ToFrame(float x, float y)
    {
        (float sine, float cosine) = MathF.SinCos(Angle);
        float across = (x - 0.5f) * Width, down = (y - 0.5f) * Height;
        return new KeyPoint(CentreX + across * cosine - down * sine, CentreY + across * sine + down * cosine);
    }

    /// <summary>Where a point of the picture is in it: 0…1 from its left to its right edge, and from its upper to its lower one.</summary>
    public KeyPoint ToCrop(KeyPoint point)
    {
        (float sine, float cosine) = MathF.SinCos(Angle);
        float x = point.X - CentreX, y = point.Y - CentreY;
        return new KeyPoint((x * cosine + y * sine) / Width + 0.5f, (y * cosine - x * sine) / Height + 0.5f);
    }
}
