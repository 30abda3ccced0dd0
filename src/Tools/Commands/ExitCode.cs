using EdgeRuntime.Diagnostics;

namespace EdgeRuntime.Tools.Commands;

/// <summary>What the process returns.</summary>
internal static class ExitCode
{
    public const int Done = 0, FailedCheck = 1, BadInput = 2, DeviceTrouble = 3;

    /// <summary>The exit code for an error.</summary>
    public static int Of(ErrorCode code) => (int)code / 1000 == 6 ? DeviceTrouble : BadInput;
}
