using System.Globalization;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Tools.Evaluation;

namespace EdgeRuntime.Tools.Commands;

/// <summary>What a metric must be at least, or at most.</summary>
internal sealed record MetricBound(string Metric, double Value, bool IsLeast)
{
    private string Option => IsLeast ? "--at-least" : "--at-most";

    /// <summary>Reads METRIC=VALUE.</summary>
    /// <exception cref="EdgeException">It is none.</exception>
    public static MetricBound Parse(string text, bool isLeast)
    {
        int at = text.IndexOf('=');
        return at > 0 && double.TryParse(text[(at + 1)..], NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value) ? new MetricBound(text[..at], value, isLeast)
            : throw new EdgeException(ErrorCode.BadUsage, $"'{text}' is no METRIC=VALUE.", "Such as --at-least top1=0.975 or --at-most wer=0.1; a share is of 1.");
    }

    /// <summary>Refuses bounds of what was not measured.</summary>
    /// <exception cref="EdgeException">There is one.</exception>
    public static void Check(IEnumerable<MetricBound> bounds, EvalReport report)
    {
        if (bounds.FirstOrDefault(b => report.Find(b.Metric) is null) is { } unknown)
            throw new EdgeException(ErrorCode.BadUsage, $"{unknown.Option} {unknown.Metric}: no such metric was measured.", $"There are {string.Join(", ", report.Results.SelectMany(r => r.Metrics).Select(m => m.Name).Distinct())}.");
    }

    /// <summary>Whether all hold; says which do not. What is no number holds nothing.</summary>
    public static bool AllHold(IEnumerable<MetricBound> bounds, EvalReport report)
    {
        bool all = true;
        foreach (MetricBound bound in bounds)
        {
            MetricValue metric = report.Find(bound.Metric)!;
            if (bound.IsLeast ? metric.Value >= bound.Value : metric.Value <= bound.Value) continue;
            all = false;
            Console.Error.WriteLine($"{bound.Metric} is {metric.Value:0.######}, {(bound.IsLeast ? "less" : "more")} than {bound.Value:0.######}");
        }
        return all;
    }
}
