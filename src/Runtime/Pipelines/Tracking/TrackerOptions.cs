namespace EdgeRuntime.Pipelines.Tracking;

/// <summary>How things are followed.</summary>
public sealed record TrackerOptions
{
    /// <summary>Detections of this score or more are matched first, and begin new tracks, 0…1.</summary>
    public float HighScore { get; init; } = 0.5f;

    /// <summary>Detections of this score or more may go on with a track that none of a high score matches: things that are half hidden.</summary>
    public float LowScore { get; init; } = 0.1f;

    /// <summary>Least intersection over union, times score, of a track and a detection of a high score.</summary>
    public float LeastOverlap { get; init; } = 0.2f;

    /// <summary>Least intersection over union of a track and a detection of a low score.</summary>
    public float LeastLowOverlap { get; init; } = 0.5f;

    /// <summary>For how long a thing that is out of sight keeps its number.</summary>
    public TimeSpan Memory { get; init; } = TimeSpan.FromSeconds(1.2);

    /// <summary>Frames in which a thing must have been seen, one after the other, before it has a number.</summary>
    public int Confirmations { get; init; } = 2;

    /// <summary>Smooths boxes and points of what is followed with <see cref="OneEuroFilter"/>.</summary>
    public bool Smooths { get; init; }
}
