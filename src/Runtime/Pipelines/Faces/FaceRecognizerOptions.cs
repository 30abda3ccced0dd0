using EdgeRuntime.Sessions;

namespace EdgeRuntime.Pipelines.Faces;

/// <summary>How a <see cref="FaceRecognizer"/> and its sessions run.</summary>
public sealed record FaceRecognizerOptions : CropOptions
{
    /// <summary>The defaults.</summary>
    public FaceRecognizerOptions() { }

    /// <summary>Options of a session, for a recognizer.</summary>
    public FaceRecognizerOptions(SessionOptions session) : base(session) { }

    /// <summary>From which likeness (cosine, -1…1) on two faces are taken for one person's; null for what the model file says.</summary>
    public float? LeastLikeness
    {
        get;
        init
        {
            if (value is < -1 or > 1 or float.NaN) throw new ArgumentOutOfRangeException(nameof(value), value, "A likeness is within -1…1.");
            field = value;
        }
    }
}
