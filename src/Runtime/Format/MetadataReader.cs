using System.Text.Json;

namespace EdgeRuntime.Format;

/// <summary>
/// Reads metadata from JSON that is not trusted. By hand: what <see cref="MetadataJson"/> generates is generic code that a new process would have to compile first, hundreds of methods for a few lines of JSON.
/// Fields that are not known are skipped.
/// </summary>
internal ref struct MetadataReader
{
    private static readonly string[] ChannelOrders = ["Rgb", "Bgr", "Grey"], ImageFits = ["Letterbox", "Stretch"];

    private Utf8JsonReader reader;

    private MetadataReader(ReadOnlySpan<byte> json) => reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MetadataJson.Depth });

    /// <summary>The metadata, unchecked but for types and nulls.</summary>
    /// <exception cref="JsonException">It is no JSON, or something in it is of another kind.</exception>
    /// <exception cref="FormatException">A number is none of its type.</exception>
    public static ModelMetadata Read(ReadOnlySpan<byte> json)
    {
        var metadata = new MetadataReader(json);
        metadata.Next();
        ModelMetadata read = metadata.Metadata();
        if (metadata.reader.Read()) throw new JsonException("something follows its end");
        return read;
    }

    private ModelMetadata Metadata()
    {
        var read = new ModelMetadata();
        Begin(JsonTokenType.StartObject);
        while (Field() is { } name)
            switch (name)
            {
                case "name": read = read with { Name = Text() }; break;
                case "task": read = read with { Task = Text() }; break;
                case "license": read = read with { License = Text() }; break;
                case "source": read = read with { Source = Text() }; break;
                case "source_sha256": read = read with { SourceSha256 = Text() }; break;
                case "converter": read = read with { Converter = Text() }; break;
                case "image": read = read with { Image = IsNull ? null : Image() }; break;
                case "sound": read = read with { Sound = IsNull ? null : Sound() }; break;
                case "state": read = read with { State = Texts() }; break;
                case "decoder": read = read with { Decoder = IsNull ? null : Decoder() }; break;
                case "labels": read = read with { Labels = Labels() }; break;
                // Large, and only of quantized models.
                case "quantization": read = read with { Quantization = IsNull ? null : JsonSerializer.Deserialize(ref reader, MetadataJson.Default.QuantizationEvidence) }; break;
                case "source_properties": read = read with { SourceProperties = Texts() }; break;
                default: reader.Skip(); break;
            }
        return read;
    }

    private ImageInput Image()
    {
        var read = new ImageInput();
        Begin(JsonTokenType.StartObject);
        while (Field() is { } name)
            switch (name)
            {
                case "input": read = read with { Input = Text() }; break;
                case "channels": read = read with { Channels = (ChannelOrder)Member(ChannelOrders) }; break;
                case "fit": read = read with { Fit = (ImageFit)Member(ImageFits) }; break;
                case "scale": read = read with { Scale = Array.ConvertAll(Numbers(), n => (float)n) }; break;
                case "offset": read = read with { Offset = Array.ConvertAll(Numbers(), n => (float)n) }; break;
                default: reader.Skip(); break;
            }
        return read;
    }

    private SoundInput Sound()
    {
        var read = new SoundInput();
        Begin(JsonTokenType.StartObject);
        while (Field() is { } name)
            switch (name)
            {
                case "input": read = read with { Input = Text() }; break;
                case "sample_rate": read = read with { SampleRate = reader.GetInt32() }; break;
                case "samples": read = read with { Samples = reader.GetInt32() }; break;
                case "context": read = read with { Context = reader.GetInt32() }; break;
                default: reader.Skip(); break;
            }
        return read;
    }

    private DecoderInfo Decoder()
    {
        var read = new DecoderInfo();
        Begin(JsonTokenType.StartObject);
        while (Field() is { } name)
            switch (name)
            {
                case "kind": read = read with { Kind = Text() }; break;
                case "outputs": read = read with { Outputs = Texts() }; break;
                case "parameters":
                    var parameters = new Dictionary<string, double[]>();
                    Begin(JsonTokenType.StartObject);
                    while (Field() is { } parameter) parameters[parameter] = Numbers();
                    read = read with { Parameters = parameters };
                    break;
                default: reader.Skip(); break;
            }
        return read;
    }

    private Dictionary<string, string> Texts()
    {
        var read = new Dictionary<string, string>();
        Begin(JsonTokenType.StartObject);
        while (Field() is { } name) read[name] = Text();
        return read;
    }

    private List<string> Labels()
    {
        List<string> read = [];
        Begin(JsonTokenType.StartArray);
        for (Next(); reader.TokenType != JsonTokenType.EndArray; Next()) read.Add(Text());
        return read;
    }

    private double[] Numbers()
    {
        List<double> read = [];
        Begin(JsonTokenType.StartArray);
        for (Next(); reader.TokenType != JsonTokenType.EndArray; Next()) read.Add(reader.GetDouble());
        return [.. read];
    }

    /// <summary>A member of an enumeration by name or number.</summary>
    private readonly int Member(string[] names)
    {
        if (reader.TokenType == JsonTokenType.Number) return reader.GetInt32();
        string name = Text();
        int member = Array.FindIndex(names, n => n.Equals(name, StringComparison.OrdinalIgnoreCase));
        return member >= 0 ? member : throw new JsonException($"'{name}' is none of {string.Join(", ", names)}");
    }

    private readonly bool IsNull => reader.TokenType == JsonTokenType.Null;

    private readonly string Text() => reader.TokenType == JsonTokenType.String ? reader.GetString()! : throw new JsonException($"there is {reader.TokenType} where a text is expected");

    private readonly void Begin(JsonTokenType type)
    {
        if (reader.TokenType != type) throw new JsonException($"there is {reader.TokenType} where {type} is expected");
    }

    /// <summary>The name of the next field, and the reader at its value; null at the end of the object.</summary>
    private string? Field()
    {
        Next();
        if (reader.TokenType == JsonTokenType.EndObject) return null;
        string name = reader.GetString()!;
        Next();
        return name;
    }

    private void Next()
    {
        if (!reader.Read()) throw new JsonException("it ends too early");
    }
}
