using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Pipelines;

namespace EdgeRuntime.Realtime.Pictures;

/// <summary>Reads a picture of any format: PNG, BMP and PPM/PGM here, all else through FFmpeg.</summary>
public static class PictureFile
{
    /// <summary>Longest side of a picture or video that is read.</summary>
    public const int MaxSide = 16384;

    private const int MaxBytes = 512 << 20;

    /// <summary>Reads the file's picture into <paramref name="frame"/>; transparency is ignored, orientation marks are obeyed.</summary>
    /// <exception cref="EdgeException">CannotRead, CannotDecode, or MissingTool where FFmpeg is needed and absent.</exception>
    public static void Read(string path, Frame frame)
    {
        byte[] start = Start(path);
        if (PngReader.Knows(start) || BmpReader.Knows(start) || NetpbmReader.Knows(start))
        {
            if (Decode(Whole(path), path, frame)) return;
        }
        FfmpegPicture.Read(path, frame);
    }

    /// <summary>Decodes PNG, BMP or PPM/PGM; false where the format, or its variant, is for FFmpeg.</summary>
    /// <exception cref="EdgeException">The bytes are damaged or too large (CannotDecode).</exception>
    internal static bool Decode(ReadOnlySpan<byte> file, string name, Frame frame)
    {
        if (PngReader.Knows(file))
        {
            PngReader.Read(file, name, frame);
            return true;
        }
        if (BmpReader.Knows(file)) return BmpReader.Read(file, name, frame);
        if (NetpbmReader.Knows(file)) return NetpbmReader.Read(file, name, frame);
        return false;
    }

    /// <summary>The first bytes of a file, by which its format is known.</summary>
    internal static byte[] Start(string path)
    {
        try
        {
            using FileStream file = RegularFile.OpenRead(path);
            var bytes = new byte[16];
            return bytes[..file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, e);
        }
    }

    /// <summary>The error for bytes that are not what they say.</summary>
    internal static EdgeException Broken(string name, string format, string what, Exception? cause = null) =>
        new(ErrorCode.CannotDecode, $"'{name}' is damaged: {what} ({format}).", "Get or export the picture again.", cause);

    /// <summary>Throws unless the sides are within bounds; called before anything of that size is allocated.</summary>
    internal static void CheckSize(string name, string format, long width, long height)
    {
        if (width is < 1 or > MaxSide || height is < 1 or > MaxSide)
            throw new EdgeException(ErrorCode.CannotDecode, $"'{name}' claims to be {width} x {height} pixels; a side is 1 to {MaxSide} ({format}).",
                "Scale the picture down, or get it again if it is damaged.");
    }

    private static byte[] Whole(string path)
    {
        try
        {
            using FileStream file = RegularFile.OpenRead(path);
            if (file.Length > MaxBytes)
                throw new EdgeException(ErrorCode.CannotDecode, $"'{path}' has {file.Length} bytes; a picture has at most {MaxBytes}.", "Scale the picture down.");
            var bytes = new byte[(int)file.Length];
            file.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, e);
        }
    }

    private static EdgeException Unreadable(string path, Exception e) =>
        new(ErrorCode.CannotRead, $"'{path}' cannot be read: {e.Message}", "Check the name and the permissions.", e);
}
