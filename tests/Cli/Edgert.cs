using System.Diagnostics;
using Xunit;

namespace EdgeRuntime.Tests.Cli;

/// <summary>Starts the built program as a user would.</summary>
internal static class Edgert
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>Runs to the end.</summary>
    public static Result Run(params string[] arguments) => Finish(Start(arguments));

    /// <summary>Starts in the background, standard input closed.</summary>
    public static Process Start(params string[] arguments) => Launch(new Dictionary<string, string>(), arguments);

    /// <summary>Runs to the end, with a variable of the environment set.</summary>
    public static Result RunWith(string variable, string value, params string[] arguments) =>
        Finish(Launch(new Dictionary<string, string> { [variable] = value }, arguments));

    /// <summary>Runs to the end, started by another program, such as one that limits what it may use.</summary>
    public static Result RunThrough(string[] starter, params string[] arguments) => Finish(Launch([], arguments, starter));

    /// <summary>Starts in the background by another program.</summary>
    public static Process StartThrough(string[] starter, params string[] arguments) => Launch([], arguments, starter);

    private static Process Launch(Dictionary<string, string> variables, string[] arguments, string[]? starter = null)
    {
        string program = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "edgert.exe" : "edgert");
        if (starter is not null) arguments = [.. starter[1..], program, .. arguments];
        var start = new ProcessStartInfo(starter is null ? program : starter[0], arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // Where the runtime of this process is, for installations that are in no standard place.
            Environment = { ["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", "..")) },
        };
        foreach ((string name, string value) in variables) start.Environment[name] = value;
        Process process = Process.Start(start)!;
        process.StandardInput.Close();
        return process;
    }

    /// <summary>Waits for the end and takes what was printed.</summary>
    public static Result Finish(Process process)
    {
        using (process)
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
            if (!process.WaitForExit(Patience))
            {
                process.Kill(entireProcessTree: true);
                Assert.Fail($"edgert did not end within {Patience.TotalMinutes} minutes: {string.Join(' ', process.StartInfo.ArgumentList)}");
            }
            return new Result(process.ExitCode, output.Result, errors.Result);
        }
    }
}

/// <summary>How a run of the program ended.</summary>
internal sealed record Result(int ExitCode, string Output, string Errors)
{
    /// <summary>Checks that it failed as users may expect: that code, one paragraph with those words on standard error, nothing on standard output.</summary>
    public void AssertFailed(int exitCode, string error, params string[] words)
    {
        Assert.True(exitCode == ExitCode, $"exit code {ExitCode}, expected {exitCode}\n{Output}\n{Errors}");
        Assert.Contains($"error {error}", Errors);
        Assert.All(words, word => Assert.Contains(word, Errors));
        Assert.DoesNotContain("   at ", Errors);
        Assert.DoesNotContain("Exception", Errors);
        Assert.Empty(Output);
    }
}
