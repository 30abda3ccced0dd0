using EdgeRuntime.Diagnostics;
using EdgeRuntime.Realtime.Sounds;
using Xunit;

namespace EdgeRuntime.Tests.Media;

public class SoundFileTests : IDisposable
{
    private readonly MediaFiles files = new();

    public void Dispose() => files.Dispose();

    [Theory]
    [InlineData(1, 8, new byte[] { 0, 128, 192, 255 }, new[] { -1f, 0f, 0.5f, 127 / 128f })]
    [InlineData(1, 16, new byte[] { 0, 128, 0, 0, 0, 64 }, new[] { -1f, 0f, 0.5f })]
    [InlineData(1, 24, new byte[] { 0, 0, 128, 0, 0, 0, 0, 0, 64 }, new[] { -1f, 0f, 0.5f })]
    [InlineData(1, 32, new byte[] { 0, 0, 0, 128, 0, 0, 0, 64 }, new[] { -1f, 0.5f })]
    [InlineData(3, 32, new byte[] { 0, 0, 0x80, 0xBF, 0, 0, 0, 0x3F }, new[] { -1f, 0.5f })]
    [InlineData(3, 64, new byte[] { 0, 0, 0, 0, 0, 0, 0xE0, 0x3F }, new[] { 0.5f })]
    public void Samples_of_every_kind_are_read(int kind, int bits, byte[] data, float[] expected)
    {
        foreach (bool extensible in new[] { false, true })
        {
            File.WriteAllBytes(files["a.wav"], WavFiles.Make((ushort)kind, 1, 16000, bits, data, extensible: extensible));
            Assert.Equal(expected, SoundFile.Read(files["a.wav"], 16000));
        }
    }

    [Fact]
    public void Channels_are_mixed_and_an_open_length_ends_with_the_file()
    {
        File.WriteAllBytes(files["a.wav"], WavFiles.Make(1, 2, 8000, 16, [0, 64, 0, 0, 0, 32, 0, 32], claimed: uint.MaxValue));
        Assert.Equal([0.25f, 0.25f], SoundFile.Read(files["a.wav"], 8000));
    }

    [Theory]
    [InlineData(44100)]
    [InlineData(48000)]
    [InlineData(8000)]
    [InlineData(11025)]
    public void A_tone_keeps_its_pitch_and_loudness_at_another_rate(int rate)
    {
        WavFiles.Write(files["a.wav"], rate, WavFiles.Tone(1000, rate, rate));
        float[] samples = SoundFile.Read(files["a.wav"], 16000), expected = WavFiles.Tone(1000, 16000, 16000);
        Assert.Equal(expected.Length, samples.Length);
        // At both ends there is silence beyond the tone.
        for (int i = 200; i < samples.Length - 200; i++) Assert.Equal(expected[i], samples[i], 2e-3f);
    }

    [Fact]
    public void What_the_lower_rate_cannot_hold_is_taken_away()
    {
        WavFiles.Write(files["a.wav"], 48000, WavFiles.Tone(11000, 48000, 48000));
        float[] samples = SoundFile.Read(files["a.wav"], 16000);
        Assert.All(samples[200..^200], s => Assert.InRange(s, -1e-3f, 1e-3f));
    }

    [Fact]
    public void Other_formats_are_read_by_way_of_ffmpeg()
    {
        WavFiles.Write(files["a.wav"], 16000, WavFiles.Tone(440, 16000, 5000));
        foreach (string name in new[] { "a.flac", "b.wav" })
        {
            // The second is a WAV file of a coding that is not read here.
            string made = files.Make(name, name == "a.flac" ? ["-i", files["a.wav"]] : ["-i", files["a.wav"], "-c:a", "pcm_mulaw"]);
            float[] samples = SoundFile.Read(made, 16000), expected = SoundFile.Read(files["a.wav"], 16000);
            Assert.Equal(expected.Length, samples.Length);
            for (int i = 0; i < samples.Length; i++) Assert.Equal(expected[i], samples[i], name == "a.flac" ? 0 : 0.03f);
        }
        Assert.True(SoundFile.Holds(files["a.flac"]) && SoundFile.Holds(files["a.wav"]));
    }

    [Fact]
    public void What_is_no_sound_is_an_error()
    {
        MediaFiles.NeedFfmpeg();
        File.WriteAllText(files["a.mp3"], "no sound at all");
        EdgeException e = Assert.Throws<EdgeException>(() => SoundFile.Read(files["a.mp3"], 16000));
        Assert.Equal(ErrorCode.CannotDecode, e.Code);
        WavFiles.Write(files["b.wav"], 16000, [0]);
        foreach (int rate in new[] { -1, 0, 999, int.MaxValue }) Assert.Equal(ErrorCode.InputMismatch, Assert.Throws<EdgeException>(() => SoundFile.Read(files["b.wav"], rate)).Code);
        Assert.Equal(ErrorCode.CannotRead, Assert.Throws<EdgeException>(() => SoundFile.Read(files["missing.wav"], 16000)).Code);
    }

    public static TheoryData<string, byte[]> Damaged => new()
    {
        { "claims", WavFiles.Make(1, 1, 16000, 16, [1, 2, 3, 4], claimed: 400) },
        { "channels", WavFiles.Make(1, 0, 16000, 16, [1, 2]) },
        { "channels", WavFiles.Make(1, 65, 16000, 16, [1, 2]) },
        { "samples a second", WavFiles.Make(1, 1, 0, 16, [1, 2]) },
        { "samples a second", WavFiles.Make(1, 1, 2_000_000_000, 16, [1, 2]) },
        { "sample 0", WavFiles.Make(3, 1, 16000, 32, [0, 0, 0xC0, 0x7F]) },
        { "without sound", WavFiles.Make(1, 1, 16000, 16, [])[..^8] },
    };

    [Theory]
    [MemberData(nameof(Damaged))]
    public void Damaged_files_are_refused(string why, byte[] file)
    {
        File.WriteAllBytes(files["a.wav"], file);
        EdgeException e = Assert.Throws<EdgeException>(() => SoundFile.Read(files["a.wav"], 16000));
        Assert.Equal(ErrorCode.CannotDecode, e.Code);
        Assert.Contains(why, e.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void No_cut_of_a_file_crashes()
    {
        byte[] whole = WavFiles.Make(1, 2, 16000, 24, new byte[60]);
        for (int length = 12; length < whole.Length; length++)
        {
            File.WriteAllBytes(files["a.wav"], whole[..length]);
            Assert.Equal(ErrorCode.CannotDecode, Assert.Throws<EdgeException>(() => SoundFile.Read(files["a.wav"], 16000)).Code);
        }
    }
}
