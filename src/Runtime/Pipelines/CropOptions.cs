using EdgeRuntime.Sessions;

namespace EdgeRuntime.Pipelines;

/// <summary>How a <see cref="CropStage"/> and its sessions run.</summary>
public record CropOptions : DetectorOptions
{
    /// <summary>The most things of a frame that can be looked at.</summary>
    public const int MostAtOnce = 64;

    /// <summary>The defaults.</summary>
    public CropOptions() { }

    /// <summary>Options of a session, for such a stage.</summary>
    public CropOptions(SessionOptions session) : base(session) { }

    /// <summary>Whether things are followed from frame to frame, so that each keeps a number.</summary>
    public bool Follows { get; init; }

    /// <summary>Whether boxes and points of what is followed are smoothed.</summary>
    public bool Smooths { get; init; }

    /// <summary>No more things of a frame are looked at, 1…64; the best are.</summary>
    public int Most
    {
        get;
        init
        {
            if (value is < 1 or > MostAtOnce) throw new ArgumentOutOfRangeException(nameof(value), value, $"Within 1…{MostAtOnce} things can be looked at.");
            field = value;
        }
    } = 16;
}
