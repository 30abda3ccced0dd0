namespace EdgeRuntime.Pipelines;

/// <summary>What a crop shows of the world beyond the picture.</summary>
public enum CropEdge
{
    /// <summary>Black (pixel 0 before scaling).</summary>
    Black,

    /// <summary>The nearest pixel of the picture.</summary>
    Repeat,
}
