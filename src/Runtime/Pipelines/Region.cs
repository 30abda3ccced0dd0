using EdgeRuntime.Operators;

namespace EdgeRuntime.Pipelines;

/// <summary>A rectangle of a picture, in pixels; it may reach beyond the picture.</summary>
/// <param name="X">Left edge.</param>
/// <param name="Y">Upper edge.</param>
/// <param name="Width">Width, more than 0.</param>
/// <param name="Height">Height, more than 0.</param>
public readonly record struct Region(float X, float Y, float Width, float Height)
{
    /// <summary>The smallest rectangle of the given aspect ratio around the same centre that holds this one.</summary>
    /// <param name="width">Width of any rectangle of that aspect ratio.</param>
    /// <param name="height">Its height.</param>
    public Region ExtendedTo(int width, int height)
    {
        (float x, float y, float across, float down) = ImageToTensor.Extended(X, Y, Width, Height, width, height);
        return new Region(x, y, across, down);
    }
}
