using EdgeRuntime.Tools.Evaluation;

namespace EdgeRuntime.Tools.Quantizing;

/// <summary>How a model is quantized.</summary>
internal sealed record QuantizationOptions
{
    /// <summary>Makes the samples that ranges are found on, for the float model, whose metadata says how pictures and sound become inputs; they belong to the quantizer.</summary>
    public required Func<Format.EdgeModel, SampleSet> Calibration { get; init; }

    /// <summary>The largest loss of the metric, such as 0.01 for one point of a hundred.</summary>
    public double MaxDrop { get; init; } = 0.01;

    /// <summary>Told what is being done and how far it is, from 0 to 1.</summary>
    public Action<string, double>? Progress { get; init; }
}
