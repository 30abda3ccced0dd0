using EdgeRuntime.Format;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Evaluation;

/// <summary>
/// One less the relative size of the error, 1 - |a - b| / |a| with Euclidean norms over all elements of an output and all samples, of the output that is worst off. Outputs of other types than floats count as
/// the share of equal elements. Outputs that only carry state to the next step are left out: nobody looks at them, and they may be of any size.
/// </summary>
/// <param name="ignored">Places of outputs that are left out; null for none.</param>
internal sealed class SignalAgreement(IReadOnlySet<int>? ignored = null) : Agreement
{
    /// <summary>Prepares for a model: what its metadata calls state is left out.</summary>
    public SignalAgreement(EdgeModel model) : this(model.Graph.Outputs.Select((output, i) => (output.Name, i)).Where(o => model.Metadata.State.Values.Contains(o.Name)).Select(o => o.i).ToHashSet())
    {
    }

    private double[] signal = [], noise = [];

    public override string Name => "1 - relative error";

    public override double Value
    {
        get
        {
            double worst = 1;
            for (int i = 0; i < signal.Length; i++)
            {
                double ratio = noise[i] == 0 ? 0 : Math.Sqrt(noise[i] / signal[i]);
                worst = Math.Min(worst, Math.Max(0, 1 - ratio));
            }
            return worst;
        }
    }

    public override void Add(ReadOnlySpan<TensorView> reference, ReadOnlySpan<TensorView> candidate)
    {
        if (signal.Length < reference.Length) (signal, noise) = (new double[reference.Length], new double[reference.Length]);
        for (int i = 0; i < reference.Length; i++)
        {
            if (ignored?.Contains(i) == true) continue;
            if (reference[i].DataType == DataType.F32) AddReals(i, reference[i].Span<float>(), candidate[i].Span<float>());
            else AddOthers(i, reference[i].Bytes, candidate[i].Bytes);
        }
    }

    private void AddReals(int output, ReadOnlySpan<float> reference, ReadOnlySpan<float> candidate)
    {
        for (int i = 0; i < reference.Length; i++)
        {
            double a = reference[i], d = a - candidate[i];
            // What is no number in both is the same; in one of the two it is as wrong as can be.
            if (!double.IsFinite(d))
            {
                d = reference[i].Equals(candidate[i]) ? 0 : 1 / double.Epsilon;
                a = 0;
            }
            signal[output] += a * a;
            noise[output] += d * d;
        }
    }

    private void AddOthers(int output, ReadOnlySpan<byte> reference, ReadOnlySpan<byte> candidate)
    {
        for (int i = 0; i < reference.Length; i++)
        {
            signal[output]++;
            if (reference[i] != candidate[i]) noise[output]++;
        }
    }
}
