namespace EdgeRuntime.Tools.Onnx.Operators;

/// <summary>Quantized arithmetic.</summary>
internal static class Quantized
{
    public static readonly (string Name, OnnxImport Import)[] All =
    [
    ];
}
