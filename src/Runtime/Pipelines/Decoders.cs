using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Sessions;

namespace EdgeRuntime.Pipelines;

/// <summary>All decoders there are, by the kind that model files name.</summary>
internal static class Decoders
{
    private static readonly (string Kind, Func<DecoderRequest, IDetectionDecoder> Create)[] All =
    [
        ("blazeface", BlazeFaceDecoder.Create),
        ("box-list", BoxListDecoder.Create),
    ];

    /// <summary>The decoder the model file asks for.</summary>
    /// <exception cref="EdgeException">It asks for none, for one we do not have, or its parameters make no sense.</exception>
    public static IDetectionDecoder Create(DecoderRequest request)
    {
        foreach ((string kind, Func<DecoderRequest, IDetectionDecoder> create) in All)
            if (kind == request.Info.Kind) return create(request);
        throw new EdgeException(ErrorCode.WrongTask,
            $"'{request.ModelName}' asks for the decoder '{request.Info.Kind}'; there are {string.Join(", ", All.Select(d => $"'{d.Kind}'"))}.",
            "Convert the model with metadata that names one of these, or use a newer EdgeRuntime.");
    }
}

/// <summary>What a decoder is made from.</summary>
/// <param name="ModelName">For messages.</param>
/// <param name="Info">Kind, parameters and outputs, as the model file gives them.</param>
/// <param name="Session">Where the outputs are.</param>
/// <param name="InputWidth">Width of the model's input.</param>
/// <param name="InputHeight">Height of the model's input.</param>
/// <param name="ScoreThreshold">Overrides the model file's, if not null.</param>
internal sealed record DecoderRequest(string ModelName, DecoderInfo Info, InferenceSession Session, int InputWidth, int InputHeight, float? ScoreThreshold)
{
    /// <summary>Names of the classes; empty where the model file has none.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>Position of the output that plays a role.</summary>
    /// <exception cref="EdgeException">The model file does not say which it is, or the graph has no such output.</exception>
    public int Output(string role) => Info.Outputs.TryGetValue(role, out string? name)
        ? Session.OutputIndex(name)
        : throw Wrong($"does not say which output is '{role}'");

    /// <summary>The numbers of a parameter.</summary>
    /// <exception cref="EdgeException">The model file does not have it.</exception>
    public double[] Numbers(string parameter) => Info.Parameters.TryGetValue(parameter, out double[]? numbers)
        ? numbers
        : throw Wrong($"lacks the parameter '{parameter}'");

    /// <summary>A parameter of one number within bounds.</summary>
    /// <exception cref="EdgeException">It is missing or out of bounds.</exception>
    public double Number(string parameter, double least, double most)
    {
        double[] numbers = Numbers(parameter);
        return numbers.Length == 1 && numbers[0] >= least && numbers[0] <= most
            ? numbers[0]
            : throw Wrong($"has {parameter} = [{string.Join(", ", numbers)}], where one number within {least}…{most} is expected");
    }

    /// <summary>An error that names the model and the decoder.</summary>
    public EdgeException Wrong(string problem) =>
        new(ErrorCode.WrongTask, $"The decoder '{Info.Kind}' of '{ModelName}' {problem}.", "Convert the model again with right metadata.");
}
