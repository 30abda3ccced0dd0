namespace EdgeRuntime.Tools.Onnx.Operators;

/// <summary>Recurrent networks.</summary>
internal static class Recurrent
{
    public static readonly (string Name, OnnxImport Import)[] All =
    [
    ];
}
