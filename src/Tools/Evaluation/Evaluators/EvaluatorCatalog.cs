using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Sessions;

namespace EdgeRuntime.Tools.Evaluation.Evaluators;

/// <summary>What an evaluator is made from.</summary>
/// <param name="Model">The model.</param>
/// <param name="Source">The samples.</param>
/// <param name="Session">Where it runs.</param>
/// <param name="Threshold">The score from which something counts as found, or null for the metric's own.</param>
/// <param name="Decoder">The model that turns its results into words, or null.</param>
internal sealed record EvaluatorRequest(EdgeModel Model, DataSource Source, SessionOptions Session, double? Threshold, EdgeModel? Decoder = null);

/// <summary>A kind of evaluation: what its samples must say to be right, and how it is made.</summary>
internal sealed record EvaluatorEntry(string Metric, Type Truth, string Labels, Func<EvaluatorRequest, Evaluator> Create);

/// <summary>All kinds of evaluation by labels, one line each; agreement of two models needs no labels and is <see cref="AgreementEvaluator"/>.</summary>
internal static class EvaluatorCatalog
{
    /// <summary>How likeness to another model is called.</summary>
    public const string Agreement = "agreement";

    /// <summary>How errors of words are called.</summary>
    public const string Words = "words";

    public static readonly EvaluatorEntry[] All =
    [
        new("classification", typeof(ClassTruth), "a class for each sample", request => new ClassEvaluator(request)),
        new("detection", typeof(BoxesTruth), "boxes for each picture", request => new DetectionEvaluator(request)),
        new("speech", typeof(SpeechTruth), "times of speech", request => new VoiceEvaluator(request)),
        new(Words, typeof(WordsTruth), "the words of each sample", WordEvaluator.Of),
        new("letters", typeof(LettersTruth), "a text", request => new LetterEvaluator(request)),
    ];

    /// <summary>What the samples' labels can be used for, or null where they have none.</summary>
    /// <param name="source">The samples.</param>
    /// <param name="metric">What is asked for, or null for what fits.</param>
    /// <exception cref="EdgeException">The samples do not say what the metric needs.</exception>
    public static EvaluatorEntry? For(DataSource source, string? metric)
    {
        EvaluatorEntry? fitting = Array.Find(All, e => source.Samples.All(s => e.Truth.IsInstanceOfType(s.Truth)));
        if (metric is null || metric == Agreement || fitting?.Metric == metric) return metric == Agreement ? null : fitting;
        string needed = Array.Find(All, e => e.Metric == metric)!.Labels;
        throw new EdgeException(ErrorCode.BadUsage, $"For --metric {metric} the samples must say {needed}; {source.Description} {(fitting is null ? "have no labels" : $"say {fitting.Labels}")}.", "Give other data, or leave --metric out.");
    }
}
