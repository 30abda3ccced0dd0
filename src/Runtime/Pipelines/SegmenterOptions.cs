using EdgeRuntime.Sessions;

namespace EdgeRuntime.Pipelines;

/// <summary>How a <see cref="PictureSegmenter"/> and its session run.</summary>
public sealed record SegmenterOptions : SessionOptions
{
    /// <summary>The defaults.</summary>
    public SegmenterOptions() { }

    /// <summary>Options of a session, for a segmenter.</summary>
    public SegmenterOptions(SessionOptions session) : base(session) { }

    /// <summary>
    /// How long a pixel of which the model is wholly unsure takes to go two thirds of the way to what the newest frames say; zero for masks that know nothing of the frames before. What the model is sure
    /// of is never delayed. For videos and cameras, in the order of their frames' times.
    /// </summary>
    public TimeSpan Smoothing
    {
        get;
        init
        {
            if (value < TimeSpan.Zero || value > TimeSpan.FromMinutes(1)) throw new ArgumentOutOfRangeException(nameof(value), value, "Smoothing is within 0 and 1 minute.");
            field = value;
        }
    }
}
