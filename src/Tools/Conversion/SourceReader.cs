using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Tools.Onnx;
using EdgeRuntime.Tools.TensorFlow;

namespace EdgeRuntime.Tools.Conversion;

/// <summary>Reads a model of any format that can be imported, known by its content.</summary>
internal static class SourceReader
{
    /// <summary>Reads a file.</summary>
    /// <exception cref="EdgeException">It cannot be read, or holds no model.</exception>
    public static ISourceModel Read(string path) => IsJson(path) ? TensorFlowReader.Read(path) : OnnxReader.Read(path);

    /// <summary>True when the file begins as JSON does. What cannot be read is left to the reader of ONNX files, which says why.</summary>
    private static bool IsJson(string path)
    {
        try
        {
            Span<byte> head = stackalloc byte[256];
            using FileStream file = RegularFile.OpenRead(path);
            return TensorFlowReader.IsJson(head[..file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
