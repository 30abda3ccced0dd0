using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Evaluation;

namespace EdgeRuntime.Tools.Quantizing;

/// <summary>Some samples of a set, which owns them.</summary>
/// <param name="whole">The set.</param>
/// <param name="indices">Which.</param>
/// <param name="description">What to call them.</param>
internal sealed class SampleSubset(SampleSet whole, IReadOnlyList<int> indices, string description) : SampleSet
{
    /// <summary>Of how many samples one is held back.</summary>
    private const int Every = 4;

    /// <summary>Of fewer samples none is held back: ranges need them more.</summary>
    private const int FewestToDivide = 8;

    public override int Count => indices.Count;

    public override string Description => description;

    public override string NameOf(int index) => whole.NameOf(indices[index]);

    public override Tensor[] Inputs(int index) => whole.Inputs(indices[index]);

    /// <summary>Holds every fourth sample back from calibration, to measure on; of few samples both are all.</summary>
    public static (SampleSet Calibration, SampleSet Measured) Divide(SampleSet samples)
    {
        int[] all = [.. Enumerable.Range(0, samples.Count)];
        if (samples.Count < FewestToDivide) return (new SampleSubset(samples, all, samples.Description), new SampleSubset(samples, all, $"{samples.Description}, the same that ranges were found on"));
        int[] measured = [.. all.Where(i => i % Every == Every - 1)], others = [.. all.Where(i => i % Every != Every - 1)];
        return (new SampleSubset(samples, others, $"{others.Length} of {samples.Description}"), new SampleSubset(samples, measured, $"{measured.Length} of {samples.Description}, held back"));
    }
}
