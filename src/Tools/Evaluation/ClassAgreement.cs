using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Evaluation;

/// <summary>The share of samples for which both models find the same class best.</summary>
internal sealed class ClassAgreement : Agreement
{
    private readonly int output;
    private int samples, same;

    /// <summary>Prepares for a model whose decoder is of the kind classes.</summary>
    /// <exception cref="EdgeException">The decoder names no output of the model.</exception>
    public ClassAgreement(EdgeModel model, DecoderInfo classes) => output = OutputOf(model, classes, "scores");

    public override string Name => "same best class";

    public override double Value => samples == 0 ? 1 : (double)same / samples;

    public override void Add(ReadOnlySpan<TensorView> reference, ReadOnlySpan<TensorView> candidate)
    {
        samples++;
        if (Best(reference[output].Span<float>()) == Best(candidate[output].Span<float>())) same++;
    }

    private static int Best(ReadOnlySpan<float> scores)
    {
        int best = 0;
        for (int i = 1; i < scores.Length; i++)
            if (scores[i] > scores[best]) best = i;
        return best;
    }
}
