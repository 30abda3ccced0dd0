namespace EdgeRuntime.Format;

/// <summary>What the quantizer did to a model and what that cost in accuracy, as it measured it; a model file carries it.</summary>
public sealed record QuantizationEvidence
{
    /// <summary>How numbers are kept, such as int8 or mixed.</summary>
    public string Mode { get; init; } = "";

    /// <summary>Name and version of the tool that quantized.</summary>
    public string Tool { get; init; } = "";

    /// <summary>What the ranges were calibrated on, such as "64 pictures of photos/".</summary>
    public string Calibration { get; init; } = "";

    /// <summary>Number of samples that the ranges were calibrated on.</summary>
    public int CalibrationSamples { get; init; }

    /// <summary>The beginning of the SHA-256 of all samples' elements, in lower-case hexadecimal: two models with the same were calibrated on the same.</summary>
    public string CalibrationDigest { get; init; } = "";

    /// <summary>What was measured, such as AP@0.5 of the float model's detections.</summary>
    public string Metric { get; init; } = "";

    /// <summary>What it was measured on; in short.</summary>
    public string EvaluationSet { get; init; } = "";

    /// <summary>Number of samples it was measured on.</summary>
    public int EvaluationSamples { get; init; }

    /// <summary>The metric of the float model; 1 where the metric is likeness to it.</summary>
    public double FloatValue { get; init; }

    /// <summary>The metric of this model.</summary>
    public double Value { get; init; }

    /// <summary>The largest loss that was allowed, as a difference of the metric.</summary>
    public double MaxDrop { get; init; }

    /// <summary>The layers that compute, in their order.</summary>
    public IReadOnlyList<LayerEvidence> Layers { get; init; } = [];

    /// <summary>The ranges of quantized values, in the order of the graph.</summary>
    public IReadOnlyList<RangeEvidence> Ranges { get; init; } = [];

    /// <summary>What other mixtures of integers and floats came to, few layers in floats first; empty where none was tried.</summary>
    public IReadOnlyList<TradeOffEvidence> TradeOff { get; init; } = [];
}

/// <summary>What became of one layer.</summary>
public sealed record LayerEvidence
{
    /// <summary>Name of the layer.</summary>
    public string Name { get; init; } = "";

    /// <summary>Its operator.</summary>
    public string Operator { get; init; } = "";

    /// <summary>What it computes with: int8, or f32 with the weights' type, such as f32 with f16 weights.</summary>
    public string Precision { get; init; } = "";

    /// <summary>Signal-to-noise ratio of its result against the float model's, in decibels, all layers before it quantized too; null where the two are equal or it was not measured.</summary>
    public double? SignalToNoise { get; init; }

    /// <summary>The part of all noise that this layer adds, from 0 to 1.</summary>
    public double NoiseShare { get; init; }

    /// <summary>What the metric gains when only this layer stays in floats; null where it was not measured.</summary>
    public double? Gain { get; init; }

    /// <summary>Why it stayed in floats; empty for quantized layers.</summary>
    public string Reason { get; init; } = "";
}

/// <summary>The range that 8 bits stand for in one value.</summary>
public sealed record RangeEvidence
{
    /// <summary>Name of the value.</summary>
    public string Name { get; init; } = "";

    /// <summary>The real that the smallest number stands for.</summary>
    public float Low { get; init; }

    /// <summary>The real that the largest number stands for.</summary>
    public float High { get; init; }

    /// <summary>How it was chosen: min-max, percentile, mse or entropy.</summary>
    public string Method { get; init; } = "";
}

/// <summary>One mixture of integers and floats that was tried.</summary>
public sealed record TradeOffEvidence
{
    /// <summary>Layers in floats.</summary>
    public int FloatLayers { get; init; }

    /// <summary>The metric.</summary>
    public double Value { get; init; }

    /// <summary>Size of the graph and its weights in a file.</summary>
    public long Bytes { get; init; }
}
