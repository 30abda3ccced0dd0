using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Evaluation;

/// <summary>
/// How near the points are that two models find: one less the mean distance of points, as a share of the longer side of the box around the reference's. Where a model says whether there is anything at all, and
/// on which side it is, and both do not say the same, that counts as far as the reference was sure of it; where the reference sees nothing, points do not count.
/// </summary>
internal sealed class PointAgreement : Agreement
{
    private readonly int points, presence, side, dimensions;
    private readonly double leastPresence;
    private readonly bool isLogit;
    private double distances;
    private int samples;

    /// <summary>Prepares for a model whose decoder is of the kind points or hand.</summary>
    /// <exception cref="EdgeException">The decoder names no output of the model.</exception>
    public PointAgreement(EdgeModel model, DecoderInfo info)
    {
        points = OutputOf(model, info, "points");
        presence = info.Outputs.ContainsKey("presence") ? OutputOf(model, info, "presence") : -1;
        side = info.Outputs.ContainsKey("side") ? OutputOf(model, info, "side") : -1;
        dimensions = info.Parameters.GetValueOrDefault("dimensions") is [var given] ? (int)given : 3;
        leastPresence = info.Parameters.GetValueOrDefault("presence_threshold") is [var threshold] ? threshold : 0.5;
        // Models of hands give a probability, those of faces its logit.
        isLogit = info.Kind == "points";
    }

    public override string Name => "1 - mean distance of points, by the size of what they are of";

    public override double Value => samples == 0 ? 1 : Math.Max(0, 1 - distances / samples);

    public override bool FoundNothing => samples == 0;

    public override void Add(ReadOnlySpan<TensorView> reference, ReadOnlySpan<TensorView> candidate)
    {
        bool isThere = IsThere(reference), agrees = isThere == IsThere(candidate);
        if (!isThere && agrees) return;
        samples++;
        double distance = agrees ? Apart(reference[points].Span<float>(), candidate[points].Span<float>()) + OtherSide(reference, candidate) : Sureness(Presence(reference), leastPresence);
        // NaN is as far as can be.
        distances += distance <= 1 ? distance : 1;
    }

    private bool IsThere(ReadOnlySpan<TensorView> outputs) => presence < 0 || Presence(outputs) >= leastPresence;

    private double Presence(ReadOnlySpan<TensorView> outputs) => isLogit ? 1 / (1 + Math.Exp(-outputs[presence].Span<float>()[0])) : outputs[presence].Span<float>()[0];

    private double OtherSide(ReadOnlySpan<TensorView> reference, ReadOnlySpan<TensorView> candidate)
    {
        if (side < 0) return 0;
        float one = reference[side].Span<float>()[0], other = candidate[side].Span<float>()[0];
        return one >= 0.5f == other >= 0.5f ? 0 : Sureness(one, 0.5);
    }

    /// <summary>How far a probability is from where it would say the opposite, as a part of the farthest.</summary>
    private static double Sureness(double probability, double least) => Math.Abs(probability - least) / Math.Max(least, 1 - least);

    private double Apart(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        (float left, float top, float right, float bottom) = (float.PositiveInfinity, float.PositiveInfinity, float.NegativeInfinity, float.NegativeInfinity);
        int count = a.Length / dimensions;
        double sum = 0;
        for (int i = 0; i < count; i++)
        {
            float x = a[i * dimensions], y = a[i * dimensions + 1];
            (left, top, right, bottom) = (Math.Min(left, x), Math.Min(top, y), Math.Max(right, x), Math.Max(bottom, y));
            double across = x - b[i * dimensions], down = y - b[i * dimensions + 1];
            sum += Math.Sqrt(across * across + down * down);
        }
        double size = Math.Max(right - left, bottom - top);
        return size > 0 ? sum / count / size : sum == 0 ? 0 : 1;
    }
}
