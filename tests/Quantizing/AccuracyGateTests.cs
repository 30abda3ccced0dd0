using EdgeRuntime.Backends;
using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Evaluation;
using EdgeRuntime.Tools.Passes;
using EdgeRuntime.Tools.Quantizing;
using Xunit;

namespace EdgeRuntime.Tests.Quantizing;

/// <summary>A model ships only when what it loses is within the bound, and what it says of itself is true.</summary>
public class AccuracyGateTests
{
    [Fact]
    public void A_model_that_cannot_keep_the_bound_is_refused_and_mixed_finds_what_to_leave_in_floats()
    {
        QuantizationRefusal refusal = Assert.Throws<QuantizationRefusal>(() => Quantize(MadeNetworks.WithWildInput(), QuantizationMode.Int8));
        QuantizationEvidence evidence = refusal.Evidence;
        Assert.True(evidence.Value < 0.5, $"{evidence.Value}");
        Assert.Contains("mixed", refusal.Remedy);
        Assert.Contains("of 5 layers in floats, of the 2 that int8 allows", refusal.Message);
        string[] worst = [.. evidence.Layers.OrderByDescending(l => l.NoiseShare).Take(3).Select(l => l.Name).Order()];
        Assert.Equal(["bad0", "bad2", "bad3"], worst);
        Assert.All(evidence.Layers, l => Assert.True(l.Name.StartsWith("bad", StringComparison.Ordinal) ? l.SignalToNoise < 10 : l.SignalToNoise > 30, $"{l.Name} {l.SignalToNoise}"));

        QuantizedModel mixed = Quantize(MadeNetworks.WithWildInput(), QuantizationMode.Mixed);
        Assert.Equal(["bad0", "bad2", "bad3"], mixed.Evidence.Layers.Where(l => l.Reason.Length > 0).Select(l => l.Name).Order());
        Assert.All(mixed.Evidence.Layers, l => Assert.Equal(l.Reason.Length == 0, l.Precision == "int8"));
        Assert.InRange(mixed.Evidence.Value, 0.98, 1);
        Assert.Equal(2, mixed.Graph.Nodes.Count(n => n.Operator is MatMul { Result.IsNone: false }));
        // From nothing in floats to what is shipped, as it was measured on the way.
        Assert.Equal(0, mixed.Evidence.TradeOff[0].FloatLayers);
        Assert.Contains(mixed.Evidence.TradeOff, t => t.FloatLayers == 3 && t.Value == mixed.Evidence.Value);
        Assert.True(mixed.Evidence.TradeOff[0].Value < 0.5 && mixed.Evidence.TradeOff[0].Bytes < mixed.Evidence.TradeOff[^1].Bytes);
    }

    [Theory]
    [InlineData("int8"), InlineData("mixed"), InlineData("int8-weights"), InlineData("int4-weights")]
    public void The_number_in_the_file_is_what_the_file_gives(string name)
    {
        QuantizationMode mode = Enum.GetValues<QuantizationMode>().Single(m => m.NameOf() == name);
        Graph source = MadeNetworks.Perceptron();
        QuantizedModel quantized = Quantize(source, mode, 0.2);
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "q.edge");
        EdgeWriter.Write(path, new EdgeModel(quantized.Graph, new ModelMetadata { Quantization = quantized.Evidence }));

