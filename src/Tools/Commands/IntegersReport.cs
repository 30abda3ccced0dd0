using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Tools.Benchmark;
using EdgeRuntime.Tools.Inspection;
using EdgeRuntime.Tools.Verification;
using EdgeRuntime.Tools.Zoo;

namespace EdgeRuntime.Tools.Commands;

/// <summary>What <c>verify --all --backends</c> prints: every model in integers on every backend, and whether the bytes are the same.</summary>
internal static partial class IntegersReport
{
    /// <summary>Tries all and prints; the exit code.</summary>
    /// <param name="given">Names of models, where not all are wanted, and a folder with models to be had by hand.</param>
    /// <param name="backends">The backends, the reference first.</param>
    /// <param name="json">Whether to print JSON.</param>
    /// <param name="stop">Ends it.</param>
    public static int Run(string[] given, IReadOnlyList<ComparedBackend> backends, bool json, CancellationToken stop)
    {
        string? folder = given.FirstOrDefault(Directory.Exists);
        string[] names = [.. given.Where(g => g != folder)];
        if (names.FirstOrDefault(n => IntegerModels.All.All(m => m.Name != n)) is { } unknown)
            throw new EdgeException(ErrorCode.BadUsage, $"There is no model '{unknown}' in integers; there are {string.Join(", ", IntegerModels.All.Select(m => m.Name))}.");
        SuiteModel[] models = [.. IntegerModels.All.Where(m => names.Length == 0 || names.Contains(m.Name))];
        var source = new IntegerModels(new SuiteFiles(ModelCache.Default, folder, models), new SuiteIntegers(Path.Combine(ModelCache.Default.Folder, "suite"), stop));
        var trial = new IntegerTrial(backends);
        if (!json) PrintHead(backends);
        var results = new List<IntegerResult>();
        foreach (SuiteModel model in models)
        {
            stop.ThrowIfCancellationRequested();
            (EdgeModel? loaded, string? reason) = source.Get(model, stop);
            using (loaded) results.Add(loaded is null ? new IntegerResult(model.Name, "", 0, [], [], reason) : trial.Run(model.Name, loaded, stop));
            if (!json) Print(results[^1]);
        }
        var report = new Report(backends[0].Name, results.All(r => r.Passed), [.. results]);
        if (json) Console.Out.WriteLine(JsonSerializer.Serialize(report, IntegersJson.Default.Report));
        else PrintEnd(report);
        return report.Passed ? ExitCode.Done : ExitCode.FailedCheck;
    }

    private static void PrintHead(IReadOnlyList<ComparedBackend> backends) =>
        Console.Out.WriteLine($"| model | inputs | layers | in floats | {string.Join(" | ", backends.Skip(1).Select(b => b.Name))} |\n|---|---|---|---|{string.Concat(Enumerable.Repeat("---|", backends.Count - 1))}");

    private static void Print(IntegerResult r)
    {
        if (r.Reason is not null) return;
        string floats = r.Floats.Length == 0 ? "none" : $"{r.Floats.Length}: {string.Join(", ", r.Floats.GroupBy(f => f).Select(g => g.Count() > 1 ? $"{g.Count()} {g.Key}" : g.Key))}";
        Console.Out.WriteLine($"| {r.Model} | {r.Inputs} | {r.Layers} | {floats} | {string.Join(" | ", r.Backends.Skip(1).Select(b => Word(b, r.Layers)))} |");
    }

    private static string Word(IntegerOnBackend b, int layers)
    {
        string taken = b.Steps < layers ? $", {b.Steps} there" : "";
        return b.Same && b.Trouble is null ? $"equal{taken}" : b.Trouble is null ? FormattableString.Invariant($"layers equal, outputs {b.MaxRel:0.0e+00}{taken}") : $"**DIFFER** ({b.Trouble}){taken}";
    }

    private static void PrintEnd(Report report)
    {
        foreach (IntegerResult r in report.Models.Where(r => r.Reason is not null)) Console.Out.WriteLine($"{r.Model}: left out, {ShortText.Cut(r.Reason!.Trim().ReplaceLineEndings(" "), 300)}");
        Console.Out.WriteLine($"{report.Models.Count(r => r.Passed && r.Reason is null)} the same, {report.Models.Count(r => !r.Passed)} differ, {report.Models.Count(r => r.Reason is not null)} left out; the reference is {report.Reference}");
    }

    /// <summary>What --json prints.</summary>
    internal sealed record Report(string Reference, bool Passed, IntegerResult[] Models);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
    [JsonSerializable(typeof(Report))]
    private sealed partial class IntegersJson : JsonSerializerContext;
}
