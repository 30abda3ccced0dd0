using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Tools.Zoo;

namespace EdgeRuntime.Tools.Evaluation;

/// <summary>What is known of a model's inputs: what its file says and, for a model of the zoo, what the manifest says; a file that was made before the manifest knew is completed by it.</summary>
internal sealed class ModelFacts
{
    public ModelFacts(EdgeModel model)
    {
        ModelMetadata metadata = model.Metadata;
        ZooModel? known = metadata.SourceSha256.Length > 0 ? ModelZoo.Default.FindBySha256(metadata.SourceSha256) : null;
        Case = known?.Trial?.Cases.FirstOrDefault() ?? new TrialCase();
        Sound = metadata.Sound ?? known?.Sound;
        Image = metadata.Image ?? known?.Image;
        Decoder = metadata.Decoder ?? known?.Decoder;
        Labels = metadata.Labels.Count > 0 ? metadata.Labels : known?.Labels ?? [];
        Task = metadata.Task.Length > 0 ? metadata.Task : known?.Task ?? "";
        State = metadata.State.Count > 0 ? metadata.State : known?.State ?? StateOf(model.Graph, known?.Trial);
    }

    /// <summary>Shapes and elements of inputs that are no content, such as a rate of samples.</summary>
    public TrialCase Case { get; }

    /// <summary>How sound becomes an input, or null.</summary>
    public SoundInput? Sound { get; }

    /// <summary>How a picture becomes an input, or null.</summary>
    public ImageInput? Image { get; }

    /// <summary>What outputs mean, or null.</summary>
    public DecoderInfo? Decoder { get; }

    /// <summary>Names of classes, or none.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>What the model is for; empty when nobody said.</summary>
    public string Task { get; }

    /// <summary>For each input that carries state, the output that is fed back to it.</summary>
    public IReadOnlyDictionary<string, string> State { get; }

    private static Dictionary<string, string> StateOf(Graph graph, TrialFacts? facts)
    {
        var state = new Dictionary<string, string>();
        foreach ((string pattern, string output) in facts?.State ?? [])
            foreach (Value input in graph.Inputs)
                if (TrialFacts.Match(pattern, input.Name) is { } text) state[input.Name] = output.Replace("*", text, StringComparison.Ordinal);
        return state;
    }
}
