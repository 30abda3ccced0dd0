using System.Diagnostics.Metrics;

namespace EdgeRuntime.Realtime;

/// <summary>
/// An engine's lanes as instruments of System.Diagnostics.Metrics, which OpenTelemetry and dotnet-counters read: edgeruntime.captured, edgeruntime.ended (by outcome), edgeruntime.latency (seconds from capture
/// to result, by quantile) and edgeruntime.rate (results a second), each by lane. They are read when somebody asks, so frames cost nothing more.
/// </summary>
public sealed class EngineMeter : IDisposable
{
    /// <summary>What to ask for.</summary>
    public const string Name = "EdgeRuntime";

    private static readonly double[] Quantiles = [0.5, 0.95, 0.99];

    private readonly RealtimeEngine engine;

    /// <summary>Publishes an engine, whose lanes have been added.</summary>
    public EngineMeter(RealtimeEngine engine)
    {
        ArgumentNullException.ThrowIfNull(engine);
        this.engine = engine;
        Meter.CreateObservableCounter("edgeruntime.captured", () => engine.Lanes.Select(l => new Measurement<long>(l.Counts.Captured, Tag(l))), "{frame}");
        Meter.CreateObservableCounter("edgeruntime.ended", Ended, "{frame}");
        Meter.CreateObservableGauge("edgeruntime.latency", Latency, "s");
        Meter.CreateObservableGauge("edgeruntime.rate", () => engine.Lanes.Select(l => new Measurement<double>(l.Results.PerSecond, Tag(l))), "{frame}/s");
    }

    /// <summary>The meter.</summary>
    public Meter Meter { get; } = new(Name);

    /// <inheritdoc/>
    public void Dispose() => Meter.Dispose();

    private IEnumerable<Measurement<long>> Ended()
    {
        foreach (Lane lane in engine.Lanes)
        {
            FrameCounts counts = lane.Counts;
            foreach ((string outcome, long count) in ((string, long)[])[
                ("result", counts.Results), ("failed_over", counts.FailedOver), ("timed_out", counts.TimedOut), ("replaced", counts.Replaced),
                ("overrun", counts.Overrun), ("failed", counts.Failed), ("stopped", counts.Stopped)])
                yield return new Measurement<long>(count, Tag(lane), new("outcome", outcome));
        }
    }

    private IEnumerable<Measurement<double>> Latency() =>
        from lane in engine.Lanes
        where lane.CaptureToResult.Count > 0
        from quantile in Quantiles
        select new Measurement<double>(lane.CaptureToResult.Percentile(quantile).TotalSeconds, Tag(lane), new("quantile", quantile));

    private static KeyValuePair<string, object?> Tag(Lane lane) => new("lane", lane.Name);
}
