using EdgeRuntime.Diagnostics;
using EdgeRuntime.Tools.Recording;

namespace EdgeRuntime.Tools.Runs;

/// <summary>The end of a recording.</summary>
internal static class RecordingEnd
{
    /// <summary>Completes a recording, if there is one, and tells where it is; where the run has failed that is what is thrown.</summary>
    public static void Tell(SessionRecorder? recorder, Exception? failure)
    {
        try
        {
            if (recorder is not null) Console.Error.WriteLine($"recorded {recorder.Complete()}");
        }
        catch (EdgeException e) when (failure is not null)
        {
            Console.Error.WriteLine(e.Problem);
        }
    }
}
