namespace EdgeRuntime.Tools.Onnx.Operators;

/// <summary>Convolution and pooling.</summary>
internal static class Spatial
{
    public static readonly (string Name, OnnxImport Import)[] All =
    [
    ];
}
