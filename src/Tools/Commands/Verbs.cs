using System.CommandLine;
using EdgeRuntime.Diagnostics;

namespace EdgeRuntime.Tools.Commands;

/// <summary>All verbs of the command line, and how each ends: with an exit code and, when it fails, one paragraph.</summary>
internal static class Verbs
{
    private static readonly Func<Command>[] All =
    [
        DemoCommand.Create,
        RunCommand.Create,
        ReplayCommand.Create,
        DevicesCommand.Create,
        ModelsCommand.Create,
        ConvertCommand.Create,
        InspectCommand.Create,
        OperatorsCommand.Create,
        VerifyCommand.Create,
        EvalCommand.Create,
        BenchCommand.Create,
        BenchEngineCommand.Create,
        BindingsCommand.Create,
        ShadersCommand.Create,
    ];

    /// <summary>Parses and runs; returns the exit code (see <see cref="ExitCode"/>).</summary>
    public static int Run(string[] args)
    {
        var root = new RootCommand("EdgeRuntime: converts ONNX models, runs them in real time, and shows what ran where and how long it took.");
        foreach (Func<Command> verb in All) root.Add(verb());
        ParseResult parsed = root.Parse(args.Length == 0 ? ["--help"] : args);
        if (parsed.Errors.Count > 0)
        {
            Terminal.Error(new EdgeException(ErrorCode.BadUsage, UsageHint.Problem(parsed), UsageHint.Remedy(parsed)));
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
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }
        catch (BrokenPipeException)
        {
            return ExitCode.Done; // The reader has what it wanted, as in `edgert run ... --json | head -1`.
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            // Files are opened in many places; what the system says about them is a good enough answer in all of them.
            ErrorCode code = e is FileNotFoundException or DirectoryNotFoundException ? ErrorCode.CannotRead : ErrorCode.CannotWrite;
            Terminal.Error(new EdgeException(code, e.Message, "Check the path, its permissions, and the space left on the disk."));
            return ExitCode.BadInput;
        }
        catch (Exception e)
        {
            Terminal.Bug(e);
            return ExitCode.Bug;
        }
    }
}
