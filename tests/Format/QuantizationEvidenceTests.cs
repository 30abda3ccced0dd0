using System.Text;
using System.Text.Json;
using EdgeRuntime.Format;
using Xunit;

namespace EdgeRuntime.Tests.Format;

/// <summary>What a file says of its quantization comes back as it was written, and nonsense is refused.</summary>
public class QuantizationEvidenceTests
{
    private static readonly QuantizationEvidence Full = new()
    {
        Mode = "mixed",
        Tool = "edgert 0.1.0",
        Calibration = "48 of 64 pictures",
        CalibrationSamples = 48,
        CalibrationDigest = "0123456789abcdef",
        Metric = "same best class",
        EvaluationSet = "16 of 64 pictures, held back",
        EvaluationSamples = 16,
        FloatValue = 1,
        Value = 0.9987,
        MaxDrop = 0.005,
        Layers =
        [
            new LayerEvidence { Name = "a", Operator = "Conv", Precision = "int8", SignalToNoise = 31.5, NoiseShare = 0.25, Gain = -0.001 },
            new LayerEvidence { Name = "\"<b>\"", Operator = "MatMul", Precision = "f32", Reason = "0.0100 of the metric" },
        ],
        Ranges = [new RangeEvidence { Name = "x", Low = -1.5f, High = 2, Method = "mse" }],
        TradeOff = [new TradeOffEvidence { FloatLayers = 0, Value = 0.98, Bytes = 1000 }, new TradeOffEvidence { FloatLayers = 1, Value = 0.9987, Bytes = 1100 }],
    };

    [Fact]
    public void Evidence_comes_back_as_it_was_written()
    {
        QuantizationEvidence read = MetadataJson.Read(MetadataJson.Write(new ModelMetadata { Quantization = Full })).Quantization!;
        Assert.Equivalent(Full, read, strict: true);
        Assert.Equivalent(new QuantizationEvidence(), MetadataJson.Read("{\"quantization\":{}}"u8).Quantization, strict: true);
    }

    [Theory]
    [InlineData("\"value\":1e999")]
    [InlineData("\"float_value\":-1e999")]
    [InlineData("\"max_drop\":-0.1")]
    [InlineData("\"max_drop\":1e999")]
    [InlineData("\"calibration_samples\":-1")]
    [InlineData("\"evaluation_samples\":-1")]
    [InlineData("\"evaluation_samples\":3000000000")]
    [InlineData("\"value\":\"good\"")]
    [InlineData("\"layers\":[null]")]
    [InlineData("\"layers\":[{\"signal_to_noise\":1e999}]")]
    [InlineData("\"layers\":[{\"noise_share\":1.5}]")]
    [InlineData("\"layers\":[{\"gain\":-1e999}]")]
    [InlineData("\"layers\":{}")]
    [InlineData("\"ranges\":[null]")]
    [InlineData("\"ranges\":[{\"low\":1,\"high\":0}]")]
    [InlineData("\"ranges\":[{\"high\":1e99}]")]
    [InlineData("\"trade_off\":[null]")]
    [InlineData("\"trade_off\":[{\"float_layers\":-1}]")]
    [InlineData("\"trade_off\":[{\"bytes\":-1}]")]
    [InlineData("\"trade_off\":[{\"value\":1e999}]")]
    public void Nonsense_is_refused(string member) =>
        Assert.Throws<JsonException>(() => MetadataJson.Read(Encoding.UTF8.GetBytes($"{{\"quantization\":{{{member}}}}}")));
}
