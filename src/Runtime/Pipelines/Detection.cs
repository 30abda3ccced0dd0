using System.Runtime.CompilerServices;

namespace EdgeRuntime.Pipelines;

/// <summary>A thing found in a picture. Coordinates are pixels of the source picture, and may lie outside of it.</summary>
public struct Detection
{
    /// <summary>Left edge of the box.</summary>
    public float X;

    /// <summary>Upper edge of the box.</summary>
    public float Y;

    /// <summary>Width of the box.</summary>
    public float Width;

    /// <summary>Height of the box.</summary>
    public float Height;

    /// <summary>Confidence, 0…1.</summary>
    public float Score;

    /// <summary>Index of the class; 0 where there is only one.</summary>
    public int Label;

    /// <summary>The number that a tracker gave to the thing, from 1; 0 where there is no tracker or it is not sure yet.</summary>
    public int Track;

    /// <summary>How many of <see cref="Points"/> are used.</summary>
    public int PointCount;

    /// <summary>Key points. For BlazeFace: right eye, left eye, nose, mouth, right ear, left ear, as the person has them; for YuNet: right eye, left eye, nose, right and left corner of the mouth.</summary>
    public KeyPoints Points;
}

/// <summary>A point in pixels of the source picture.</summary>
/// <param name="X">From the left.</param>
/// <param name="Y">From the top.</param>
public readonly record struct KeyPoint(float X, float Y);

/// <summary>Room for as many key points as any pipeline gives, inline so that a detection is one block of memory.</summary>
[InlineArray(Capacity)]
public struct KeyPoints
{
    /// <summary>The number of points there is room for (the 21 of a hand are the most).</summary>
    public const int Capacity = 21;

    private KeyPoint first;
}
