using System.CommandLine;
using EdgeRuntime.Diagnostics;

namespace EdgeRuntime.Tools.Commands;

/// <summary>All verbs of the command line, and how each ends: with an exit code and, when it fails, one paragraph.</summary>
internal static class Verbs
{
    private static readonly Func<Command>[] All =
    [
    ];

    /// <summary>Parses and runs; returns the exit code (see <see cref="ExitCode"/>).</summary>
    public static int Run(string[] args)
    {
        var root = new RootCommand("EdgeRuntime: converts ONNX models, runs them in real time, and shows what ran where and how long it took.");
        foreach (Func<Command> verb in All) root.Add(verb());
        ParseResult parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            Terminal.Error(new EdgeException(ErrorCode.BadUsage, string.Join(" ", parsed.Errors.Select(e => e.Message)), "Run with --help to see what there is."));
            return ExitCode.BadInput;
        }
        try
        {
            return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (EdgeException e)
        {
            Terminal.Error(e);
            return ExitCode.Of(e.Code);
        }
    }
}
