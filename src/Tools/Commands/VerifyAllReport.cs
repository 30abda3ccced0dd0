using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tools.Inspection;
using EdgeRuntime.Tools.Reference;
using EdgeRuntime.Tools.Verification;
using EdgeRuntime.Tools.Zoo;
using Spectre.Console;

namespace EdgeRuntime.Tools.Commands;

/// <summary>What <c>verify --all</c> does: tries every ONNX model of the zoo and of the folders given, and prints a table.</summary>
internal static partial class VerifyAllReport
{
    private const string Extension = ".onnx";

    /// <summary>A model to try.</summary>
    private sealed record Candidate(string Name, string Source, TrialFacts? Facts, Func<string> Locate);

    /// <summary>Tries all and prints; the exit code.</summary>
    /// <param name="given">Folders and files besides the zoo; names of the zoo, where not all of it is wanted.</param>
    /// <param name="steps">Steps of streams.</param>
    /// <param name="caseFolder">Where first bad layers are written as test cases, or null.</param>
    /// <param name="options">Where models run.</param>
    /// <param name="json">Whether to print JSON.</param>
    /// <param name="stop">Ends it.</param>
    public static int Run(string[] given, int steps, string? caseFolder, SessionOptions options, bool json, CancellationToken stop)
    {
        ILookup<bool, string> isName = given.ToLookup(g => !Path.Exists(g) && ModelZoo.Default.Find(g) is not null);
        Candidate[] candidates = [.. OfZoo([.. isName[true]], stop), .. isName[false].SelectMany(OfFolder)];
        if (candidates.Length == 0) throw new EdgeException(ErrorCode.BadUsage, "There is no ONNX model to verify.", "Give a folder that holds some.");
        using var opened = new OpenBackend(options with { Threads = options.Threads > 0 ? options.Threads : 1 });
        IReferenceRuntime reference = ReferenceRuntime.LoadWithProgress(stop);
        TrialResult[] results = RunAll(candidates, reference, opened.Options, steps, caseFolder, stop);
        int Count(params TrialStatus[] statuses) => results.Count(r => statuses.Contains(r.Result));
        var report = new AllModels(opened.Name, $"{reference.Name} {reference.Version}", OutputComparison.Tolerance, Count(TrialStatus.Passed, TrialStatus.PassedByLayers), Count(TrialStatus.Failed), Count(TrialStatus.Skipped), results);
        if (json) Console.Out.WriteLine(JsonSerializer.Serialize(report, AllJson.Default.AllModels));
        else Print(report);
        return report.Failed == 0 ? ExitCode.Done : ExitCode.FailedCheck;
    }

    private static IEnumerable<Candidate> OfZoo(string[] only, CancellationToken stop) => ModelZoo.Default.All
        .Where(m => (!m.ByHand || only.Length > 0 || ModelCache.Default.Find(m) is not null) && m.File.EndsWith(Extension, StringComparison.Ordinal) && (only.Length == 0 || only.Contains(m.Name, StringComparer.OrdinalIgnoreCase)))
        .Select(m => new Candidate(m.Name, m.Source, m.Trial, () => ModelCache.Default.Pull(m, stop: stop)));

    /// <summary>The models of a folder; one that is in the zoo too is known there.</summary>
    private static IEnumerable<Candidate> OfFolder(string folder)
    {
        string[] files = File.Exists(folder) ? [folder] : Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, $"*{Extension}", SearchOption.AllDirectories).Order(StringComparer.Ordinal)]
            : throw new EdgeException(ErrorCode.CannotRead, $"There is no folder '{folder}'.", "Check the path.");
        return files.Select(file => new Candidate(NameOf(file), file, ModelZoo.Default.FindBySha256(ModelCache.HashOf(file))?.Trial, () => file));
    }

    /// <summary>Where each model has a folder of its own, and all are called alike, the folder tells them apart.</summary>
    private static string NameOf(string file) =>
        Path.GetFileNameWithoutExtension(file) is var name && name is "model" && Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(file))) is { Length: > 0 } folder ? folder : name;

    private static TrialResult[] RunAll(Candidate[] candidates, IReferenceRuntime reference, SessionOptions options, int steps, string? caseFolder, CancellationToken stop)
    {
        var results = new TrialResult[candidates.Length];
        if (!Terminal.Err.Profile.Capabilities.Interactive)
        {
            for (int i = 0; i < results.Length; i++) results[i] = Try(candidates[i], _ => { });
            return results;
        }
        Terminal.Err.Progress().Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn()).Start(context =>
        {
            ProgressTask task = context.AddTask("models", maxValue: results.Length);
            for (int i = 0; i < results.Length; i++)
            {
                int done = i;
                task.Description = ShortText.Fit(candidates[i].Name, 24).EscapeMarkup();
                results[i] = Try(candidates[i], share => task.Value = done + share);
                task.Value = i + 1;
            }
        });
        return results;

        TrialResult Try(Candidate candidate, Action<double> progress)
        {
            stop.ThrowIfCancellationRequested();
            try
            {
                return new ModelTrial(reference, options, steps, caseFolder, progress, stop).Run(candidate.Name, candidate.Source, candidate.Locate(), candidate.Facts);
            }
            catch (EdgeException e) when (e.Code is ErrorCode.CannotFetch or ErrorCode.MissingTool)
            {
                return new TrialResult { Model = candidate.Name, Source = candidate.Source, Result = TrialStatus.Skipped, Reason = e.Problem };
            }
        }
    }

    private static void Print(AllModels report)
    {
        Console.Out.WriteLine($"{"model",-32} {"shapes",6} {"inputs",6} {"max rel",9} {"integers",8} {"arg-max",7} {"convert",9} result");
        foreach (TrialResult r in report.Models)
        {
            Console.Out.WriteLine($"{ShortText.Cut(r.Model, 32),-32} {r.Shapes.Count,6} {(r.Steps > 1 ? $"{r.Inputs / r.Steps}x{r.Steps}" : $"{r.Inputs}"),6} {r.MaxRel,9:0.0e+00} " +
                $"{Word(r.IntegersEqual),8} {Word(r.ArgMaxEqual),7} {$"{r.ConvertMs:N0} ms",9} {Mark(r.Result)}");
        }
        foreach (TrialResult r in report.Models.Where(r => r.Reason.Length > 0)) Console.Out.WriteLine($"{r.Model}: {r.Reason.Trim().ReplaceLineEndings(" ")}");
        Console.Out.WriteLine($"{report.Passed} passed, {report.Failed} failed, {report.Skipped} skipped; {report.Backend} against {report.Reference}, tolerance {report.Tolerance:0.0e+00}");
    }

    private static string Word(bool? equal) => equal switch { true => "equal", false => "DIFFER", null => "-" };

    private static string Mark(TrialStatus status) => status switch
    {
        TrialStatus.Passed => "passed",
        TrialStatus.PassedByLayers => "by layers",
        TrialStatus.Failed => "FAILED",
        _ => "skipped",
    };

    /// <summary>What --json prints.</summary>
    internal sealed record AllModels(string Backend, string Reference, double Tolerance, int Passed, int Failed, int Skipped, TrialResult[] Models);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
    [JsonSerializable(typeof(AllModels))]
    private sealed partial class AllJson : JsonSerializerContext;
}
