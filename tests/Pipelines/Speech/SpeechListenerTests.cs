using EdgeRuntime.Pipelines;
using EdgeRuntime.Pipelines.Speech;
using EdgeRuntime.Planning;
using EdgeRuntime.Realtime;
using EdgeRuntime.Realtime.Sounds;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tests.Realtime;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Evaluation.Transcription;
using EdgeRuntime.Tools.Zoo;
using Xunit;

namespace EdgeRuntime.Tests.Pipelines.Speech;

public sealed class SpeechListenerTests : IDisposable
{
    private static readonly SessionOptions Options = new() { Threads = 1, Backend = EdgeRuntime.Backends.BackendKind.Cpu };

    private readonly LoadedModel voice, encoder, decoder;
    private readonly VoiceDetector detector;
    private readonly SpeechRecognizer recognizer;

    public SpeechListenerTests()
    {
        Assert.SkipUnless(ModelCache.Default.Find(ModelZoo.Default.GetTool("llama-tokenizer")) is not null, "the vocabulary is not on this machine: edgert eval moonshine-tiny-encoder fetches it");
        (voice, encoder, decoder) = (ZooModels.Load("silero-vad-v6-16k"), ZooModels.Load("moonshine-tiny-encoder"), ZooModels.Load("moonshine-tiny-decoder"));
        detector = new VoiceDetector(voice.Model, Options);
        recognizer = new SpeechRecognizer(encoder.Model, decoder.Model, LlamaVocabulary.Load(), Options);
    }

    [Fact]
    public void Writes_down_what_is_said_and_part_of_it_while_it_is_spoken()
    {
        float[] sound = SoundFile.Read(Repository.Data("speech", "jfk.wav"), detector.SampleRate);
        var options = new SpeechListenerOptions();
        List<SpeechEvent> events = Hear(sound, options, detector.SampleRate / 10);
        Assert.Equal("and so my fellow americans ask not what your country can do for you ask what you can do for your country", Words(string.Join(' ', events.Where(e => e.Kind == SpeechEventKind.Final).Select(e => e.Text))));
        SpeechEvent started = events.First(e => e.Kind == SpeechEventKind.Started), partial = events.First(e => e.Kind == SpeechEventKind.Partial);
        Assert.InRange((partial.End - started.Start - options.Segments.Padding).TotalMilliseconds, 0, 600);
        Assert.True(events.FindIndex(e => e.Kind == SpeechEventKind.Started) < events.FindIndex(e => e.Kind == SpeechEventKind.Partial));
    }

    [Fact]
    public void The_same_sound_in_other_pieces_gives_the_same_events()
    {
        float[] sound = SoundFile.Read(Repository.Data("speech", "goforward.wav"), detector.SampleRate);
        var options = new SpeechListenerOptions();
        Assert.Equal(Hear(sound, options, sound.Length), Hear(sound, options, 333));
    }

    [Fact]
    public void A_part_at_a_time_it_hears_the_same()
    {
        float[] sound = SoundFile.Read(Repository.Data("speech", "goforward.wav"), detector.SampleRate);
        List<SpeechEvent> expected = Hear(sound, new SpeechListenerOptions(), sound.Length), events = [];
        Assert.Contains(expected, e => e.Kind == SpeechEventKind.Partial);
        var listener = new SpeechListener(detector, events.Add, recognizer);
        listener.Reset();
        // Each look at the clock takes a microsecond, and so does each step.
        var clock = new ManualClock(TimeSpan.FromMicroseconds(1));
        int calls = 0;
        TimeSpan time = TimeSpan.Zero;
        foreach (float[] part in sound.Chunk(listener.PartSamples))
        {
            while (!listener.Advance(part, time, new TimeBudget(TimeSpan.FromMicroseconds(20), clock))) calls++;
            time += TimeSpan.FromSeconds((double)part.Length / listener.SampleRate);
        }
        listener.Flush();
        Assert.Equal(expected, events);
        Assert.True(calls > 100, $"Words were written down in {calls} pieces.");
    }

    [Fact]
    public void Words_are_written_down_while_pictures_are_looked_at()
    {
        float[] sound = SoundFile.Read(Repository.Data("speech", "goforward.wav"), detector.SampleRate);
        List<SpeechEvent> expected = Hear(sound, new SpeechListenerOptions(), sound.Length), events = [];
        var listener = new SpeechListener(detector, events.Add, recognizer);
        listener.Reset();
        var clock = new ManualClock(TimeSpan.FromMicroseconds(1));
        using var engine = new RealtimeEngine(clock);
        int during = 0;
        var camera = new FrameLane("camera", new FrameLaneOptions { Deadline = TimeSpan.FromMilliseconds(50) }, new FrameWork(clock, TimeSpan.FromMicroseconds(5), () => 4));
        camera.Done = (Frame _, in FrameReport _) => during += listener.IsWriting ? 1 : 0;
        var microphone = new SoundLane("microphone", listener.SampleRate, listener.PartSamples, new LaneOptions { Deadline = TimeSpan.FromMilliseconds(500), KeepsLate = true }, listener);
        engine.Add(camera);
        engine.Add(microphone);
        int at = 0;
        for (long frame = 0; at < sound.Length; frame++)
        {
            int count = Math.Min(detector.SampleRate / 1000, sound.Length - at);
            microphone.Write(sound.AsSpan(at, count));
            at += count;
            RealtimeEngineTests.Post(camera, frame);
            engine.Tick(TimeSpan.FromMicroseconds(60));
            clock.Advance(TimeSpan.FromMilliseconds(1));
        }
        microphone.Close();
        while (engine.Tick(TimeSpan.FromMicroseconds(60)))
        {
        }
        listener.Flush();
        Assert.Equal(expected, events);
        Assert.True(during > 10, $"{during} pictures were looked at while words were written down.");
        Assert.Equal(sound.Length, microphone.Counts.Results);
    }

    public void Dispose()
    {
        recognizer.Dispose();
        detector.Dispose();
        foreach (LoadedModel model in new[] { voice, encoder, decoder }) model.Dispose();
    }

    private List<SpeechEvent> Hear(float[] sound, SpeechListenerOptions options, int samples)
    {
        var events = new List<SpeechEvent>();
        var listener = new SpeechListener(detector, events.Add, recognizer, options: options);
        listener.Reset();
        foreach (float[] part in sound.Chunk(samples)) listener.Process(part);
        listener.Flush();
        return events;
    }

    private static string Words(string text) => string.Concat(text.ToLowerInvariant().Where(c => char.IsAsciiLetter(c) || c == ' '));
}
