using EdgeRuntime.Format;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Verification;

/// <summary>What came of a model in integers on one backend.</summary>
/// <param name="Backend">Name of the backend.</param>
/// <param name="Steps">How many of the model's steps a session runs there; the rest runs on the CPU.</param>
/// <param name="Same">True where all outputs are the reference's bytes.</param>
/// <param name="MaxRel">The largest relative difference of an output.</param>
/// <param name="DifferentLayers">How many layers differ, each by itself, by more than they may; null where layers were not compared, since the whole is the same.</param>
/// <param name="Trouble">What went wrong; null where nothing did.</param>
internal sealed record IntegerOnBackend(string Backend, int Steps, bool Same, double MaxRel, int? DifferentLayers, string? Trouble);

/// <summary>A model in integers on all backends.</summary>
/// <param name="Model">Name of the model.</param>
/// <param name="Inputs">What it was run with.</param>
/// <param name="Layers">How many layers there are.</param>
/// <param name="Floats">The operators among them that compute in floats.</param>
/// <param name="Backends">The backends, the reference first; none where the model is not to be had.</param>
/// <param name="Reason">Why it is not to be had, or null.</param>
internal sealed record IntegerResult(string Model, string Inputs, int Layers, string[] Floats, IntegerOnBackend[] Backends, string? Reason)
{
    /// <summary>True where every output, or else every layer, is as it must be.</summary>
    public bool Passed => Array.TrueForAll(Backends, b => b.Trouble is null);
}

/// <summary>Runs models in integers on all backends. Where outputs of the whole differ, which they may behind layers of floats, all layers are compared one by one.</summary>
/// <param name="backends">The backends, the reference first.</param>
internal sealed class IntegerTrial(IReadOnlyList<ComparedBackend> backends)
{
    private const int Samples = 3;

    /// <summary>Tries a model.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="model">The model.</param>
    /// <param name="stop">Ends it.</param>
    public IntegerResult Run(string name, EdgeModel model, CancellationToken stop)
    {
        (Tensor[][] inputs, string what) = IntegerModels.Samples(model, Samples);
        var comparison = new BackendComparison(model.Graph, inputs[0], backends) { More = inputs[1..] };
        IReadOnlyList<WholeOnBackend> whole = comparison.RunWhole();
        (int layers, string[] floats) = comparison.CountLayers();
        IntegerOnBackend[] results = [.. whole.Select(w => new IntegerOnBackend(w.Backend, w.Steps, w.Same, w.MaxRelative, null, w.Wrong is not null ? $"output {w.Wrong} differs" : w.Events.Count > 0 ? w.Events[0] : null))];
        if (results.All(r => r.Same)) return new IntegerResult(name, $"{inputs.Length} {what}", layers, floats, results, null);
        BackendVerdict verdict = new BackendComparison(model.Graph, inputs[0], backends).Run(null, stop);
        for (int i = 1; i < results.Length; i++)
        {
            string? first = verdict.Layers.FirstOrDefault(l => l.Backends[i - 1].Different > 0)?.Node.Name;
            int different = verdict.Layers.Count(l => l.Backends[i - 1].Different > 0);
            results[i] = results[i] with { DifferentLayers = different, Trouble = first is not null ? $"layer {first} differs" : results[i].Trouble };
        }
        return new IntegerResult(name, $"{inputs.Length} {what}", layers, floats, results, null);
    }
}
