using EdgeRuntime.Sessions;

namespace EdgeRuntime.Pipelines;

/// <summary>How a <see cref="PictureDetector"/> and its session run.</summary>
public record DetectorOptions : SessionOptions
{
    /// <summary>The defaults.</summary>
    public DetectorOptions() { }

    /// <summary>Options of a session, for a detector.</summary>
    public DetectorOptions(SessionOptions session) : base(session) { }

    /// <summary>Least confidence of what is found, 0…1; null for what the model file says.</summary>
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
