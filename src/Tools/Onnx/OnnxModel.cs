using EdgeRuntime.Tools.Onnx.Proto;

namespace EdgeRuntime.Tools.Onnx;

/// <summary>An ONNX model as read, and where it came from.</summary>
/// <param name="Proto">The parsed model.</param>
/// <param name="Name">File name without extension, or what the caller calls the model.</param>
/// <param name="Folder">Where external data lies; null when the model did not come from a file.</param>
/// <param name="Sha256">SHA-256 of the model's bytes in lower-case hexadecimal, without external data.</param>
internal sealed record OnnxModel(ModelProto Proto, string Name, string? Folder, string Sha256);
