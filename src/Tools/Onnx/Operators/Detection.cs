namespace EdgeRuntime.Tools.Onnx.Operators;

/// <summary>Boxes and regions.</summary>
internal static class Detection
{
    public static readonly (string Name, OnnxImport Import)[] All =
    [
    ];
}
