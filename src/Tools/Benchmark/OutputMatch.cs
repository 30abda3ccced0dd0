using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Reference;
using EdgeRuntime.Tools.Verification;

namespace EdgeRuntime.Tools.Benchmark;

/// <summary>
/// Whether our outputs are the peer's, by the rules of <c>verify</c>: the outputs of a whole model within <see cref="OutputComparison.Tolerance"/> and their largest elements in the same places; or, since
/// networks amplify rounding and values of few bits may be rounded the other way at a tie, each layer within <see cref="TensorDifference.FloatTolerance"/> when it is computed from the peer's values.
/// </summary>
/// <param name="Matches">Whether they are.</param>
/// <param name="Rule">How that was found out, in a few words.</param>
internal sealed record OutputMatch(bool Matches, string Rule)
{
    /// <summary>Compares what both sides returned for the same inputs.</summary>
    /// <param name="subject">The model.</param>
    /// <param name="session">Ours, which has run.</param>
    /// <param name="theirs">What the peer returned.</param>
    /// <param name="reference">The peer, for comparing layers.</param>
    /// <param name="options">Where ours runs.</param>
    public static OutputMatch Of(BenchSubject subject, InferenceSession session, IReadOnlyDictionary<string, Tensor> theirs, IReferenceRuntime reference, SessionOptions options)
    {
        var comparison = new OutputComparison();
        for (int i = 0; i < subject.Graph.Outputs.Count; i++)
        {
            string name = subject.Graph.Outputs[i].Name;
            if (theirs.TryGetValue(name, out Tensor? expected)) comparison.Add(name, session.Output(i), expected.View);
        }
        if (comparison.Passed) return new OutputMatch(true, FormattableString.Invariant($"within {comparison.MaxRelative:0.0e+00}"));
        if (comparison.Problem is { } problem) return new OutputMatch(false, problem);
        (_, IReadOnlyList<LayerResult> layers) = OpenedBranches.Compare(subject.Graph, subject.Onnx!, reference, subject.Inputs, TensorDifference.FloatTolerance, options);
        return layers.FirstOrDefault(l => !l.Passed) is { } bad ? new OutputMatch(false, $"the first layer that differs is '{bad.Name}'")
            : new OutputMatch(true, FormattableString.Invariant($"layer by layer; whole within {comparison.MaxRelative:0.0e+00}"));
    }

    /// <summary>
    /// How much louder the reference's outputs are than what ours differ by, in decibels, over all outputs of floats: for models whose arithmetic is not the reference's. Infinite where nothing differs.
    /// </summary>
    public static double SignalToNoise(InferenceSession session, IReadOnlyDictionary<string, Tensor> expected)
    {
        double lowest = double.PositiveInfinity;
        for (int i = 0; i < session.Graph.Outputs.Count; i++)
        {
            if (!expected.TryGetValue(session.Graph.Outputs[i].Name, out Tensor? reference) || reference.Type.DataType != DataType.F32) continue;
            TensorView actual = session.Output(i);
            if (actual.DataType != DataType.F32 || actual.Shape != reference.Shape) continue;
            double signal = 0, noise = 0;
            ReadOnlySpan<float> a = actual.Span<float>(), b = reference.Span<float>();
            for (int e = 0; e < b.Length; e++)
            {
                signal += (double)b[e] * b[e];
                noise += ((double)a[e] - b[e]) * ((double)a[e] - b[e]);
            }
            lowest = Math.Min(lowest, noise > 0 ? 10 * Math.Log10(signal / noise) : double.PositiveInfinity);
        }
        return lowest;
    }
}
