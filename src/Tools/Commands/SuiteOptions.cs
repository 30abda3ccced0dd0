using System.CommandLine;
using System.Text.Json;
using EdgeRuntime.Backends;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tools.Benchmark;
using EdgeRuntime.Tools.Reference;
using EdgeRuntime.Tools.Zoo;

namespace EdgeRuntime.Tools.Commands;

/// <summary>The options of bench for the suite: --suite, --models, --seconds.</summary>
internal sealed class SuiteOptions
{
    private const double LongestSeconds = 3600;

    /// <summary>Medians of more runs than this are no better here.</summary>
    private const int MostRuns = 200;

    private readonly Option<bool> suite = new("--suite") { Description = "Instead of a model: the models of models/suite.json against ONNX Runtime, in floats and in integers, with one and two threads or those of --threads; with --backend all, placed by measuring against each backend alone." };

    private readonly Option<string?> models = new("--models") { Description = "With --suite: a folder with the ONNX files to be had by hand; they are known by content, whatever they are called." };

    private readonly Option<double> seconds = new("--seconds") { Description = "With --suite: how long each model is measured with each number of threads.", DefaultValueFactory = _ => 5 };

    /// <summary>Declares the options.</summary>
    public SuiteOptions(Command command)
    {
        command.Add(suite);
        command.Add(models);
        command.Add(seconds);
    }

    /// <summary>Whether the suite is asked for.</summary>
    public bool IsGiven(ParseResult parsed) => parsed.GetValue(suite);

    /// <summary>Measures each model of the suite where it is placed by measuring, beside each backend alone, and prints it.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="names">Names of models; all where there are none.</param>
    /// <param name="options">Threads and tuning.</param>
    /// <param name="runs">Runs of each side; null for as many as there is time for.</param>
    /// <param name="json">True to print JSON.</param>
    /// <param name="stop">Ends it.</param>
    public int Compare(ParseResult parsed, string[] names, SessionOptions options, int? runs, bool json, CancellationToken stop)
    {
        IReadOnlyList<SuiteModel> chosen = BenchSuite.Load().Choose(names);
        var run = new PlacementSuite(new SuiteFiles(ModelCache.Default, parsed.GetValue(models), chosen), new SuiteIntegers(Path.Combine(ModelCache.Default.Folder, "suite"), stop), options,
            new TurnLimits(runs ?? MostRuns, AtMost: TimeSpan.FromSeconds(parsed.GetValue(seconds))), stop);
        PlacementReport report = BenchProgress.Run("suite", progress => run.Run(chosen, progress));
        if (json) Console.Out.WriteLine(JsonSerializer.Serialize(report, SuiteJson.Default.PlacementReport));
        else
        {
            foreach (string line in PlacementTables.Of(report.Rows)) Console.Out.WriteLine(line);
            foreach (SuiteGap gap in report.Missing) Console.Out.WriteLine($"not measured: {gap.Model}: {gap.Reason}");
        }
        return ExitCode.Done;
    }

    /// <summary>Measures the suite and prints it; the exit code is that of a failed check where outputs differ.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="names">Names of models; all where there are none.</param>
    /// <param name="threads">The numbers of threads.</param>
    /// <param name="tuning">How our kernels are chosen.</param>
    /// <param name="runs">Runs of each side; null for as many as there is time for.</param>
    /// <param name="start">True to measure starting, too.</param>
    /// <param name="json">True to print JSON.</param>
    /// <param name="files">What else to write.</param>
    /// <param name="stop">Ends it.</param>
    public int Run(ParseResult parsed, string[] names, IReadOnlyList<int> threads, KernelTuning tuning, int? runs, bool start, bool json, BenchFiles files, CancellationToken stop)
    {
        double limit = parsed.GetValue(seconds);
        if (!(limit is > 0 and <= LongestSeconds)) throw new EdgeException(ErrorCode.BadUsage, FormattableString.Invariant($"--seconds {limit} is not within 0 and {LongestSeconds}."));
        IReadOnlyList<SuiteModel> chosen = BenchSuite.Load().Choose(names);
        var sources = new SuiteFiles(ModelCache.Default, parsed.GetValue(models), chosen);
        var integers = new SuiteIntegers(Path.Combine(ModelCache.Default.Folder, "suite"), stop);
        var settings = new SuiteSettings { Threads = threads, Limits = new TurnLimits(runs ?? MostRuns, AtMost: TimeSpan.FromSeconds(limit)), Tuning = tuning, Start = start, Stop = stop };
        var run = new SuiteRun(sources, integers, ReferenceRuntime.LoadWithProgress(stop), settings);
        SuiteReport report = BenchProgress.Run("suite", progress => run.Run(chosen, progress));
        if (json) Console.Out.WriteLine(JsonSerializer.Serialize(report, SuiteJson.Default.SuiteReport));
        else
            foreach (string line in SuiteTables.Of(report)) Console.Out.WriteLine(line);
        files.Write(parsed, report);
        return report.Rows.Any(r => r.OutputsMatch == false) ? ExitCode.FailedCheck : ExitCode.Done;
    }
}
