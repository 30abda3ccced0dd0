using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Realtime.Pictures;

namespace EdgeRuntime.Realtime;

/// <summary>One picture, or all pictures of a folder in the order of their names. Frames may differ in size.</summary>
internal sealed class PictureSource : FrameSource
{
    // What FFmpeg reads as pictures beyond the formats known by their first bytes.
    private static readonly string[] Extensions = [".avif", ".heic", ".heif", ".jxl", ".jp2", ".j2k", ".tga", ".exr", ".hdr", ".psd", ".ico", ".dds", ".sgi", ".pcx", ".xbm", ".xpm", ".qoi", ".pbm", ".pam", ".svg"];

    private readonly bool folder;
    private readonly string[] paths;
    private readonly List<SkippedFile> skipped = [];
    private readonly List<string> broken = [];
    private int next;
    private long count;
    private string? frameName;

    /// <summary>Opens a picture or a folder.</summary>
    /// <exception cref="EdgeException">The folder cannot be listed or has no picture (CannotRead).</exception>
    public PictureSource(string path)
    {
        Name = path;
        folder = Directory.Exists(path);
        paths = folder ? Pictures(path) : [path];
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override string? FrameName => frameName;

    /// <inheritdoc/>
    public override long? FrameCount => paths.Length;

    /// <inheritdoc/>
    public override IReadOnlyList<SkippedFile> Skipped => skipped;

    /// <summary>True if a file looks like a picture, by its first bytes or else by its extension.</summary>
    public static bool Holds(string path)
    {
        byte[] start = PictureFile.Start(path);
        return PngReader.Knows(start) || BmpReader.Knows(start) || NetpbmReader.Knows(start)
            || start.AsSpan().StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF])
            || start.AsSpan().StartsWith("II*\0"u8) || start.AsSpan().StartsWith("MM\0*"u8)
            || (start.AsSpan().StartsWith("RIFF"u8) && start.AsSpan(8).StartsWith("WEBP"u8))
            || Extensions.Contains(Path.GetExtension(path).ToLowerInvariant());
    }

    /// <inheritdoc/>
    public override string Describe() => folder ? $"folder {Name}, {paths.Length} pictures" : $"picture {Name}";

    /// <inheritdoc/>
    public override bool Read(Frame frame)
    {
        for (; next < paths.Length; next++)
        {
            string path = paths[next];
            try
            {
                PictureFile.Read(path, frame);
            }
            catch (EdgeException e) when (folder && e.Code is ErrorCode.CannotDecode or ErrorCode.CannotRead)
            {
                // One bad file must not keep the others from being read; it is told at the end.
                skipped.Add(new SkippedFile(Path.GetFileName(path), e.Problem));
                broken.Add(Path.GetFileName(path));
                continue;
            }
            frameName = Path.GetFileName(path);
            frame.Index = count++;
            frame.Time = TimeSpan.Zero;
            next++;
            return true;
        }
        if (broken.Count == 0) return false;
        string names = string.Join(", ", broken);
        string why = skipped.Find(file => file.Name == broken[0]).Reason;
        broken.Clear();
        throw new EdgeException(ErrorCode.CannotDecode, $"Of the folder '{Name}' these pictures could not be read: {names}. The first: {why}", "Repair or remove them.");
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
    }

    private string[] Pictures(string path)
    {
        try
        {
            var found = new List<string>();
            foreach (string file in Directory.GetFiles(path).Order(StringComparer.Ordinal))
            {
                if (!RegularFile.Is(file)) skipped.Add(new SkippedFile(Path.GetFileName(file), "no regular file"));
                else if (Holds(file)) found.Add(file);
                else skipped.Add(new SkippedFile(Path.GetFileName(file), "no picture"));
            }
            foreach (string inner in Directory.GetDirectories(path).Order(StringComparer.Ordinal))
                skipped.Add(new SkippedFile(Path.GetFileName(inner), "a folder"));
            if (found.Count > 0) return [.. found];
            throw new EdgeException(ErrorCode.CannotRead, $"The folder '{path}' holds no picture ({skipped.Count} other files).", "Name a folder with pictures in it; a video is named itself.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EdgeException(ErrorCode.CannotRead, $"The folder '{path}' cannot be listed: {e.Message}", "Check its permissions.", e);
        }
    }
}
