using EdgeRuntime.Format;
using EdgeRuntime.Graphs;

namespace EdgeRuntime.Tools.Runs;

/// <summary>What to call the classes of a model.</summary>
internal static class LabelNames
{
    /// <summary>The model file's labels or, where it has none, the classes' numbers.</summary>
    public static IReadOnlyList<string> Of(EdgeModel model)
    {
        if (model.Metadata.Labels.Count > 0) return model.Metadata.Labels;
        GraphOutput? scores = model.Graph.Outputs.FirstOrDefault(o => o.Name == model.Metadata.Decoder?.Outputs.GetValueOrDefault("scores"));
        return scores is null ? [] : [.. Enumerable.Range(0, (int)scores.Value.Type.Shape.Count).Select(i => $"class {i}")];
    }
}
