using EdgeRuntime.Diagnostics;

namespace EdgeRuntime.Pipelines;

/// <summary>All decoders there are, by the kind that model files name.</summary>
internal static class Decoders
{
    private static readonly (string Kind, Func<DecoderRequest, IDetectionDecoder> Create)[] All =
    [
        ("blazeface", BlazeFaceDecoder.Create),
        ("box-list", BoxListDecoder.Create),
        ("yolox", YoloxDecoder.Create),
        ("nanodet", NanoDetDecoder.Create),
        ("fastestdet", FastestDetDecoder.Create),
        ("yunet", YuNetDecoder.Create),
        ("ultraface", UltraFaceDecoder.Create),
        ("movenet", MoveNetDecoder.Create),
    ];

    /// <summary>True when there is a decoder of that kind, so that the model gives detections.</summary>
    public static bool Has(string kind) => Array.Exists(All, d => d.Kind == kind);

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
