using System.Globalization;
using EdgeRuntime.Pipelines.Speech;
using EdgeRuntime.Realtime.Sounds;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tools.Conversion;
using Xunit;

namespace EdgeRuntime.Tests.Pipelines.Speech;

/// <summary>Voice activity on recordings whose speech was marked by people.</summary>
public class VoiceDetectorTests
{
    private static readonly SessionOptions Options = new() { Threads = 1, Backend = EdgeRuntime.Backends.BackendKind.Cpu };

    [Theory]
    [InlineData("silero-vad-v5"), InlineData("silero-vad-v6-16k"), InlineData("silero-vad-v4"), InlineData("silero-vad-v6")]
    public void Speech_is_found_where_people_marked_it(string name)
    {
        using LoadedModel model = ZooModels.Load(name);
        using var detector = new VoiceDetector(model.Model, Options);
        int hits = 0, misses = 0, alarms = 0;
        foreach (string sound in new[] { "testset-audio-01", "testset-audio-03" })
        {
            float[] samples = SoundFile.Read(Repository.Data("vad", sound + ".wav"), detector.SampleRate);
            List<(double From, double To)> speech = Marked(Repository.Data("vad", sound + ".scv"));
            var found = new List<(double From, double To)>();
            var listener = new SpeechListener(detector, Note, options: new SpeechListenerOptions { Segments = new SpeechSegmenterOptions() });
            listener.Process(samples);
            listener.Flush();
            detector.Reset();
            for (double time = 0; time < (double)samples.Length / detector.SampleRate; time += 0.01)
            {
                bool said = speech.Exists(s => s.From <= time && time < s.To), heard = found.Exists(s => s.From <= time && time < s.To);
                if (said && heard) hits++;
                else if (said) misses++;
                else if (heard) alarms++;
            }

            void Note(SpeechEvent e)
            {
                if (e.Kind == SpeechEventKind.Final) found.Add((e.Start.TotalSeconds, e.End.TotalSeconds));
            }
        }
        double f1 = 2.0 * hits / (2 * hits + misses + alarms);
        TestContext.Current.TestOutputHelper?.WriteLine($"{name}: F1 {f1:0.000}");
        Assert.True(f1 >= 0.9, $"F1 {f1:0.000}: {hits} right, {misses} missed, {alarms} false");
    }

    [Fact]
    public void After_a_reset_the_same_sound_gives_the_same_numbers()
    {
        using LoadedModel model = ZooModels.Load("silero-vad-v6-16k");
        using var detector = new VoiceDetector(model.Model, Options);
        float[] samples = SoundFile.Read(Repository.Data("speech", "jfk.wav"), detector.SampleRate);
        float[] first = All(), again = All();
        Assert.Equal(first, again);
        Assert.Contains(first, p => p > 0.9f);
        Assert.Throws<ArgumentException>(() => detector.Process(new float[detector.WindowSamples - 1]));

        float[] All()
        {
            detector.Reset();
            return [.. samples.Chunk(detector.WindowSamples).Where(w => w.Length == detector.WindowSamples).Take(100).Select(w => detector.Process(w))];
        }
    }

    [Fact]
    public void Allocates_nothing_per_window()
    {
        using LoadedModel model = ZooModels.Load("silero-vad-v6-16k");
        using var detector = new VoiceDetector(model.Model, Options);
        var listener = new SpeechListener(detector, _ => { });
        float[] samples = SoundFile.Read(Repository.Data("speech", "jfk.wav"), detector.SampleRate);
        Assert.Equal(0, Allocations.Least(() => listener.Process(samples)));
    }

    /// <summary>Times of speech: name, then from, to and 1 for speech, again and again.</summary>
    private static List<(double From, double To)> Marked(string path)
    {
        string[] fields = File.ReadAllText(path).Trim().Split(',');
        var speech = new List<(double, double)>();
        for (int i = 1; i + 2 < fields.Length; i += 3)
            if (fields[i + 2] == "1") speech.Add((double.Parse(fields[i], CultureInfo.InvariantCulture), double.Parse(fields[i + 1], CultureInfo.InvariantCulture)));
        return speech;
    }
}
