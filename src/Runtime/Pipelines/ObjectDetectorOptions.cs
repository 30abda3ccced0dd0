using EdgeRuntime.Sessions;

namespace EdgeRuntime.Pipelines;

/// <summary>How an <see cref="ObjectDetector"/> and its session run.</summary>
public sealed record ObjectDetectorOptions : DetectorOptions
{
    /// <summary>The defaults.</summary>
    public ObjectDetectorOptions() { }

    /// <summary>Options of a session, for a detector.</summary>
    public ObjectDetectorOptions(SessionOptions session) : base(session) { }
}
