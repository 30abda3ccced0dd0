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
        if (given is null)
        {
            ZooModel known = ModelZoo.Default.FindBySha256(sha256) ?? throw new EdgeException(ErrorCode.BadUsage,
                $"'{loaded.Path}' was made from a model that is not in the zoo.", "Give its source with --onnx IN.onnx.");
            given = ModelCache.Default.Pull(known);
        }
        OnnxModel source = OnnxReader.Read(given);
        if (sha256.Length > 0 && source.Sha256 != sha256)
            throw new EdgeException(ErrorCode.BadUsage, $"'{loaded.Path}' was not made from '{given}': the checksums differ ({sha256[..12]}… and {source.Sha256[..12]}…).", "Give the model it was made from.");
        return source;
    }
}
