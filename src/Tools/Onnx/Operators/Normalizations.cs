namespace EdgeRuntime.Tools.Onnx.Operators;

/// <summary>Normalisations.</summary>
internal static class Normalizations
{
    public static readonly (string Name, OnnxImport Import)[] All =
    [
    ];
}
