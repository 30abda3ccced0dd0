namespace EdgeRuntime.Tools.Onnx.Operators;

/// <summary>The shape of tensors and how elements move: reshape, slice, pad, resize.</summary>
internal static class Shapes
{
    public static readonly (string Name, OnnxImport Import)[] All =
    [
    ];
}
