using EdgeRuntime.Graphs;

namespace EdgeRuntime.Tools.Quantizing;

/// <summary>What the search decided, and what it saw on the way.</summary>
internal sealed record Assignment
{
    /// <summary>The candidate that was chosen; where none keeps the bounds, the best one that the mode allows.</summary>
    public required Trial Chosen { get; init; }

    /// <summary>Its graph.</summary>
    public required Graph Graph { get; init; }

    /// <summary>Why it cannot be shipped; null where it can.</summary>
    public string? Problem { get; init; }

    /// <summary>The candidate with nothing in floats that could be quantized.</summary>
    public required Trial Plain { get; init; }

    /// <summary>What quantization does to each layer, with all of them quantized.</summary>
    public required IReadOnlyDictionary<Layer, LayerNoise> Noise { get; init; }

    /// <summary>What the metric gains when only that layer stays in floats, for those where it was measured.</summary>
    public required IReadOnlyDictionary<Layer, double> Gains { get; init; }

    /// <summary>All layers, those that cost most first.</summary>
    public required IReadOnlyList<Layer> Ranking { get; init; }

    /// <summary>Candidates from the first of the ranking in floats to all of them, as far as they were tried; few layers in floats first.</summary>
    public required IReadOnlyList<Trial> TradeOff { get; init; }

    /// <summary>The share of all added noise that a layer adds.</summary>
    public double ShareOf(Layer layer)
    {
        double all = Noise.Values.Sum(n => Math.Min(n.Own, 1));
        return all > 0 && Noise.TryGetValue(layer, out LayerNoise noise) ? Math.Min(noise.Own, 1) / all : 0;
    }
}
