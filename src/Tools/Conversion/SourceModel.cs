using EdgeRuntime.Diagnostics;
using EdgeRuntime.Tools.Onnx;
using EdgeRuntime.Tools.Zoo;

namespace EdgeRuntime.Tools.Conversion;

/// <summary>Finds the ONNX model that an .edge file was made from, for comparing the two.</summary>
internal static class SourceModel
{
    /// <summary>The source of a loaded model.</summary>
    /// <param name="loaded">The model.</param>
    /// <param name="given">Path of the source if the user gave one; else it is looked up in the zoo by checksum.</param>
    /// <exception cref="EdgeException">It is not known, or is another model.</exception>
    public static OnnxModel Find(LoadedModel loaded, string? given)
    {
        string sha256 = loaded.Model.Metadata.SourceSha256;
        if (loaded.Source is { } other) throw NotOnnx(loaded.Path, other.Format);
        if (given is null && loaded.Model.Metadata.SourceProperties.TryGetValue("format", out string? format)) throw NotOnnx(loaded.Path, format);
        if (given is null)
        {
            ZooModel known = ModelZoo.Default.FindBySha256(sha256) ?? throw new EdgeException(ErrorCode.BadUsage,
                $"'{loaded.Path}' was made from a model that is not in the zoo.", "Give its source with --onnx IN.onnx.");
            given = ModelCache.Default.Pull(known);
        }
        ISourceModel read = SourceReader.Read(given);
        if (read is not OnnxModel source) throw NotOnnx(given, read.Format);
        if (sha256.Length > 0 && source.Sha256 != sha256)
            throw new EdgeException(ErrorCode.BadUsage, $"'{loaded.Path}' was not made from '{given}': the checksums differ ({sha256[..12]}… and {source.Sha256[..12]}…).", "Give the model it was made from.");
        return source;
    }

    private static EdgeException NotOnnx(string path, string format) => new(ErrorCode.BadUsage,
        $"'{path}' is a model for {format}: ONNX Runtime, which models are compared with, cannot run it.",
        "Look at its results with `edgert run`, compare its outputs with those of TensorFlow.js, or give the same model in ONNX format.");
}
