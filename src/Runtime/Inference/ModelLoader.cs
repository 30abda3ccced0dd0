using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;

namespace EdgeRuntime.Inference;

/// <summary>Reads models.</summary>
public static class ModelLoader
{
    /// <summary>Reads an .edge file, as `edgert convert` makes it of others.</summary>
    /// <exception cref="EdgeException">It cannot be read, or is damaged.</exception>
    public static Model Load(string path) => new(EdgeReader.Read(path));

    /// <summary>Reads an .edge file that is in memory.</summary>
    /// <exception cref="EdgeException">It is damaged.</exception>
    public static Model Load(ReadOnlyMemory<byte> file) => new(EdgeReader.Read(file));
}
