using EdgeRuntime.Sessions;

namespace EdgeRuntime.Pipelines;

/// <summary>How a <see cref="FaceDetector"/> and its session run.</summary>
public sealed record FaceDetectorOptions : DetectorOptions
{
    /// <summary>The defaults.</summary>
    public FaceDetectorOptions() { }

    /// <summary>Options of a session, for a detector.</summary>
    public FaceDetectorOptions(SessionOptions session) : base(session) { }
}
