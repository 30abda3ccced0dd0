using EdgeRuntime.Diagnostics;

namespace EdgeRuntime.Tools.Commands;

/// <summary>What the process returns.</summary>
internal static class ExitCode
{
    public const int Done = 0, FailedCheck = 1, BadInput = 2, DeviceTrouble = 3;

    /// <summary>An exception that nobody expected; the number is sysexits' EX_SOFTWARE.</summary>
    public const int Bug = 70;

    /// <summary>Ctrl-C; the number is the shells' 128 + SIGINT.</summary>
    public const int Interrupted = 130;

    /// <summary>The exit code for an error.</summary>
    public static int Of(ErrorCode code) => code == ErrorCode.AccuracyLost ? FailedCheck : code == ErrorCode.NoBackend || (int)code / 1000 == 6 ? DeviceTrouble : BadInput;
}
