using EdgeRuntime.Pipelines;
using EdgeRuntime.Pipelines.Speech;
using EdgeRuntime.Realtime;
using EdgeRuntime.Tools.Recording;
using EdgeRuntime.Tools.Reports;

namespace EdgeRuntime.Tools.Runs;

/// <summary>Sound that is listened to beside pictures.</summary>
/// <param name="Source">A file, or a microphone.</param>
/// <param name="Stage">Who listens.</param>
/// <param name="SampleRate">Samples a second.</param>
/// <param name="PartSamples">Samples of a part.</param>
/// <param name="Options">What comes first.</param>
internal sealed record Listening(string Source, ISoundStage Stage, int SampleRate, int PartSamples, LaneOptions Options)
{
    private const float Speech = 0.5f;

    /// <summary>Words are wanted soon; but pictures come first until they are late, since writing down takes many times as long as looking.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    /// <summary>However busy the machine is, or whatever holds up the program, so much sound may wait: two megabytes.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private long windows, windowsWithSpeech;

    /// <summary>Is told of every part, or null.</summary>
    public SoundHandler? Done { get; private init; }

    /// <summary>What was heard, a line; null where that was told while it was heard.</summary>
    public string? Summary => Done is null ? null : $"in {windowsWithSpeech} of {Quantity.Of(windows, "window")}";

    /// <summary>Windows of sound in which someone spoke; null where that is not counted.</summary>
    public long? WindowsWithSpeech => Done is null ? null : windowsWithSpeech;

    /// <summary>Tells speech from everything else. It comes before pictures: it takes little, and sound that was lost is lost for good.</summary>
    public static Listening Voice(string source, VoiceDetector detector, SessionRecorder? recorder)
    {
        Listening? made = null;
        return made = new Listening(source, detector, detector.SampleRate, detector.WindowSamples, new SoundLaneOptions { Priority = 1, Buffer = Longest })
        {
            Done = (ReadOnlySpan<float> part, TimeSpan time, in FrameReport report) =>
            {
                made!.windows++;
                if (detector.Probability >= Speech) made.windowsWithSpeech++;
                recorder?.Sound(part, time, report.Captured, detector.Probability);
            },
        };
    }

    /// <summary>Writes down what is said.</summary>
    public static Listening Words(string source, SpeechListener listener) =>
        new(source, listener, listener.SampleRate, listener.PartSamples, new SoundLaneOptions { Deadline = Patience, KeepsLate = true, Buffer = Longest });
}
