using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;

namespace EdgeRuntime.Realtime.Sounds;

/// <summary>Reads a sound of any format as one channel at the rate a model wants: WAV here, all else through FFmpeg.</summary>
public static class SoundFile
{
    /// <summary>Most samples of one channel that are read, at the file's rate and at the one asked for: 23 minutes at 48 kHz, and 256 MB.</summary>
    public const int MostSamples = 1 << 26;

    // What FFmpeg reads as sound beyond WAV, which is known by its first bytes.
    private static readonly string[] Extensions = [".mp3", ".flac", ".ogg", ".oga", ".opus", ".m4a", ".aac", ".wma", ".aif", ".aiff", ".au", ".amr", ".caf", ".wv", ".ape", ".mka"];

    /// <summary>True if a file looks like sound, by its first bytes or else by its extension.</summary>
    /// <exception cref="EdgeException">It cannot be read.</exception>
    public static bool Holds(string path) => WavReader.Knows(Pictures.PictureFile.Start(path)) || Extensions.Contains(Path.GetExtension(path).ToLowerInvariant());

    /// <summary>The file's sound as samples between -1 and 1: the mean of its channels, resampled.</summary>
    /// <param name="path">The file.</param>
    /// <param name="sampleRate">Samples a second that are wanted.</param>
    /// <exception cref="EdgeException">InputMismatch for an impossible rate; CannotRead, CannotDecode, or MissingTool where FFmpeg is needed and absent.</exception>
    public static float[] Read(string path, int sampleRate)
    {
        // Model files say the rate, and are not trusted.
        if (sampleRate is < WavReader.LeastRate or > WavReader.MostRate)
            throw new EdgeException(ErrorCode.InputMismatch, $"Sound at {sampleRate:N0} samples a second is asked for; {WavReader.LeastRate:N0} to {WavReader.MostRate:N0} are possible.", "Convert the model again with right metadata.");
        (float[] samples, int rate) = Native(path) ?? FfmpegSound.Read(path);
        if (samples.Length * (double)sampleRate / rate > MostSamples) throw TooLong(path);
        return SampleRateConverter.Convert(samples, rate, sampleRate);
    }

    /// <summary>The error for a sound that is longer than what is read.</summary>
    internal static EdgeException TooLong(string name) =>
        new(ErrorCode.CannotDecode, $"'{name}' is too long: more than {MostSamples:N0} samples of one channel.", "Cut it into parts.");

    /// <summary>The error for bytes that are not what they say.</summary>
    internal static EdgeException Broken(string name, string what) =>
        new(ErrorCode.CannotDecode, $"'{name}' is damaged: {what}.", "Get or export the sound again.");

    /// <summary>What is read here; null where the format, or its variant, is for FFmpeg.</summary>
    private static (float[] Samples, int Rate)? Native(string path)
    {
        try
        {
            using FileStream file = RegularFile.OpenRead(path);
            return WavReader.Read(file, path, file.Length);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EdgeException(ErrorCode.CannotRead, $"'{path}' cannot be read: {e.Message}", "Check the name and the permissions.", e);
        }
    }
}