        using EdgeModel read = EdgeReader.Read(path);
        using var first = new InferenceSession(source, new SessionOptions { Backend = BackendKind.Cpu });
        using var second = new InferenceSession(read.Graph, new SessionOptions { Backend = BackendKind.Cpu });
        using var samples = new MadeSamples(source, Samples);
        var agreement = Agreement.For(read);
        for (int i = 3; i < Samples; i += 4)
        {
            Tensor[] inputs = samples.Inputs(i);
            TensorView[] views = Array.ConvertAll(inputs, t => t.View);
            first.Run(views);
            second.Run(views);
            agreement.Add([first.Output(0)], [second.Output(0)]);
        }
        QuantizationEvidence evidence = read.Metadata.Quantization!;
        Assert.Equal(agreement.Value, evidence.Value, 1e-4);
        Assert.Equal(name, evidence.Mode);
        Assert.Equal(Samples / 4, evidence.EvaluationSamples);
        Assert.Equal(3 * Samples / 4, evidence.CalibrationSamples);
        Assert.Equal(agreement.Name, evidence.Metric);
        Assert.Equal(16, evidence.CalibrationDigest.Length);
        Assert.Equal(3, evidence.Layers.Count);
        Assert.Equal(mode.IsOfWeights(), evidence.Ranges.Count == 0);
    }

    [Theory]
    [InlineData("int8", 0.30, 0.98), InlineData("int8-weights", 0.30, 0.99), InlineData("int4-weights", 0.20, 0.85)]
    public void Each_mode_makes_files_as_small_as_it_says(string name, double ratio, double agreement)
    {
        QuantizationMode mode = Enum.GetValues<QuantizationMode>().Single(m => m.NameOf() == name);
        QuantizedModel quantized = Quantize(MadeNetworks.Perceptron(), mode, 0.2);
        double bytes = EdgeWriter.ToArray(new EdgeModel(quantized.Graph, new ModelMetadata())).Length, floats = EdgeWriter.ToArray(quantized.Float).Length;
        Assert.True(bytes / floats <= ratio, $"{bytes / floats:0.000} of the size in floats");
        Assert.InRange(quantized.Evidence.Value, agreement, 1);
        Assert.Equal(mode == QuantizationMode.Int4Weights ? 3 : 0, quantized.Graph.Nodes.Count(n => n.Operator is MatMulBlocks { Bits: 4 }));
    }

    [Fact]
    public void Budgets_are_kept_or_it_is_refused()
    {
        Graph graph = MadeNetworks.WithWildInput();
        long all = Quantize(graph, QuantizationMode.Mixed).Assignment.Chosen.Bytes;
        QuantizedModel within = Quantize(graph, QuantizationMode.Mixed, bytes: all, milliseconds: 10_000);
        Assert.True(within.Assignment.Chosen.Bytes <= all);
        QuantizationRefusal tooLarge = Assert.Throws<QuantizationRefusal>(() => Quantize(graph, QuantizationMode.Mixed, bytes: all / 4));
        Assert.Contains("are allowed", tooLarge.Message);
        Assert.Contains("--budget-size", tooLarge.Remedy);
        QuantizationRefusal tooSlow = Assert.Throws<QuantizationRefusal>(() => Quantize(graph, QuantizationMode.Mixed, milliseconds: 1e-9));
        Assert.Contains("a run takes", tooSlow.Message);
    }

    [Fact]
    public void Twice_the_same_gives_the_same_bytes()
    {
        byte[] once = File(), twice = File();
        Assert.Equal(once, twice);

        static byte[] File()
        {
            QuantizedModel quantized = Quantize(MadeNetworks.WithWildInput(), QuantizationMode.Mixed);
            return EdgeWriter.ToArray(new EdgeModel(quantized.Graph, new ModelMetadata { Quantization = quantized.Evidence }));
        }
    }

    [Fact]
    public void Whoever_asks_for_an_end_gets_one()
    {
        using var stop = new CancellationTokenSource();
        var seen = new List<string>();
        Assert.ThrowsAny<OperationCanceledException>(() => Quantize(MadeNetworks.WithWildInput(), QuantizationMode.Mixed, progress: (stage, done) =>
        {
            Assert.InRange(done, 0, 1);
            if (!seen.Contains(stage)) seen.Add(stage);
            if (stage == "search") stop.Cancel();
        }, stop: stop));
        Assert.Equal(["calibrate", "measure", "search"], seen);
    }

    [Fact]
    public void A_curve_is_measured_where_a_report_asks_for_it()
    {
        QuantizedModel quantized = Quantize(MadeNetworks.Perceptron(), QuantizationMode.Int8, 0.2, tradeOff: true);
        Assert.Equal([0, 1, 2, 3], quantized.Assignment.TradeOff.Select(t => t.InFloats.Count));
        Assert.All(quantized.Assignment.TradeOff, t => Assert.True(t.Milliseconds > 0));
        // Weights of layers in floats are bytes in the file.
        Assert.Equal(1, quantized.Assignment.TradeOff[^1].Value, 1e-2);
        Assert.Empty(quantized.Assignment.Chosen.InFloats);
    }

    private const int Samples = 16;

    private static QuantizedModel Quantize(Graph graph, QuantizationMode mode, double drop = 0.02, long? bytes = null, double? milliseconds = null, bool tradeOff = false, Action<string, double>? progress = null,
        CancellationTokenSource? stop = null)
    {
        Graph prepared = GraphCutter.Copy(graph, out _);
        PassPipeline.Run(prepared, PassPipeline.BeforeQuantization);
        return new Quantizer(prepared, new ModelMetadata { Name = graph.Name }, new QuantizationOptions
        {
            Mode = mode,
            Calibration = model => new MadeSamples(model.Graph, Samples),
            MaxDrop = drop,
            MostBytes = bytes,
            MostMilliseconds = milliseconds,
            TradeOff = tradeOff,
            Progress = progress,
            Stop = stop?.Token ?? TestContext.Current.CancellationToken,
        }).Run();
    }
}
