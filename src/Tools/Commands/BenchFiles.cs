using System.CommandLine;
using EdgeRuntime.Graphs;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tools.Benchmark;

namespace EdgeRuntime.Tools.Commands;

/// <summary>The files that bench writes besides what it prints: --html, a page, and --trace, runs for a viewer of traces.</summary>
internal sealed class BenchFiles
{
    private const int TracedRuns = 5;

    private readonly Option<string?> html = new("--html") { Description = "Write a page about all of it, with the layers and the machine's measured peaks: one file that needs nothing else." };

    private readonly Option<string?> trace = new("--trace") { Description = $"Write {TracedRuns} runs, each step and each worker's tiles, for ui.perfetto.dev or chrome://tracing." };

    /// <summary>Declares the options.</summary>
    public BenchFiles(Command command)
    {
        command.Add(html);
        command.Add(trace);
    }

    /// <summary>True when a page is asked for, which shows layers and peaks.</summary>
    public bool HasPage(ParseResult parsed) => parsed.GetValue(html) is not null;

    /// <summary>Writes what is asked for.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="reports">What was measured.</param>
    /// <param name="graph">The model.</param>
    /// <param name="places">Where it ran.</param>
    public void Write(ParseResult parsed, IReadOnlyList<BenchReport> reports, Graph graph, IReadOnlyList<SessionOptions> places)
    {
        if (parsed.GetValue(html) is { } page && reports.Count > 0)
        {
            BenchPage.Write(page, reports);
            Console.Error.WriteLine($"Wrote {page}.");
        }
        if (parsed.GetValue(trace) is not { } file) return;
        TraceFile.Write(file, [.. places.Select(options => RunTrace.Record(graph, Title(graph, options), options, TracedRuns))]);
        Console.Error.WriteLine($"Wrote {file}; open it in https://ui.perfetto.dev or chrome://tracing.");
    }

    /// <summary>Writes what is asked for of a suite.</summary>
    public void Write(ParseResult parsed, SuiteReport report)
    {
        if (parsed.GetValue(html) is not { } page) return;
        SuitePage.Write(page, report);
        Console.Error.WriteLine($"Wrote {page}.");
    }

    private static string Title(Graph graph, SessionOptions options) =>
        $"{graph.Name}, {options.Backend.ToString().ToLowerInvariant()}, {(options.Threads == 1 ? "1 thread" : $"{(options.Threads == 0 ? Environment.ProcessorCount : options.Threads)} threads")}";
}
