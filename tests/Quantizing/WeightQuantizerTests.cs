using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Quantizing;
using Xunit;

namespace EdgeRuntime.Tests.Quantizing;

/// <summary>Weights in 8 bits.</summary>
public sealed class WeightQuantizerTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 7)]
    [InlineData(4, 31)]
    [InlineData(5, 256)]
    public void PairsStayBoundedAtEveryScale(int seed, int count)
    {
        var random = new Random(seed);
        float[] weights = [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() - 0.5f) * MathF.Exp(4 * random.NextSingle()))];
        sbyte[] integers = new sbyte[count];
        float widest = WeightQuantizer.Scale(weights, paired: true), best = WeightQuantizer.BestScale(weights, [], paired: true);
        Assert.InRange(best, widest * 0.49f, widest);
        foreach (float scale in new[] { widest, best, widest / 10, widest / 1000 })
        {
            WeightQuantizer.Round(weights, scale, paired: true, integers);
            Assert.True(PairBound.Holds(integers, 1));
        }
        WeightQuantizer.Round(weights, widest, paired: true, integers);
        for (int i = 0; i < count; i++) Assert.Equal(weights[i], integers[i] * widest, widest * 1.01f);
    }

    [Fact]
    public void WeightsThatMatterChooseTheScale()
    {
        // One large weight that is multiplied by next to nothing, and many small ones.
        float[] weights = [1.9f, .. Enumerable.Range(0, 31).Select(i => 0.31f * MathF.Sin(i + 1))], importance = [1e-6f, .. Enumerable.Repeat(1f, 31)];
        Assert.True(WeightQuantizer.BestScale(weights, importance, paired: false) < 0.6f * WeightQuantizer.Scale(weights, paired: false));
    }

    [Fact]
    public void ZeroAndTinyChannelsHaveScales()
    {
        Node product = Product(Tensor.From<float>(new Shape(3, 1, 1, 2), 0, 0, 1e-20f, -1e-20f, 1, 2), Tensor.Vector<float>(5, -7, 1));
        QuantizedWeights weights = QuantizedWeights.Of(product, 0.02f);
        Assert.Equal((sbyte)0, weights.Integers.Span<sbyte>()[0]);
        double[] bias = [5, -7, 1];
        for (int c = 0; c < 3; c++)
        {
            Assert.True(weights.Scales[c] > 0 && float.IsFinite(weights.Scales[c]));
            Assert.Equal(bias[c], weights.Bias![c] * 0.02 * weights.Scales[c], 1e-3);
        }
    }

    [Fact]
    public void ABiasTakesAwayWhatRoundingAddsOnAverage()
    {
        var random = new Random(9);
        const int channels = 32, outputs = 16;
        Tensor w = new(new TensorType(DataType.F32, outputs, 1, 1, channels)), b = new(new TensorType(DataType.F32, outputs));
        foreach (ref float x in w.Span<float>()) x = random.NextSingle() - 0.5f;
        Node product = Product(w, b);
        float[] rows = [.. Enumerable.Range(0, 500 * channels).Select(i => 3 * random.NextSingle() * (i % channels))];
        var seen = new ValueStatistics();
        seen.Add(rows, channels);
        double plain = MeanError(product, QuantizedWeights.Of(product, 0.5f), rows), corrected = MeanError(product, QuantizedWeights.Of(product, 0.5f, seen), rows);
        Assert.True(corrected < plain / 4, $"{corrected} is no fourth of {plain}");
    }

    private static double MeanError(Node product, QuantizedWeights weights, float[] rows)
    {
        ReadOnlySpan<float> w = product.Inputs[1]!.Constant!.Span<float>();
        ReadOnlySpan<sbyte> q = weights.Integers.Span<sbyte>();
        int channels = product.Inputs[1]!.Type.Shape[-1], outputs = weights.Scales.Length, count = rows.Length / channels;
        double sum = 0;
        for (int o = 0; o < outputs; o++)
        {
            double error = 0;
            for (int i = 0; i < rows.Length; i++) error += rows[i] * (q[o * channels + i % channels] * (double)weights.Scales[o] - w[o * channels + i % channels]);
            sum += Math.Abs(error / count + weights.Bias![o] * 0.5 * weights.Scales[o]);
        }
        return sum;
    }

    private static Node Product(Tensor weight, Tensor bias)
    {
        var b = new GraphBuilder("product");
        Value x = b.Input("x", new TensorType(DataType.F32, 1, 1, 1, weight.Shape[-1]));
        Value y = b.Add1("conv", new Conv { Window = Window.Of([1, 1]) }, x, b.Constant("w", weight), b.Constant("b", bias));
        b.Output("y", y);
        return b.Build().Nodes[0];
    }
}
