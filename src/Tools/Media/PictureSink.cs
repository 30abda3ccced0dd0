using EdgeRuntime.Pipelines;

namespace EdgeRuntime.Tools.Media;

/// <summary>One picture, PNG or PPM by its name.</summary>
internal sealed class PictureSink(string path) : FrameSink
{
    /// <inheritdoc/>
    public override void Write(Frame frame, string? name)
    {
        if (path.EndsWith(".ppm", StringComparison.OrdinalIgnoreCase)) PpmWriter.Write(path, frame);
        else PngWriter.Write(path, frame);
    }

    /// <inheritdoc/>
    public override string Complete(bool interrupted = false) => path;
}
