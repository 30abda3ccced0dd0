using EdgeRuntime.Diagnostics;

namespace EdgeRuntime.Realtime.Sounds;

/// <summary>A sound decoded by FFmpeg, which hands it over as WAV at the file's own rate and with its channels.</summary>
internal static class FfmpegSound
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>The file's first track of sound.</summary>
    /// <exception cref="EdgeException">FFmpeg is not installed, or finds no sound.</exception>
    public static (float[] Samples, int Rate) Read(string path)
    {
        string program = FfmpegTools.Require("ffmpeg", $"Reading '{path}'");
        var log = new FfmpegLog();
        // The path is no address and no pattern; what it refers to is not followed.
        using var child = new FfmpegProcess(program,
            ["-hide_banner", "-nostdin", "-nostats", "-loglevel", "repeat+level+error", "-protocol_whitelist", "file", "-i", "file:" + Path.GetFullPath(path), "-map", "0:a:0", "-vn", "-sn", "-dn", "-c:a", "pcm_f32le", "-f", "wav", "pipe:1"], log);
        child.Input.Dispose();
        using var timer = new Timer(_ => child.Kill(), null, Patience, Timeout.InfiniteTimeSpan);
        (float[] Samples, int Rate)? sound = null;
        EdgeException? cause = null;
        try
        {
            sound = WavReader.Read(child.Output, path, null);
        }
        catch (EdgeException e)
        {
            cause = e;
        }
        // Of a sound that is too long the rest is not waited for.
        if (sound is not null && child.Wait(Patience) is 0 && !log.HasErrors) return sound.Value;
        if (cause is not null && !log.HasErrors) throw cause;
        throw new EdgeException(ErrorCode.CannotDecode, $"'{path}' cannot be decoded as sound: {log.Tail("it took too long")}", "Check that it is a sound, and whole.", cause);
    }
}
