using EdgeRuntime.Backends;
using EdgeRuntime.Graphs;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Evaluation;

namespace EdgeRuntime.Tools.Quantizing;

/// <summary>How far the outputs of two graphs are apart, for telling which of two ways to quantize is the better one.</summary>
internal static class OutputNoise
{
    /// <summary>Signal-to-noise ratio in decibels, the mean over all outputs of floats; more is better.</summary>
    /// <param name="reference">The float graph.</param>
    /// <param name="candidate">The other, with the same outputs.</param>
    /// <param name="samples">What both are run on.</param>
    /// <param name="most">How many of the samples at most, evenly spread.</param>
    public static double Decibels(Graph reference, Graph candidate, SampleSet samples, int most)
    {
        var options = new SessionOptions { Backend = BackendKind.Cpu };
        using var plain = new InferenceSession(reference, options);
        using var quantized = new InferenceSession(candidate, options);
        int[] outputs = [.. Enumerable.Range(0, reference.Outputs.Count).Where(i => reference.Outputs[i].Value.Type.DataType == DataType.F32)];
        double[] signal = new double[outputs.Length], noise = new double[outputs.Length];
        int count = Math.Min(most, samples.Count);
        for (int i = 0; i < count; i++)
        {
            Tensor[] inputs = samples.Inputs((int)((long)i * samples.Count / count));
            TensorView[] views = Array.ConvertAll(inputs, t => t.View);
            plain.Run(views);
            quantized.Run(views);
            for (int o = 0; o < outputs.Length; o++)
            {
                ReadOnlySpan<float> expected = plain.Output(outputs[o]).Span<float>(), actual = quantized.Output(outputs[o]).Span<float>();
                for (int e = 0; e < expected.Length; e++)
                {
                    double a = expected[e], d = a - actual[e];
                    if (!double.IsFinite(d)) continue;
                    signal[o] += a * a;
                    noise[o] += d * d;
                }
            }
            foreach (Tensor input in inputs) input.Dispose();
        }
        return outputs.Length == 0 ? 0 : Enumerable.Range(0, outputs.Length).Average(o => 10 * Math.Log10((signal[o] + 1e-30) / (noise[o] + 1e-30)));
    }
}
