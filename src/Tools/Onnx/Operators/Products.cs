namespace EdgeRuntime.Tools.Onnx.Operators;

/// <summary>Matrix products.</summary>
internal static class Products
{
    public static readonly (string Name, OnnxImport Import)[] All =
    [
    ];
}
