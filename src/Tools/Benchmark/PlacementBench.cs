using EdgeRuntime.Backends;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Sessions;

namespace EdgeRuntime.Tools.Benchmark;

/// <summary>How fast a model is where it is placed by measuring, beside each backend alone: all take turns in one run.</summary>
internal static class PlacementBench
{
    private const string Auto = "auto";

    private static readonly BackendKind[] Devices = [BackendKind.Vulkan, BackendKind.OpenCl];

    /// <summary>Measures.</summary>
    /// <param name="subject">The model.</param>
    /// <param name="variant">Such as fp32 or int8.</param>
    /// <param name="options">Threads, tuning, and where measurements are kept.</param>
    /// <param name="limits">How many runs are counted.</param>
    /// <param name="stop">Ends it.</param>
    public static PlacementRow Measure(BenchSubject subject, string variant, SessionOptions options, TurnLimits limits, CancellationToken stop)
    {
        var sessions = new List<InferenceSession>();
        var sides = new List<Contender>();
        var notes = new List<string>();
        try
        {
            // Placed first, as in a process that has run nothing before.
            InferenceSession placed = Begin(Auto, options with { Backend = BackendKind.Auto, Device = null, Placement = PlacementRule.Measure });
            Begin("cpu", options with { Backend = BackendKind.Cpu, Device = null, Placement = PlacementRule.Order });
            foreach (BackendKind kind in Devices)
            {
                string name = kind.ToString().ToLowerInvariant();
                try
                {
                    Begin(name, options with { Backend = kind, Placement = PlacementRule.Order });
                }
                catch (EdgeException e) when (e.Code is ErrorCode.NoBackend or >= ErrorCode.DeviceTrouble and < ErrorCode.BadUsage)
                {
                    notes.Add($"{name}: {e.Problem}");
                }
            }
            Turns.Measure(sides, limits, options.Threads, stop: stop);
            PlacementSide[] figures = [.. from side in sides let summary = side.Samples.Summarize() select new PlacementSide(side.Samples.Stage, side.Samples.Count, summary.MedianMs, summary.MinMs)];
            PlacementSide[] alone = figures[1..];
            MeasuredPlacement? found = placed.Placement?.Measured.FirstOrDefault();
            return new PlacementRow(subject.Name, variant, options.Threads, figures, string.Join("+", placed.Placement?.Backends.Select(b => b.Name) ?? []), found?.SpentMs, found?.Source.ToString().ToLowerInvariant(),
                figures[0].MedianMs / alone.Min(s => s.MedianMs), figures[0].MinMs / alone.Min(s => s.MinMs), [.. notes]);
        }
        finally
        {
            foreach (InferenceSession session in sessions) session.Dispose();
        }

        InferenceSession Begin(string name, SessionOptions own)
        {
            var session = new InferenceSession(subject.Graph, own);
            sessions.Add(session);
            session.Run(subject.Views);
            sides.Add(new Contender(name, ModelBenchmark.RunOf(session, subject)));
            return session;
        }
    }
}

/// <summary>A model placed by measuring, and each backend alone.</summary>
/// <param name="Model">The model.</param>
/// <param name="Variant">What it computes with.</param>
/// <param name="Threads">Threads of the CPU.</param>
/// <param name="Sides">Auto first, then each backend.</param>
/// <param name="On">Where auto runs it.</param>
/// <param name="MeasuringMs">How long measuring took when the model was placed; null where nothing was measured.</param>
/// <param name="Source">Whether that was now or at an earlier start.</param>
/// <param name="Ratio">The median of auto by that of the best backend alone.</param>
/// <param name="MinRatio">The same of the least times.</param>
/// <param name="Notes">What was not measured, and why.</param>
internal sealed record PlacementRow(
    string Model, string Variant, int Threads, PlacementSide[] Sides, string On, double? MeasuringMs, string? Source, double Ratio, double MinRatio, string[] Notes);

/// <summary>One of the sides.</summary>
internal sealed record PlacementSide(string Name, int Runs, double MedianMs, double MinMs);

/// <summary>All that was measured.</summary>
internal sealed record PlacementReport(MachineFacts Machine, PlacementRow[] Rows, SuiteGap[] Missing);
