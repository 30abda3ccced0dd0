using EdgeRuntime.Format;
using EdgeRuntime.Tools.Zoo;

namespace EdgeRuntime.Tools.Quantizing;

/// <summary>What a report tells of a quantized model, beyond what the model file itself says.</summary>
internal sealed record QuantizationReport
{
    /// <summary>What did it, decided and measured what.</summary>
    public required QuantizationEvidence Evidence { get; init; }

    /// <summary>What the model is.</summary>
    public required ModelMetadata Metadata { get; init; }

    /// <summary>Size of the float model's file.</summary>
    public required long FloatBytes { get; init; }

    /// <summary>Size of this model's file.</summary>
    public required long Bytes { get; init; }

    /// <summary>Bytes of the constants of each layer of the float model, by name.</summary>
    public IReadOnlyDictionary<string, long> FloatLayerBytes { get; init; } = new Dictionary<string, long>();

    /// <summary>The same of this model.</summary>
    public IReadOnlyDictionary<string, long> LayerBytes { get; init; } = new Dictionary<string, long>();

    /// <summary>How the elements of each quantized value were spread.</summary>
    public IReadOnlyList<ValueHistogram> Values { get; init; } = [];

    /// <summary>What other mixtures came to, few layers in floats first.</summary>
    public IReadOnlyList<Trial> TradeOff { get; init; } = [];

    /// <summary>Pictures with what both models find in them.</summary>
    public IReadOnlyList<PicturePair> Pictures { get; init; } = [];

    /// <summary>Why the model is not shipped; null where it is.</summary>
    public string? Problem { get; init; }

    /// <summary>Gathers the report on a model.</summary>
    /// <param name="quantized">The model, and how it came about.</param>
    /// <param name="pictures">Where to take pictures from; null for the project's own.</param>
    /// <param name="problem">Why it is not shipped; null where it is.</param>
    /// <param name="stop">Ends it.</param>
    public static QuantizationReport Of(QuantizedModel quantized, string? pictures, string? problem = null, CancellationToken stop = default)
    {
        ModelMetadata metadata = quantized.Float.Metadata with { Quantization = quantized.Evidence };
        // The graph's memory is that of its model, which the caller owns.
        var model = new EdgeModel(quantized.Graph, metadata);
        string? source = pictures ?? (metadata.Task == "face-detection" ? ModelZoo.Default.Shipped("astronaut.png") : null);
        return new QuantizationReport
        {
            Evidence = quantized.Evidence,
            Metadata = metadata,
            FloatBytes = EdgeWriter.ToArray(quantized.Float).LongLength,
            Bytes = EdgeWriter.ToArray(model).LongLength,
            FloatLayerBytes = Quantizing.LayerBytes.Of(quantized.Float.Graph),
            LayerBytes = Quantizing.LayerBytes.Of(quantized.Graph),
            Values = quantized.Values,
            TradeOff = quantized.Assignment.TradeOff,
            Pictures = source is null ? [] : QuantizationPictures.Compare(quantized.Float, model, source, stop),
            Problem = problem,
        };
    }
}
