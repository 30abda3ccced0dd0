using EdgeRuntime.Graphs;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Evaluation;
using EdgeRuntime.Tools.Verification;

namespace EdgeRuntime.Tools.Benchmark;

/// <summary>Numbers by chance for a model of known shapes, where only its speed counts.</summary>
/// <param name="graph">The model.</param>
internal sealed class ChanceSamples(Graph graph) : SampleSet
{
    public override int Count => 16;

    public override string Description => $"{Count} inputs by chance";

    public override string NameOf(int index) => $"input {index}";

    public override Tensor[] Inputs(int index) => RandomInput.For(graph, seed: index + 1);
}
