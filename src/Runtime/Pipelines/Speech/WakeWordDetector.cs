using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Pipelines.Speech;

/// <summary>A wake word that was heard.</summary>
/// <param name="Label">Which of the model's words, from 0.</param>
/// <param name="Score">How sure the model was, 0…1.</param>
/// <param name="Time">How much sound had been heard then.</param>
public readonly record struct WakeWord(int Label, float Score, TimeSpan Time);

/// <summary>
/// Hears a wake word in sound that goes on, as openWakeWord does: a mel spectrogram of each 80 ms, an embedding of its last 76 columns, and a small classifier of the last embeddings,
/// so that further words cost little. Nothing is allocated per part. Not for use by two threads at once.
/// </summary>
public sealed class WakeWordDetector : IDisposable
{
    /// <summary>The task of models of words.</summary>
    public const string Task = "wake-word";

    /// <summary>The task of the two models that all words share.</summary>
    public const string FeatureTask = "audio-features";

    private const int Columns = 76, Bands = 32, Features = 96;

    // These models were made for 16-bit samples, and for decibels that are scaled so.
    private const float SampleScale = 32768, BandScale = 0.1f, BandOffset = 2;

    private static readonly TimeSpan LeastPause = TimeSpan.FromSeconds(1);

    private readonly SoundModel mel;
    private readonly InferenceSession? embed, word;
    private readonly float threshold;
    private readonly float[] scaled;
    private readonly int melOutput, newColumns, embeddings;
    private long parts, reportedAt;
    private bool waits;

