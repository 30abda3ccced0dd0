using EdgeRuntime.Graphs;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Evaluation;

namespace EdgeRuntime.Tests.Quantizing;

/// <summary>Samples made by a seeded generator of numbers, from -1 to 1; of inputs that are called so, the first element of each row is huge.</summary>
internal sealed class MadeSamples(Graph graph, int count) : SampleSet
{
    /// <summary>Name of the input with huge elements.</summary>
    public const string Wild = "wild";

    /// <summary>How large they are.</summary>
    public const float Huge = 10_000;

    public override int Count => count;

    public override string Description => $"{count} made samples";

    public override string NameOf(int index) => $"sample {index}";

    public override Tensor[] Inputs(int index)
    {
        var random = new Random(index + 1);
        return [.. graph.Inputs.Select(input => Fill(new Tensor(input.Type), input.Name == Wild, random))];
    }

    private static Tensor Fill(Tensor tensor, bool isWild, Random random)
    {
        Span<float> elements = tensor.Span<float>();
        for (int i = 0; i < elements.Length; i++) elements[i] = 2 * random.NextSingle() - 1;
        for (int i = 0; isWild && i < elements.Length; i += tensor.Shape[-1]) elements[i] = Huge * (1 + random.NextSingle()) / 2;
        return tensor;
    }
}
