using System.Diagnostics;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Realtime;
using Xunit;

namespace EdgeRuntime.Tests.Media;

/// <summary>A folder for one test, random pictures, and files made by FFmpeg.</summary>
internal sealed class MediaFiles : IDisposable
{
    public MediaFiles() => Folder = Directory.CreateTempSubdirectory("edgert-media-").FullName;

    public string Folder { get; }

    public string this[string name] => Path.Combine(Folder, name);

    /// <summary>Runs FFmpeg to make a file; skips the test where there is no FFmpeg.</summary>
    public string Make(string name, params string[] arguments)
    {
        Ffmpeg(["-y", .. arguments, this[name]]);
        return this[name];
    }

    /// <summary>The pixels that FFmpeg itself gives for a file.</summary>
    public byte[] Rgb(string path, params string[] arguments)
    {
        Ffmpeg(["-y", "-i", "file:" + path, .. arguments, "-pix_fmt", "rgb24", "-f", "rawvideo", this["reference.rgb"]]);
        return File.ReadAllBytes(this["reference.rgb"]);
    }

    public static void NeedFfmpeg() => Assert.SkipWhen(FfmpegTools.Find("ffmpeg") is null || FfmpegTools.Find("ffprobe") is null, "FFmpeg is not installed");

    public static Frame RandomFrame(int seed, int width, int height)
    {
        var frame = new Frame();
        frame.Resize(width, height);
        var random = new Random(seed);
        // Half noise, half ramps, so that both filters and compression have something to do.
        for (int i = 0; i < frame.Pixels.Length; i++) frame.Pixels[i] = (byte)(i % 3 == 0 ? random.Next(256) : i / width);
        return frame;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private static void Ffmpeg(string[] arguments)
    {
        NeedFfmpeg();
        var start = new ProcessStartInfo("ffmpeg") { RedirectStandardError = true };
        foreach (string argument in (string[])["-v", "error", "-nostdin", .. arguments]) start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"ffmpeg {string.Join(' ', arguments)}: {errors}");
    }
}
