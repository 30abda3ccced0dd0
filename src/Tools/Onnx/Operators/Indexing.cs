namespace EdgeRuntime.Tools.Onnx.Operators;

/// <summary>Gathering, scattering and selecting elements.</summary>
internal static class Indexing
{
    public static readonly (string Name, OnnxImport Import)[] All =
    [
    ];
}
