using EdgeRuntime.Sessions;

namespace EdgeRuntime.Pipelines;

/// <summary>How a <see cref="ObjectDetector"/> and its session run.</summary>
public sealed record ObjectDetectorOptions : SessionOptions
{
    /// <summary>The defaults.</summary>
    public ObjectDetectorOptions() { }

    /// <summary>Options of a session, for a detector.</summary>
    public ObjectDetectorOptions(SessionOptions session) : base(session) { }

    /// <summary>Least confidence of a thing, 0…1; null for what the model file says.</summary>
    public float? ScoreThreshold
    {
        get;
        init
        {
            if (value is < 0 or > 1 or float.NaN) throw new ArgumentOutOfRangeException(nameof(value), value, "A score threshold is within 0…1.");
            field = value;
        }
    }
}
