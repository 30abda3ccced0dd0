using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdgeRuntime.Format;

/// <summary>How metadata becomes JSON, generated at compile time: no reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    MaxDepth = Depth)]
[JsonSerializable(typeof(ModelMetadata))]
internal sealed partial class MetadataJson : JsonSerializerContext
{
    /// <summary>How deep objects may lie in each other.</summary>
    public const int Depth = 16;

    /// <summary>The JSON of metadata.</summary>
    public static byte[] Write(ModelMetadata metadata) => JsonSerializer.SerializeToUtf8Bytes(metadata, Default.ModelMetadata);

    /// <summary>The metadata in JSON that is not trusted. Fields that are not there have their defaults, fields that are not known are skipped.</summary>
    /// <exception cref="JsonException">It is no JSON, or no metadata.</exception>
    public static ModelMetadata Read(ReadOnlySpan<byte> json)
    {
        ModelMetadata metadata = MetadataReader.Read(json);
        if (metadata.Quantization is { } quantization) metadata = metadata with { Quantization = WithDefaults(quantization) };
        Check(metadata);
        return metadata;
    }

    /// <summary>The generated code sets properties that JSON leaves out to null, whatever their initializers say.</summary>
    private static QuantizationEvidence WithDefaults(QuantizationEvidence read)
    {
        if (read.Layers?.Any(l => l is null) == true || read.Ranges?.Any(r => r is null) == true || read.TradeOff?.Any(t => t is null) == true) throw new JsonException("a layer, range or trade-off of the quantization is null");
        return read with
        {
            Mode = read.Mode ?? "",
            Tool = read.Tool ?? "",
            Calibration = read.Calibration ?? "",
            CalibrationDigest = read.CalibrationDigest ?? "",
            Metric = read.Metric ?? "",
            EvaluationSet = read.EvaluationSet ?? "",
            Layers = [.. (read.Layers ?? []).Select(l => l with { Name = l.Name ?? "", Operator = l.Operator ?? "", Precision = l.Precision ?? "", Reason = l.Reason ?? "" })],
            Ranges = [.. (read.Ranges ?? []).Select(r => r with { Name = r.Name ?? "", Method = r.Method ?? "" })],
            TradeOff = read.TradeOff ?? [],
        };
    }

    /// <summary>Numbers such as 1e999 are infinite when they are read; counts below 0 count nothing.</summary>
    private static void Check(QuantizationEvidence quantization)
    {
        if (quantization.CalibrationSamples < 0 || quantization.EvaluationSamples < 0) throw new JsonException("the quantization's number of samples is below 0");
        if (!double.IsFinite(quantization.FloatValue) || !double.IsFinite(quantization.Value) || !(quantization.MaxDrop >= 0) || !double.IsFinite(quantization.MaxDrop)) throw new JsonException("a value of the quantization's metric is no finite number");
        foreach (LayerEvidence layer in quantization.Layers)
            if (!double.IsFinite(layer.SignalToNoise ?? 0) || !double.IsFinite(layer.Gain ?? 0) || layer.NoiseShare is not (>= 0 and <= 1)) throw new JsonException($"the noise or gain of the quantization's layer '{layer.Name}' is out of bounds");
        foreach (RangeEvidence range in quantization.Ranges)
            if (!float.IsFinite(range.Low) || !float.IsFinite(range.High) || range.Low > range.High) throw new JsonException($"the range of the quantization's value '{range.Name}' is none");
        foreach (TradeOffEvidence point in quantization.TradeOff)
            if (point.FloatLayers < 0 || point.Bytes < 0 || !double.IsFinite(point.Value)) throw new JsonException("a number of the quantization's trade-off is out of bounds");
    }

    /// <summary>Refuses what JSON allows and pipelines do not expect.</summary>
    private static void Check(ModelMetadata metadata)
    {
        if (metadata.Labels.Any(l => l is null)) throw new JsonException("a label is null");
        if (metadata.SourceProperties.Values.Any(v => v is null)) throw new JsonException("a source property is null");
        if (metadata.State.Values.Any(v => v is null)) throw new JsonException("an output that carries state is null");
        if (metadata.Sound is { } sound && (sound.SampleRate < 1 || sound.Samples < 1 || sound.Context < 0)) throw new JsonException("the sound's rate or number of samples is not positive, or its context is negative");
        if (metadata.Quantization is { } quantization) Check(quantization);
        if (metadata.Image is { } image)
        {
            if (!Enum.IsDefined(image.Channels) || !Enum.IsDefined(image.Fit)) throw new JsonException("the image's channel order or fit is unknown");
            if (image.Scale.Length != 3 || image.Offset.Length != 3) throw new JsonException("the image's scale and offset need three numbers each");
        }
        if (metadata.Decoder is { } decoder && (decoder.Parameters.Values.Any(v => v is null) || decoder.Outputs.Values.Any(v => v is null)))
            throw new JsonException("a parameter or output of the decoder is null");
    }
}
