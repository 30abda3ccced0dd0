namespace EdgeRuntime.Tools.Onnx.Operators;

/// <summary>Reductions along axes.</summary>
internal static class Reductions
{
    public static readonly (string Name, OnnxImport Import)[] All =
    [
    ];
}
