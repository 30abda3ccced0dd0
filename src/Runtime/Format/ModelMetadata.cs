namespace EdgeRuntime.Format;

/// <summary>What a model file says about itself beside the graph: where it is from, what it takes, what its outputs mean.</summary>
public sealed record ModelMetadata
{
    /// <summary>Name of the model, such as blazeface-front.</summary>
    public string Name { get; init; } = "";

    /// <summary>What it is for, such as face-detection; empty when nobody said. Pipelines refuse models of another task.</summary>
    public string Task { get; init; } = "";

    /// <summary>SPDX identifier of the weights' licence; empty when unknown.</summary>
    public string License { get; init; } = "";

    /// <summary>Where the source model came from, such as a package with version and path.</summary>
    public string Source { get; init; } = "";

    /// <summary>SHA-256 of the source model, in lower-case hexadecimal.</summary>
    public string SourceSha256 { get; init; } = "";

    /// <summary>Name and version of the converter.</summary>
    public string Converter { get; init; } = "";

    /// <summary>How a picture becomes the model's input; null when the model takes no picture.</summary>
    public ImageInput? Image { get; init; }

    /// <summary>How sound becomes the model's input; null when the model takes no sound.</summary>
    public SoundInput? Sound { get; init; }

    /// <summary>For a model that is run step by step, the output that is fed back to each input that carries state, by input; the first step has zeros.</summary>
    public IReadOnlyDictionary<string, string> State { get; init; } = new Dictionary<string, string>();

    /// <summary>How outputs are turned into results; null when nobody said.</summary>
    public DecoderInfo? Decoder { get; init; }

    /// <summary>Names of the classes that results speak of, by number; empty when it has none.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>How the model was quantized and what it lost by it, as measured; null when nobody quantized it here.</summary>
    public QuantizationEvidence? Quantization { get; init; }

    /// <summary>Metadata of the source model, as found there.</summary>
    public IReadOnlyDictionary<string, string> SourceProperties { get; init; } = new Dictionary<string, string>();
}

/// <summary>How a picture becomes an input tensor.</summary>
public sealed record ImageInput
{
    /// <summary>Name of the graph input. Its shape gives the size, and tells channels first from channels last.</summary>
    public string Input { get; init; } = "";

    /// <summary>Order of the three channels, or that there is only one.</summary>
    public ChannelOrder Channels { get; init; }

    /// <summary>How a picture of another aspect ratio is fitted.</summary>
    public ImageFit Fit { get; init; }

    /// <summary>For each channel, the factor from 0…255 to the model's range: value = pixel · scale + offset. Of a grey input the first one counts.</summary>
    public float[] Scale { get; init; } = [1, 1, 1];

    /// <summary>For each channel, what is added after scaling.</summary>
    public float[] Offset { get; init; } = [0, 0, 0];
}

/// <summary>How sound becomes an input tensor: one channel, resampled, as F32 numbers from -1 to 1.</summary>
public sealed record SoundInput
{
    /// <summary>Name of the graph input, whose last dimension is time.</summary>
    public string Input { get; init; } = "";

    /// <summary>Samples per second.</summary>
    public int SampleRate { get; init; }

    /// <summary>Samples that the model takes at a time.</summary>
    public int Samples { get; init; }

    /// <summary>How many of the samples before these are put in front of them; the first time they are zeros.</summary>
    public int Context { get; init; }
}

/// <summary>Order of colour channels.</summary>
public enum ChannelOrder
{
    /// <summary>Red first.</summary>
    Rgb,

    /// <summary>Blue first.</summary>
    Bgr,

    /// <summary>One channel: how bright a pixel is, as 0.299 red + 0.587 green + 0.114 blue.</summary>
    Grey,
}

/// <summary>How a picture is fitted into the input's size.</summary>
public enum ImageFit
{
    /// <summary>Aspect ratio kept, centred, the rest filled with black (pixel 0 before scaling).</summary>
    Letterbox,

    /// <summary>Stretched to fill.</summary>
    Stretch,
}

/// <summary>Which decoder reads the outputs, and its parameters. Pipelines look the kind up; file names say nothing.</summary>
public sealed record DecoderInfo
{
    /// <summary>Kind of decoder, such as blazeface; of models that tell classes apart it is classes, whose output in the role scores has a number for each.</summary>
    public string Kind { get; init; } = "";

    /// <summary>Numbers the decoder needs, by name, such as score_threshold.</summary>
    public IReadOnlyDictionary<string, double[]> Parameters { get; init; } = new Dictionary<string, double[]>();

    /// <summary>Names of the outputs it reads, by role, such as scores_0.</summary>
    public IReadOnlyDictionary<string, string> Outputs { get; init; } = new Dictionary<string, string>();
}
