using System.Text;
using EdgeRuntime.Format;
using EdgeRuntime.Pipelines;

namespace EdgeRuntime.Tools.Media;

/// <summary>Writes a frame as a binary PPM.</summary>
internal static class PpmWriter
{
    /// <summary>Writes a file, whole or not at all.</summary>
    /// <exception cref="Diagnostics.EdgeException">It cannot be written (CannotWrite).</exception>
    public static void Write(string path, Frame frame) => AtomicFile.Write(path, stream =>
    {
        stream.Write(Encoding.ASCII.GetBytes($"P6\n{frame.Width} {frame.Height}\n255\n"));
        stream.Write(frame.Pixels);
    });
}
