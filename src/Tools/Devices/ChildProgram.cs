using System.ComponentModel;
using System.Diagnostics;

namespace EdgeRuntime.Tools.Devices;

/// <summary>Asks programs that may or may not be installed what they are.</summary>
internal static class ChildProgram
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>The first line a program prints; null when it is not installed, fails or takes too long.</summary>
    public static string? FirstLine(string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            process.StandardInput.Close();
            process.ErrorDataReceived += (_, _) => { };
            process.BeginErrorReadLine();
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            if (process.WaitForExit(Patience) && output.Wait(Patience))
                return process.ExitCode == 0 ? output.Result.Split('\n')[0].Trim() : null;
            process.Kill(entireProcessTree: true);
            return null;
        }
        catch (Win32Exception)
        {
            return null; // Not installed: that is the answer.
        }
    }
}
