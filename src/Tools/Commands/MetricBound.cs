using System.Globalization;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Tools.Evaluation;

namespace EdgeRuntime.Tools.Commands;

/// <summary>What a metric must be at least.</summary>
internal sealed record MetricBound(string Metric, double Least)
{
    /// <summary>Reads METRIC=VALUE.</summary>
    /// <exception cref="EdgeException">It is none.</exception>
    public static MetricBound Parse(string text)
    {
        int at = text.IndexOf('=');
        return at > 0 && double.TryParse(text[(at + 1)..], NumberStyles.Float, CultureInfo.InvariantCulture, out double least) && double.IsFinite(least) ? new MetricBound(text[..at], least)
            : throw new EdgeException(ErrorCode.BadUsage, $"--at-least {text} is no METRIC=VALUE.", "Such as --at-least top1=0.975; a share is of 1.");
    }

    /// <summary>Refuses bounds of what was not measured.</summary>
    /// <exception cref="EdgeException">There is one.</exception>
    public static void Check(IEnumerable<MetricBound> bounds, EvalReport report)
    {
        if (bounds.FirstOrDefault(b => report.Find(b.Metric) is null) is { } unknown)
            throw new EdgeException(ErrorCode.BadUsage, $"--at-least {unknown.Metric}: no such metric was measured.", $"There are {string.Join(", ", report.Results.SelectMany(r => r.Metrics).Select(m => m.Name).Distinct())}.");
    }

    /// <summary>Whether all hold; says which do not. What is no number holds nothing.</summary>
    public static bool AllHold(IEnumerable<MetricBound> bounds, EvalReport report)
    {
        bool all = true;
        foreach (MetricBound bound in bounds)
        {
            MetricValue metric = report.Find(bound.Metric)!;
            if (metric.Value >= bound.Least) continue;
            all = false;
            Console.Error.WriteLine($"{bound.Metric} is {metric.Value:0.######}, less than {bound.Least:0.######}");
        }
        return all;
    }
}
