namespace EdgeRuntime.Tools.Evaluation;

/// <summary>What was measured of one model on one set.</summary>
internal sealed record EvaluationResult
{
    /// <summary>What was measured, such as classification.</summary>
    public required string Kind { get; init; }

    /// <summary>The numbers, the most telling one first.</summary>
    public required IReadOnlyList<MetricValue> Metrics { get; init; }

    /// <summary>What is said of each class; empty where there are none.</summary>
    public IReadOnlyList<ClassResult> Classes { get; init; } = [];

    /// <summary>Counts of true classes in rows and found ones in columns, for <see cref="Classes"/>; null where there are none.</summary>
    public int[,]? Confusion { get; init; }

    /// <summary>Outputs of two models compared; empty where there is one model.</summary>
    public IReadOnlyList<OutputResult> Outputs { get; init; } = [];

    /// <summary>What was said and what was written down of it.</summary>
    public IReadOnlyList<TextResult> Texts { get; init; } = [];

    /// <summary>Curves for the report.</summary>
    public IReadOnlyList<CurveResult> Curves { get; init; } = [];
}

/// <summary>One number.</summary>
/// <param name="Name">Its name in JSON.</param>
/// <param name="Title">Its name for people.</param>
/// <param name="Value">The number.</param>
/// <param name="Unit">How it is written.</param>
internal sealed record MetricValue(string Name, string Title, double Value, MetricUnit Unit = MetricUnit.Share)
{
    /// <summary>Whether a smaller number is a better one, as of errors.</summary>
    public bool LessIsBetter { get; init; }

    /// <summary>The number for people.</summary>
    public string Text => Unit switch
    {
        _ when double.IsNaN(Value) => "-",
        MetricUnit.Share => $"{100 * Value:0.00} %",
        MetricUnit.Count => $"{Value:N0}",
        _ => $"{Value:0.0000}",
    };
}

/// <summary>How a metric is written.</summary>
internal enum MetricUnit
{
    /// <summary>A share of 1, in per cent.</summary>
    Share,

    /// <summary>A whole number.</summary>
    Count,

    /// <summary>A number.</summary>
    Number,
}

/// <summary>What is said of a class: how many samples or things are of it, and shares by the metric's name.</summary>
internal sealed record ClassResult(string Name, int Samples, IReadOnlyList<MetricValue> Metrics);

/// <summary>How far an output of one model is from the other's.</summary>
internal sealed record OutputResult(string Name, double Cosine, double MaxAbsolute, double SignalToNoise);

/// <summary>What was said in a sample, and what was written down.</summary>
internal sealed record TextResult(string Name, string Said, string Written);

/// <summary>A curve to draw.</summary>
internal sealed record CurveResult(string Title, string X, string Y, IReadOnlyList<(string Name, IReadOnlyList<(double X, double Y)> Points)> Series);
