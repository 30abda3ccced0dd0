namespace EdgeRuntime.Pipelines;

/// <summary>How a <see cref="FaceDetector"/> runs.</summary>
public sealed record FaceDetectorOptions
{
    /// <summary>Least confidence of a face, 0…1; null for what the model file says.</summary>
    public float? ScoreThreshold
    {
        get;
        init
        {
            if (value is < 0 or > 1 or float.NaN) throw new ArgumentOutOfRangeException(nameof(value), value, "A score threshold is within 0…1.");
            field = value;
        }
    }

    /// <summary>Threads of the CPU backend, the calling one included; 0 for one a core.</summary>
    public int Threads
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            field = value;
        }
    }

    /// <summary>True to measure the duration of each step of the model.</summary>
    public bool Profile { get; init; }
}
