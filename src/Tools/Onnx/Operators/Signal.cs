namespace EdgeRuntime.Tools.Onnx.Operators;

/// <summary>Spectra and windows.</summary>
internal static class Signal
{
    public static readonly (string Name, OnnxImport Import)[] All =
    [
    ];
}
