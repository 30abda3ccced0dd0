using EdgeRuntime.Diagnostics;
using EdgeRuntime.Tools.Onnx;

namespace EdgeRuntime.Tools.Conversion;

/// <summary>Reads a model of any format that can be imported, known by its content.</summary>
internal static class SourceReader
{
    /// <summary>Reads a file.</summary>
    /// <exception cref="EdgeException">It cannot be read, or holds no model.</exception>
    public static ISourceModel Read(string path) => OnnxReader.Read(path);
}
