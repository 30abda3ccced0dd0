using System.Runtime.InteropServices;

namespace EdgeRuntime.Tools.Commands;

/// <summary>
/// Ctrl-C as a token, for verbs that have files to complete: the first one asks, a second one ends the process at once.
/// </summary>
internal sealed class Interrupt : IDisposable
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(300);

    private readonly CancellationTokenSource source = new();
    private readonly PosixSignalRegistration[] registrations;

    public Interrupt() =>
        registrations = [PosixSignalRegistration.Create(PosixSignal.SIGINT, Ask), PosixSignalRegistration.Create(PosixSignal.SIGTERM, Ask)];

    /// <summary>Cancelled by the first Ctrl-C.</summary>
    public CancellationToken Token => source.Token;

    /// <summary>True after the first Ctrl-C.</summary>
    public bool IsRequested => source.IsCancellationRequested;

    /// <summary>Whether something failed for Ctrl-C. In a terminal the programs that decode and encode for us hear it too, and may end before we know.</summary>
    public static bool Explains(CancellationToken stop) => stop.WaitHandle.WaitOne(Moment);

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in registrations) registration.Dispose();
        source.Dispose();
    }

    private void Ask(PosixSignalContext context)
    {
        if (source.IsCancellationRequested) return;
        context.Cancel = true;
        source.Cancel();
    }
}
