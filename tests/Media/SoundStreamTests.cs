using EdgeRuntime.Diagnostics;
using EdgeRuntime.Realtime;
using EdgeRuntime.Realtime.Sounds;
using Xunit;

namespace EdgeRuntime.Tests.Media;

/// <summary>Sound that goes on, made by FFmpeg itself in place of a microphone.</summary>
public class SoundStreamTests
{
    [Fact]
    public void Samples_come_at_the_rate_that_is_wanted_until_the_end()
    {
        SkipWithoutFfmpeg();
        using SoundStream stream = SoundStream.Open("sine", 16000, ["-f", "lavfi", "-i", "sine=frequency=500:sample_rate=44100:duration=0.5"]);
        var part = new float[1600];
        int samples = 0, crossings = 0;
        float last = 0;
        for (int got = part.Length; got == part.Length; samples += got)
        {
            got = stream.Read(part);
            foreach (float sample in part.AsSpan(0, got))
            {
                if (last < 0 && sample >= 0) crossings++;
                last = sample;
            }
        }
        // FFmpeg may leave out the first block, so that later ones come without delay.
        Assert.InRange(samples, 7500, 8100);
        Assert.InRange(crossings, 230, 255);
        Assert.Equal(0, stream.Read(part));
    }

    [Fact]
    public void What_gives_no_sound_is_named_with_the_reason()
    {
        SkipWithoutFfmpeg();
        using SoundStream stream = SoundStream.Open("microphone:none", 16000, ["-f", "lavfi", "-i", "nosuchfilter"]);
        EdgeException error = Assert.Throws<EdgeException>(() => stream.Read(new float[100]));
        Assert.Equal(ErrorCode.DeviceTrouble, error.Code);
        Assert.Contains("microphone:none", error.Problem);
        Assert.Contains("nosuchfilter", error.Problem);
    }

    [Fact]
    public void A_wait_ends_when_it_is_stopped()
    {
        SkipWithoutFfmpeg();
        using SoundStream stream = SoundStream.Open("endless", 16000, ["-re", "-f", "lavfi", "-i", "anullsrc=sample_rate=16000:channel_layout=mono"]);
        var part = new float[1600];
        Assert.Equal(part.Length, stream.Read(part));
        stream.Stop();
        for (int i = 0; i < 100 && stream.Read(part) > 0; i++) { }
        Assert.Equal(0, stream.Read(part));
    }

    [Theory]
    [InlineData("microphone", true)]
    [InlineData("microphone:hw:1", true)]
    [InlineData("microphones", false)]
    [InlineData("a.wav", false)]
    public void Only_microphones_are_meant(string spec, bool meant)
    {
        Assert.Equal(meant, SoundStream.Means(spec));
        if (!meant) Assert.Equal(ErrorCode.BadUsage, Assert.Throws<EdgeException>(() => SoundStream.Open(spec, 16000)).Code);
    }

    private static void SkipWithoutFfmpeg() => Assert.SkipUnless(FfmpegTools.Find("ffmpeg") is not null, "FFmpeg is not on this machine");
}