    /// <summary>Prepares the three models, which must outlive this object.</summary>
    /// <param name="melSpectrogram">Sound to columns of 32 bands.</param>
    /// <param name="embedding">76 columns to 96 numbers.</param>
    /// <param name="wakeWord">Embeddings to a score for each word.</param>
    /// <param name="threshold">Least score, 0…1.</param>
    /// <param name="options">Where they run, or null for the defaults.</param>
    /// <exception cref="EdgeException">A model is for another task, the three do not fit, or cannot run.</exception>
    public WakeWordDetector(EdgeModel melSpectrogram, EdgeModel embedding, EdgeModel wakeWord, float threshold = 0.5f, SessionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(melSpectrogram);
        ArgumentNullException.ThrowIfNull(embedding);
        ArgumentNullException.ThrowIfNull(wakeWord);
        if (!(threshold is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(threshold), threshold, "A score threshold is within 0…1.");
        this.threshold = threshold;
        ModelTask.Require(embedding.Metadata, FeatureTask);
        ModelTask.Require(wakeWord.Metadata, Task);
        mel = new SoundModel(melSpectrogram, FeatureTask, options);
        try
        {
            scaled = new float[mel.WindowSamples];
            Shape columns = mel.Session.Output(0).Shape;
            newColumns = (int)(columns.Count / Bands);
            if (columns.Rank < 2 || columns[-1] != Bands || newColumns is < 1 or > Columns) throw SoundModel.Wrong(melSpectrogram, $"makes {columns} of a part of sound, where columns of {Bands} bands are expected");
            melOutput = mel.Result(melSpectrogram, columns.Count);
            embed = One(embedding, options, Columns * Bands);
            if (embed.Output(0).Shape.Count != Features) throw SoundModel.Wrong(embedding, $"makes {embed.Output(0).Type} of {Columns} columns, where {Features} numbers are expected");
            word = One(wakeWord, options, null);
            Shape heard = word.Input(0).Shape;
            if (heard.Rank < 2 || heard[-1] != Features) throw SoundModel.Wrong(wakeWord, $"takes {heard}, where embeddings of {Features} numbers are expected");
            embeddings = (int)(heard.Count / Features);
            Words = (int)word.Output(0).Shape.Count;
            Reset();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Samples a second that it takes.</summary>
    public int SampleRate => mel.SampleRate;

    /// <summary>Samples of a part.</summary>
    public int PartSamples => mel.WindowSamples;

    /// <summary>How many words the model tells apart.</summary>
    public int Words { get; }

    /// <summary>The highest score after the last part, 0…1.</summary>
    public float Score { get; private set; }

    /// <summary>Hears the next part.</summary>
    /// <param name="part">As many samples as <see cref="PartSamples"/>, of one channel, between -1 and 1.</param>
    /// <param name="heard">The word that was recognised by it.</param>
    /// <returns>True when there is one; it is not reported again before its score has fallen and a second has gone by.</returns>
    /// <exception cref="ArgumentException">There are more samples or fewer.</exception>
    public bool Process(ReadOnlySpan<float> part, out WakeWord heard)
    {
        int best = Hear(part);
        heard = new WakeWord(best, Score, Time(parts));
        if (waits && Score < threshold / 2 && Time(parts - reportedAt) >= LeastPause) waits = false;
        if (waits || Score < threshold) return false;
        (waits, reportedAt) = (true, parts);
        return true;
    }

    /// <summary>Forgets what was heard: it is as after a while of silence.</summary>
    public void Reset()
    {
        mel.Reset();
        embed!.Input(0).Bytes.Clear();
        word!.Input(0).Bytes.Clear();
        Span<float> silence = new float[mel.WindowSamples];
        for (int i = 0; i < Columns / newColumns + 1 + embeddings; i++) Hear(silence);
        (parts, reportedAt, waits, Score) = (0, 0, false, 0);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        word?.Dispose();
        embed?.Dispose();
        mel.Dispose();
    }

    private int Hear(ReadOnlySpan<float> part)
    {
        if (part.Length != scaled.Length) throw new ArgumentException($"A part has {scaled.Length} samples, not {part.Length}.", nameof(part));
        for (int i = 0; i < scaled.Length; i++) scaled[i] = part[i] * SampleScale;
        mel.Hear(scaled);
        parts++;

        Span<float> columns = Advance(embed!.Input(0).Span<float>(), newColumns * Bands);
        ReadOnlySpan<float> bands = mel.Session.Output(melOutput).Span<float>();
        for (int i = 0; i < columns.Length; i++) columns[i] = bands[i] * BandScale + BandOffset;
        embed.Run();

        embed.Output(0).Span<float>().CopyTo(Advance(word!.Input(0).Span<float>(), Features));
        word.Run();
        ReadOnlySpan<float> scores = word.Output(0).Span<float>();
        int best = 0;
        for (int i = 1; i < scores.Length; i++)
            if (scores[i] > scores[best]) best = i;
        Score = scores[best];
        return best;
    }

    /// <summary>Moves what is there to the front and returns the room behind it.</summary>
    private static Span<float> Advance(Span<float> all, int count)
    {
        all[count..].CopyTo(all);
        return all[^count..];
    }

    private TimeSpan Time(long count) => TimeSpan.FromSeconds((double)count * PartSamples / SampleRate);

    /// <summary>A session for one input and one output of floats; a batch of unknown size is one.</summary>
    private static InferenceSession One(EdgeModel model, SessionOptions? options, long? count)
    {
        Graph graph = model.Graph;
        if (graph.Inputs.Count != 1 || graph.Outputs.Count != 1 || graph.Inputs[0].Type is not { DataType: DataType.F32, Shape.IsUnranked: false } type) throw SoundModel.Wrong(model, "has not one input and one output of floats");
        if (!type.Shape.IsStatic) graph = GraphBinding.Bind(graph, [new Shape([.. type.Shape.Span.ToArray().Select(size => size >= 0 ? size : 1)])]);
        if (count is { } expected && graph.Inputs[0].Type.Shape.Count != expected) throw SoundModel.Wrong(model, $"takes {graph.Inputs[0].Type}, where {expected:N0} floats are expected");
        var session = new InferenceSession(graph, options);
        if (session.Output(0).DataType == DataType.F32) return session;
        session.Dispose();
        throw SoundModel.Wrong(model, "has no output of floats");
    }
}
