using EdgeRuntime.Diagnostics;
using EdgeRuntime.Pipelines;

namespace EdgeRuntime.Tools.Media;

/// <summary>A folder of PNGs, named after the pictures they come from or numbered. Each is whole as soon as it is there.</summary>
internal sealed class FolderSink : FrameSink
{
    private readonly string folder;
    private readonly HashSet<string> written = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Creates the folder where it is missing.</summary>
    /// <exception cref="EdgeException">It cannot be created (CannotWrite).</exception>
    public FolderSink(string folder)
    {
        this.folder = folder;
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new EdgeException(ErrorCode.CannotWrite, $"The folder '{folder}' cannot be created: {e.Message}", "Name another place, or change its permissions.", e);
        }
    }

    /// <inheritdoc/>
    public override void Write(Frame frame, string? name)
    {
        string file = name is null ? $"frame_{frame.Index:D6}.png" : Path.GetFileNameWithoutExtension(name) + ".png";
        // cat.jpg and cat.bmp of one folder must not become the same file.
        if (written.Contains(file)) file = $"{name ?? "frame"}_{written.Count:D6}.png";
        PngWriter.Write(Path.Combine(folder, file), frame);
        written.Add(file);
    }

    /// <inheritdoc/>
    public override string Complete(bool interrupted = false) => written.Count == 1 ? Path.Combine(folder, written.First()) : $"{folder} ({written.Count} pictures)";
}
