using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tools.Commands;

namespace EdgeRuntime.Tools.Runs;

/// <summary>How a pipeline runs.</summary>
/// <param name="Session">Where the model runs.</param>
/// <param name="ScoreThreshold">Least score of a result, or null for what the model file says.</param>
internal sealed record PipelineOptions(SessionOptions Session, float? ScoreThreshold);

/// <summary>A pipeline that `edgert run` knows.</summary>
/// <param name="Name">What the user types.</param>
/// <param name="Description">One line of help.</param>
/// <param name="DefaultModel">The model of the zoo it takes when none is named.</param>
/// <param name="Create">Makes it; throws when the model is for another task.</param>
internal sealed record PipelineEntry(string Name, string Description, string DefaultModel, Func<EdgeModel, PipelineOptions, FramePipeline> Create);

/// <summary>All pipelines, one line each.</summary>
internal static class PipelineCatalog
{
    public static readonly PipelineEntry[] All =
    [
        new("face-detect", "finds faces: box, score, six key points", "blazeface-front", (model, options) => new FacePipeline(model, options)),
        new("object-detect", "finds things of 80 kinds: box, score, name", "centernet", (model, options) => new ObjectPipeline(model, options)),
        new("classify", "says what a picture shows: classes with their scores", "digits", (model, options) => new ClassifyPipeline(model, options)),
    ];

    /// <summary>The pipeline of that name.</summary>
    /// <exception cref="EdgeException">There is none.</exception>
    public static PipelineEntry Get(string name)
    {
        if (Array.Find(All, p => p.Name == name) is { } entry) return entry;
        string meant = UsageHint.Nearest(name, All.Select(p => p.Name)) is { } nearest ? $"Did you mean '{nearest}'? " : "";
        throw new EdgeException(ErrorCode.BadUsage, $"There is no pipeline '{name}'; there is {string.Join(", ", All.Select(p => p.Name))}.", $"{meant}`edgert run --help` describes them.");
    }
}
