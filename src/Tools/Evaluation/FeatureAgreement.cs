using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Evaluation;

/// <summary>How alike the features are that two models make of the same: the mean cosine of the angle between them, which is what features are compared by.</summary>
internal sealed class FeatureAgreement : Agreement
{
    private readonly int output;
    private double sum;
    private int samples;

    /// <summary>Prepares for a model whose decoder is of the kind features.</summary>
    /// <exception cref="EdgeException">The decoder names no output of the model.</exception>
    public FeatureAgreement(EdgeModel model, DecoderInfo features) => output = OutputOf(model, features, "features");

    public override string Name => "likeness of features (cosine)";

    public override double Value => samples == 0 ? 1 : Math.Clamp(sum / samples, 0, 1);

    public override void Add(ReadOnlySpan<TensorView> reference, ReadOnlySpan<TensorView> candidate)
    {
        ReadOnlySpan<float> a = reference[output].Span<float>(), b = candidate[output].Span<float>();
        (double ab, double aa, double bb) = (0, 0, 0);
        for (int i = 0; i < a.Length; i++) (ab, aa, bb) = (ab + (double)a[i] * b[i], aa + (double)a[i] * a[i], bb + (double)b[i] * b[i]);
        double length = Math.Sqrt(aa * bb), cosine = length > 0 ? ab / length : aa == bb ? 1 : 0;
        // What is no number is unlike anything.
        sum += double.IsFinite(cosine) ? cosine : 0;
        samples++;
    }
}
