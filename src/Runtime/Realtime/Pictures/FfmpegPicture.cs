using EdgeRuntime.Pipelines;

namespace EdgeRuntime.Realtime.Pictures;

/// <summary>Pictures of the formats that are not decoded here: JPEG, WebP, TIFF and whatever FFmpeg knows.</summary>
internal static class FfmpegPicture
{
    public static void Read(string path, Frame frame)
    {
        using FfmpegSource source = FfmpegSource.OpenPicture(path);
        source.Read(frame);
        // The end is where a damaged picture is reported; an animation's other frames are not wanted.
        source.Read(new Frame());
    }
}
