using System.Globalization;
using EdgeRuntime.Diagnostics;

namespace EdgeRuntime.Planning;

/// <summary>What an event of a session is about.</summary>
public enum BackendEventKind
{
    /// <summary>A backend failed, and the session went on without it or without some of its kernels.</summary>
    Fault,

    /// <summary>A backend that had failed came back.</summary>
    Return,

    /// <summary>A backend was prepared while frames ran elsewhere, and took over.</summary>
    Joined,
}

/// <summary>Something that went wrong with a device while a session went on without it, or its coming, or coming back.</summary>
/// <param name="Kind">What it is about.</param>
/// <param name="Time">When.</param>
/// <param name="Backend">The backend, such as vulkan.</param>
/// <param name="Device">Its device.</param>
/// <param name="Section">The part of the model it was at, as <c>Explain</c> calls it.</param>
/// <param name="Code">The kind of fault; of a return, of the fault before it; null where there was none.</param>
/// <param name="Reason">What happened and why.</param>
/// <param name="Consequence">How the session went on, and what became of the frame.</param>
/// <param name="Cost">What the frame lost: the time from the beginning of the attempt that failed until the frame was done, or failed elsewhere, which is an event of its own. Of what took over, what that cost the frame between two others. Zero for what happened beside frames.</param>
public sealed record BackendEvent(
    BackendEventKind Kind, DateTimeOffset Time, string Backend, string Device, string Section, ErrorCode? Code, string Reason, string Consequence, TimeSpan Cost)
{
    /// <summary>One line.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Time:HH:mm:ss} {(Kind == BackendEventKind.Fault && Code is { } code ? EdgeException.Format(code) : Kind == BackendEventKind.Return ? "back" : "joined")} {Backend} ({Device}) at {Section}: {Reason} {Consequence} Cost: {Cost.TotalMilliseconds:0.0} ms.");
}
