using EdgeRuntime.Format;
using EdgeRuntime.Tools.Evaluation;

namespace EdgeRuntime.Tools.Quantizing;

/// <summary>How a model is quantized.</summary>
internal sealed record QuantizationOptions
{
    /// <summary>The largest loss where nothing is said.</summary>
    public const double DefaultDrop = 0.015;

    /// <summary>No loss is larger than this where nothing is said, however few results there are.</summary>
    private const double LargestDefault = 2 * DefaultDrop;

    /// <summary>What is kept in few bits.</summary>
    public QuantizationMode Mode { get; init; }

    /// <summary>Makes the samples that ranges are found on, for the float model, whose metadata says how pictures and sound become inputs; they belong to the quantizer.</summary>
    public required Func<EdgeModel, SampleSet> Calibration { get; init; }

    /// <summary>
    /// How ranges are found. Percentiles, of which each value gets the one that costs its readers least, keep the peaks that detectors look for; by square error they would be cut off more.
    /// </summary>
    public RangeMethod Ranges { get; init; } = RangeMethod.Percentile;

    /// <summary>Makes what a candidate is measured by, for the float model; null for its agreement with the float model on samples that ranges were not found on.</summary>
    public Func<EdgeModel, AccuracyMeasure>? Measure { get; init; }

    /// <summary>The largest loss of the metric, such as 0.01 for one point of a hundred; null for <see cref="DefaultDrop"/>, or for one result of all where there are too few to tell so little.</summary>
    public double? MaxDrop { get; init; }

    /// <summary>Bytes that the file may have; null for any number.</summary>
    public long? MostBytes { get; init; }

    /// <summary>How long a run may take on this machine, in milliseconds; null for any time.</summary>
    public double? MostMilliseconds { get; init; }

    /// <summary>True to measure some mixtures more than the decision needs, for the curve of a report.</summary>
    public bool TradeOff { get; init; }

    /// <summary>Told what is being done and how far it is, from 0 to 1.</summary>
    public Action<string, double>? Progress { get; init; }

    /// <summary>Ends it.</summary>
    public CancellationToken Stop { get; init; }

    /// <summary>The largest loss by a measure that has measured.</summary>
    public double MaxDropBy(AccuracyMeasure measure) => MaxDrop ?? Math.Clamp(measure.Resolution, DefaultDrop, LargestDefault);
}
