using System.Diagnostics;
using EdgeRuntime.Pipelines.Speech;
using EdgeRuntime.Realtime.Sounds;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tools.Conversion;
using Xunit;

namespace EdgeRuntime.Tests.Pipelines.Speech;

public sealed class WakeWordTests : IDisposable
{
    private readonly LoadedModel mel = ZooModels.Load("wake-melspectrogram"), embedding = ZooModels.Load("wake-embedding"), word = ZooModels.Load("wake-hey-jarvis");

    [Theory]
    [InlineData("en-us"), InlineData("en-gb"), InlineData("en-us+f3")]
    public void Hears_its_word_once_in_synthesised_speech(string voice)
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "jarvis.wav");
        Speak(voice, "hey jarvis, what is the time", path);
        using WakeWordDetector detector = Detector();
        float[] sound = [.. new float[detector.SampleRate], .. SoundFile.Read(path, detector.SampleRate), .. new float[detector.SampleRate]];
        WakeWord heard = Assert.Single(Words(detector, sound));
        Assert.InRange(heard.Time.TotalSeconds, 1.5, 2.8);
    }

    [Theory]
    [InlineData("jfk.wav"), InlineData("1272-141231-0002.wav"), InlineData("goforward.wav"), InlineData("something.wav"), InlineData("numbers.wav"), InlineData("noisy.wav"),
     InlineData("sense_and_sensibility_01_austen_64kb-0870.wav"), InlineData("sense_and_sensibility_01_austen_64kb-0890.wav")]
    public void Hears_nothing_in_other_speech(string sound)
    {
        using WakeWordDetector detector = Detector();
        Assert.Empty(Words(detector, SoundFile.Read(Repository.Data("speech", sound), detector.SampleRate)));
    }

    [Fact]
    public void Allocates_nothing_per_part()
    {
        using WakeWordDetector detector = Detector();
        var part = new float[detector.PartSamples];
        Assert.Equal(0, Allocations.Least(() => detector.Process(part, out _)));
    }

    public void Dispose()
    {
        word.Dispose();
        embedding.Dispose();
        mel.Dispose();
    }

    private WakeWordDetector Detector() => new(mel.Model, embedding.Model, word.Model, options: new SessionOptions { Threads = 1, Backend = EdgeRuntime.Backends.BackendKind.Cpu });

    private static List<WakeWord> Words(WakeWordDetector detector, float[] sound)
    {
        var words = new List<WakeWord>();
        foreach (float[] part in sound.Chunk(detector.PartSamples))
            if (part.Length == detector.PartSamples && detector.Process(part, out WakeWord heard)) words.Add(heard);
        return words;
    }

    private static void Speak(string voice, string text, string path)
    {
        try
        {
            using Process speaker = Process.Start("espeak-ng", ["-v", voice, "-s", "150", "-w", path, text]);
            Assert.True(speaker.WaitForExit(20_000) && speaker.ExitCode == 0);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("espeak-ng is not installed; it speaks the wake word.");
        }
    }
}
