using EdgeRuntime.Backends;
using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Verification;
using EdgeRuntime.Tools.Zoo;

namespace EdgeRuntime.Tools.Evaluation;

/// <summary>
/// Numbers of words or letters by chance, for models of the zoo that take such and nothing else: what becomes of them inside is as wide as of real ones. State is fed back from each sample to the next.
/// </summary>
internal sealed class MadeInputs : SampleSet
{
    private const int Samples = 64, Seed = 1;

    private readonly List<Tensor[]> samples = [];

    private MadeInputs(EdgeModel model, ModelFacts facts)
    {
        Graph graph = model.Graph;
        var made = new TrialInputs(graph, facts.Case);
        Shape[] shapes = TrialShapes.Of(graph, facts.Case);
        using var session = new InferenceSession(graph, new SessionOptions { Backend = BackendKind.Cpu });
        var state = new Tensor?[shapes.Length];
        for (int step = 0; step < Samples; step++)
        {
            Tensor[] inputs = made.Make(shapes, Seed, step);
            for (int i = 0; i < inputs.Length; i++)
            {
                if (!facts.State.ContainsKey(graph.Inputs[i].Name)) continue;
                inputs[i].View.Bytes.Clear();
                state[i]?.View.Bytes.CopyTo(inputs[i].View.Bytes);
            }
            samples.Add(inputs);
            if (facts.State.Count == 0) continue;
            session.Run(Array.ConvertAll(inputs, t => t.View));
            for (int i = 0; i < inputs.Length; i++)
                if (facts.State.TryGetValue(graph.Inputs[i].Name, out string? output)) state[i] = LayerVerifier.Copy(session.Output(session.OutputIndex(output)));
        }
    }

    public override int Count => samples.Count;

    public override string Description => $"{samples.Count} inputs by chance";

    /// <summary>Inputs for a model, or null where it takes more than numbers of things, or nobody says how many of them there are.</summary>
    public static MadeInputs? For(EdgeModel model)
    {
        ZooModel? known = model.Metadata.SourceSha256.Length > 0 ? ModelZoo.Default.FindBySha256(model.Metadata.SourceSha256) : null;
        var facts = new ModelFacts(model);
        bool knows = known?.Trial is { Cases.Length: > 0 } && model.Graph.Inputs.All(i => facts.State.ContainsKey(i.Name) ? i.Type.Shape.IsStatic : !i.Type.DataType.IsFloat());
        return knows ? new MadeInputs(model, facts) : null;
    }

    public override string NameOf(int index) => $"made input {index}";

    public override Tensor[] Inputs(int index) => Array.ConvertAll(samples[index], t => LayerVerifier.Copy(t.View));

    public override void Dispose()
    {
        foreach (Tensor tensor in samples.SelectMany(s => s)) tensor.Dispose();
    }
}
