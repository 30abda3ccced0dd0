using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeRuntime.Tools.Commands;
using EdgeRuntime.Tools.Evaluation.Evaluators;

namespace EdgeRuntime.Tools.Evaluation;

/// <summary>All that was measured in one run of eval.</summary>
internal sealed partial record EvalReport
{
    public required string Model { get; init; }

    public string? Reference { get; init; }

    public required string Backend { get; init; }

    public required string Device { get; init; }

    public required string Data { get; init; }

    public required int Samples { get; init; }

    /// <summary>The model by labels; null where there are none.</summary>
    public EvaluationResult? Own { get; init; }

    /// <summary>The reference by labels; null where there are none, or no reference.</summary>
    public EvaluationResult? Theirs { get; init; }

    /// <summary>The two compared; null where there is no reference.</summary>
    public EvaluationResult? Agreement { get; init; }

    /// <summary>All that there is of these.</summary>
    public IEnumerable<EvaluationResult> Results => new[] { Own, Theirs, Agreement }.OfType<EvaluationResult>();

    /// <summary>Puts results together: by labels the model's and the reference's, then the agreement.</summary>
    public static EvalReport Of(string model, string? reference, OpenBackend? opened, DataSource source, EvaluationResult[] results, bool hasLabels) => new()
    {
        Model = model, Reference = reference, Backend = opened?.Name ?? "", Device = opened?.Device ?? "", Data = source.Description, Samples = source.Samples.Count,
        Own = hasLabels ? results[0] : null, Theirs = hasLabels && reference is not null ? results[1] : null, Agreement = Array.Find(results, r => r.Kind == EvaluatorCatalog.Agreement),
    };

    /// <summary>A metric of the model or of the agreement, or null.</summary>
    public MetricValue? Find(string name) => (Own?.Metrics ?? []).Concat(Agreement?.Metrics ?? []).FirstOrDefault(m => m.Name == name);

    /// <summary>What --json prints: a contract.</summary>
    public string ToJson()
    {
        var document = new Document(Model, Reference, Backend, Device, Data, Samples, (Own ?? Agreement)!.Kind, Values(Own ?? Agreement), Theirs is null ? null : Values(Theirs), Own is null || Agreement is null ? null : Values(Agreement),
            Own is null ? [] : [.. Own.Classes.Select(c => new ClassDocument(c.Name, c.Samples, c.Metrics.ToDictionary(m => m.Name, m => Finite(m.Value))))],
            Own?.Confusion is { } counts ? [.. Enumerable.Range(0, counts.GetLength(0)).Select(row => Enumerable.Range(0, counts.GetLength(1)).Select(column => counts[row, column]).ToArray())] : null,
            [.. Own?.Texts ?? []], [.. (Agreement?.Outputs ?? []).Select(o => new OutputDocument(o.Name, o.Cosine, Finite(o.MaxAbsolute), Finite(o.SignalToNoise)))]);
        return JsonSerializer.Serialize(document, EvalJson.Default.Document);
    }

    private static Dictionary<string, double?> Values(EvaluationResult? result) => result!.Metrics.ToDictionary(m => m.Name, m => Finite(m.Value));

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;

    /// <summary>What --json prints. A number that is not finite is null.</summary>
    internal sealed record Document(string Model, string? Reference, string Backend, string Device, string Data, int Samples, string Metric, Dictionary<string, double?> Metrics,
        Dictionary<string, double?>? ReferenceMetrics, Dictionary<string, double?>? Agreement, ClassDocument[] Classes, int[][]? Confusion, TextResult[] Texts, OutputDocument[] Outputs);

    /// <summary>A class.</summary>
    internal sealed record ClassDocument(string Name, int Samples, Dictionary<string, double?> Metrics);

    /// <summary>An output of two models.</summary>
    internal sealed record OutputDocument(string Name, double Cosine, double? MaxAbs, double? SnrDb);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
    [JsonSerializable(typeof(Document))]
    private sealed partial class EvalJson : JsonSerializerContext;
}
