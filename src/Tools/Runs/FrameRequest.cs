using EdgeRuntime.Backends;

namespace EdgeRuntime.Tools.Runs;

/// <summary>What was asked of pipelines of pictures.</summary>
/// <param name="Pipelines">The pipelines.</param>
/// <param name="Source">Where pictures come from.</param>
/// <param name="Models">Models that were named, in the order of the pipelines.</param>
/// <param name="Save">Where annotated frames go, or null.</param>
/// <param name="Json">Whether results are printed as JSON.</param>
/// <param name="Options">How models run.</param>
/// <param name="Limit">Frames at most.</param>
internal sealed record FrameRequest(
    FrameEntry[] Pipelines, string Source, string[] Models, string? Save, bool Json, PipelineOptions Options, long Limit)
{
    /// <summary>How it runs in realtime, or null.</summary>
    public RealtimeOptions? Realtime { get; init; }

    /// <summary>What the first frames wait for, given whether frames come that do not.</summary>
    public required Func<bool, StartPolicy> Start { get; init; }

    /// <summary>What is listened to beside pictures, or null.</summary>
    public string? Sound { get; init; }

    /// <summary>Who listens, or null.</summary>
    public PromptEntry? Hears { get; init; }

    /// <summary>Whether what is said is written down.</summary>
    public bool WritesWords => Hears is not null && Hears.Name != PipelineCatalog.Voice;

    /// <summary>The model of who listens.</summary>
    public string HearingModel => Models.ElementAtOrDefault(Pipelines.Length) ?? Hears!.DefaultModel;

    /// <summary>The model that finds things for pipelines of two models, or null for each one's own.</summary>
    public string? Finder { get; init; }

    /// <summary>Where the run is recorded, or null.</summary>
    public string? Record { get; init; }
}
