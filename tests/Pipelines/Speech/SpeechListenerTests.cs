using EdgeRuntime.Pipelines.Speech;
using EdgeRuntime.Realtime.Sounds;
using EdgeRuntime.Sessions;
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
        List<SpeechEvent> events = Hear(sound, options with { Segments = options.Segments with { MinSilence = TimeSpan.FromSeconds(1.5) } }, detector.SampleRate / 10);
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
