using EdgeRuntime.Diagnostics;

namespace EdgeRuntime.Planning;

/// <summary>Something that went wrong with a device while a session went on without it.</summary>
/// <param name="Time">When.</param>
/// <param name="Backend">The backend, such as vulkan.</param>
/// <param name="Device">Its device.</param>
/// <param name="Section">The part of the model it was at, as <c>Explain</c> calls it.</param>
/// <param name="Code">The kind of fault.</param>
/// <param name="Reason">What happened and why.</param>
/// <param name="Consequence">How the session went on.</param>
public sealed record BackendEvent(DateTimeOffset Time, string Backend, string Device, string Section, ErrorCode Code, string Reason, string Consequence)
{
    /// <summary>One line.</summary>
    public override string ToString() => $"{Time:HH:mm:ss} {EdgeException.Format(Code)} {Backend} ({Device}) at {Section}: {Reason} {Consequence}";
}
