using System.Security.Cryptography;
using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Evaluation;

namespace EdgeRuntime.Tools.Quantizing;

/// <summary>Writes down what was decided and measured, briefly: it is a part of the file.</summary>
internal static class EvidenceBuilder
{
    /// <summary>Digits that say enough.</summary>
    private const int Digits = 4;

    /// <summary>Hexadecimal digits of a checksum that tell two sets of samples apart.</summary>
    private const int DigestLength = 16;

    /// <summary>The evidence of an assignment.</summary>
    public static QuantizationEvidence Of(Assignment assignment, CandidateSpace space, SampleSet calibration, AccuracyMeasure measure, QuantizationOptions options, IReadOnlyList<RangeEvidence> ranges)
    {
        IReadOnlySet<Layer> inFloats = assignment.Chosen.InFloats;
        return new QuantizationEvidence
        {
            Mode = options.Mode.NameOf(),
            Tool = Converter.Version,
            Calibration = calibration.Description,
            CalibrationSamples = calibration.Count,
            CalibrationDigest = Digest(calibration),
            Metric = measure.Name,
            EvaluationSet = measure.Set,
            EvaluationSamples = measure.Samples,
            FloatValue = Round(measure.FloatValue),
            Value = Round(assignment.Chosen.Value),
            MaxDrop = Round(options.MaxDropBy(measure)),
            Layers = [.. Layers(assignment, space, inFloats)],
            Ranges = ranges,
            TradeOff = assignment.TradeOff.Count < 2 ? [] : [.. assignment.TradeOff.Select(t => new TradeOffEvidence { FloatLayers = t.InFloats.Count, Value = Round(t.Value), Bytes = t.Bytes })],
        };
    }

    /// <summary>A number with as many digits as are worth the room.</summary>
    public static double Round(double value)
    {
        if (value == 0 || !double.IsFinite(value)) return value;
        int places = Digits - 1 - (int)Math.Floor(Math.Log10(Math.Abs(value)));
        return places is >= 0 and <= 15 ? Math.Round(value, places) : places < 0 ? Math.Round(value) : value;
    }

    private static IEnumerable<LayerEvidence> Layers(Assignment assignment, CandidateSpace space, IReadOnlySet<Layer> inFloats)
    {
        Dictionary<Node, Layer> layers = space.Layers.ToDictionary(l => l.Product);
        foreach (Node node in space.Reference.Nodes)
        {
            if (layers.TryGetValue(node, out Layer? layer))
            {
                bool isFloat = inFloats.Contains(layer);
                double? decibels = assignment.Noise[layer].Decibels;
                yield return new LayerEvidence
                {
                    Name = layer.Name,
                    Operator = node.Operator.Name,
                    Precision = isFloat ? space.PrecisionInFloats(layer, assignment.Chosen.Halves) : space.PrecisionOf(layer),
                    SignalToNoise = decibels is { } number ? Math.Round(number, 1) : null,
                    NoiseShare = Math.Round(assignment.ShareOf(layer), 3),
                    Gain = assignment.Gains.TryGetValue(layer, out double gain) ? Round(gain) : null,
                    Reason = isFloat ? Why(assignment, layer) : "",
                };
            }
            else if (node.Operator is Conv or ConvTranspose or MatMul or RecurrentLayer && node.Outputs[0].Type.DataType == DataType.F32)
            {
                yield return new LayerEvidence { Name = node.Name, Operator = node.Operator.Name, Precision = assignment.Chosen.Halves ? "f32 with f16 weights" : "f32", Reason = space.WhyNot(node) };
            }
        }
    }

    private static string Why(Assignment assignment, Layer layer) => assignment.Gains.TryGetValue(layer, out double gain) && gain > 0
        ? FormattableString.Invariant($"{gain:0.0000} of the metric")
        : FormattableString.Invariant($"{assignment.ShareOf(layer):0.0%} of the noise");

    private static string Digest(SampleSet samples)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (int i = 0; i < samples.Count; i++)
            foreach (Tensor input in samples.Inputs(i))
            {
                hash.AppendData(input.View.Bytes);
                input.Dispose();
            }
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..DigestLength];
    }
}
