using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Verification;
using Spectre.Console;

namespace EdgeRuntime.Tools.Commands;

/// <summary>What <c>verify --onnx-tests</c> does: runs cases through import, passes and a backend, and counts.</summary>
internal static partial class OnnxTestsReport
{
    /// <summary>Runs all cases below a folder and prints; the exit code.</summary>
    public static int Run(string folder, SessionOptions options, bool json, CancellationToken stop)
    {
        IReadOnlyList<string> cases = OnnxTestCase.Find(folder);
        if (cases.Count == 0) throw new EdgeException(ErrorCode.CannotRead, $"'{folder}' holds no test case: nowhere below it is a model.onnx.", "Give a folder in the form of ONNX's backend tests.");
        using var opened = new OpenBackend(options with { Threads = options.Threads > 0 ? options.Threads : 1 });
        OnnxTestResult[] results = RunAll(cases, opened.Options, stop);
        int Count(OnnxTestStatus status) => results.Count(r => r.Status == status);
        var report = new OnnxTests(Count(OnnxTestStatus.Passed), Count(OnnxTestStatus.Failed), Count(OnnxTestStatus.Skipped),
            [.. results.Select(r => new OnnxTestLine(r.Name, r.Status.ToString().ToLowerInvariant(), r.Reason, r.Backends))]);
        if (json)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(report, OnnxTestsJson.Default.OnnxTests));
        }
        else
        {
            foreach (OnnxTestLine line in report.Cases.Where(c => c.Status != "passed")) Console.Out.WriteLine($"{line.Status,-8} {line.Name}: {line.Reason.ReplaceLineEndings(" ")}");
            foreach (IGrouping<string?, OnnxTestLine> same in report.Cases.Where(c => c.Status == "passed").GroupBy(c => c.Backends))
                Console.Out.WriteLine($"{same.Count()} passed on {same.Key ?? "no backend: folded or interpreted"}");
            Console.Out.WriteLine($"{report.Passed} passed, {report.Failed} failed, {report.Skipped} skipped");
        }
        return report.Failed == 0 ? ExitCode.Done : ExitCode.FailedCheck;
    }

    private static OnnxTestResult[] RunAll(IReadOnlyList<string> cases, SessionOptions options, CancellationToken stop)
    {
        var results = new OnnxTestResult[cases.Count];
        if (!Terminal.Err.Profile.Capabilities.Interactive)
        {
            RunEach(() => { });
            return results;
        }
        Terminal.Err.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn()).Start(context =>
        {
            ProgressTask task = context.AddTask($"{cases.Count} cases", maxValue: cases.Count);
            RunEach(() => task.Increment(1));
        });
        return results;

        void RunEach(Action done)
        {
            for (int i = 0; i < results.Length; i++)
            {
                stop.ThrowIfCancellationRequested();
                results[i] = new OnnxTestCase(cases[i]) { Convert = Converter.Optimize, Options = options }.Run();
                done();
            }
        }
    }

    /// <summary>What --json prints.</summary>
    internal sealed record OnnxTests(int Passed, int Failed, int Skipped, OnnxTestLine[] Cases);

    /// <summary>One case.</summary>
    internal sealed record OnnxTestLine(string Name, string Status, string Reason, string? Backends);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
    [JsonSerializable(typeof(OnnxTests))]
    private sealed partial class OnnxTestsJson : JsonSerializerContext;
}
