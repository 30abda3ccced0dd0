using EdgeRuntime.Diagnostics;
using Spectre.Console;

namespace EdgeRuntime.Tools.Commands;

/// <summary>Where verbs print: results to standard output, progress and errors to standard error.</summary>
internal static class Terminal
{
    /// <summary>Columns where the output is no terminal, and says nothing itself through COLUMNS.</summary>
    private const int DefaultWidth = 120;

    /// <summary>Messages in a log or a pipe stay on one line: whoever searches them finds whole sentences.</summary>
    private const int Unwrapped = 1_000_000;

    /// <summary>Standard output: tables and results. Colours are off when it is no terminal.</summary>
    public static IAnsiConsole Out { get; } = Open(Console.Out, Console.IsOutputRedirected, DefaultWidth);

    /// <summary>Standard error: progress and errors, so that standard output stays clean for --json.</summary>
    public static IAnsiConsole Err { get; } = Open(Console.Error, Console.IsErrorRedirected, Unwrapped);

    private static IAnsiConsole Open(TextWriter writer, bool redirected, int redirectedWidth)
    {
        bool plain = redirected || Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 };
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = plain ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = plain ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Interactive = plain ? InteractionSupport.No : InteractionSupport.Detect,
        });
        bool wraps = !redirected || redirectedWidth != Unwrapped;
        if (wraps && int.TryParse(Environment.GetEnvironmentVariable("COLUMNS"), out int columns) && columns >= 40) console.Profile.Width = columns;
        else if (redirected) console.Profile.Width = redirectedWidth;
        return console;
    }

    /// <summary>Prints an error as one paragraph.</summary>
    public static void Error(EdgeException error)
    {
        Err.MarkupLineInterpolated($"[red]error {EdgeException.Format(error.Code)}[/]: {error.Problem}");
        if (error.Remedy is { } remedy) Err.MarkupLineInterpolated($"  {remedy}");
    }

    /// <summary>Prints an exception that nobody expected; where it came from only when EDGERT_TRACE is set.</summary>
    public static void Bug(Exception exception)
    {
        Err.MarkupLineInterpolated($"[red]error[/]: this is a bug in edgert: {exception.GetType().Name}: {exception.Message}");
        if (Environment.GetEnvironmentVariable("EDGERT_TRACE") is { Length: > 0 }) Err.WriteLine(exception.ToString());
        else Err.WriteLine("  Please report it with the command line that led here. EDGERT_TRACE=1 prints where it happened.");
    }
}
