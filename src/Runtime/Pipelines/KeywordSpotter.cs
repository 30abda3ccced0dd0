using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Sessions;

namespace EdgeRuntime.Pipelines;

/// <summary>A keyword that was heard.</summary>
/// <param name="Label">Number of the class.</param>
/// <param name="Score">How sure the model was, 0…1: the mean over some windows.</param>
/// <param name="Time">How much sound had been heard when it was recognised.</param>
public readonly record struct Keyword(int Label, float Score, TimeSpan Time);

/// <summary>
/// Hears keywords in sound that goes on: takes it in short parts and looks at the last second, or what the model takes, after each. Classes that are no keyword, such as silence,
/// are the decoder's parameter background. Nothing is allocated per part. Not for use by two threads at once.
/// </summary>
public sealed class KeywordSpotter : IDisposable
{
    /// <summary>Of this many parts the scores are averaged, so that a sound that is cut off at the window's edge is not taken for another.</summary>
    private const int Averaged = 3;

    private const int PartsOfSecond = 10;

    private readonly SoundClassifier classifier;
    private readonly float threshold;
    private readonly float[] window, means;
    private readonly float[][] last;
    private readonly bool[] background;
    private long parts, reportedAt = long.MinValue / 2;
    private int reported = -1;

    /// <summary>Prepares a model.</summary>
    /// <param name="model">The model; it must outlive this object.</param>
    /// <param name="threshold">Least score of a keyword, 0…1.</param>
    /// <param name="options">Where it runs, or null for the defaults.</param>
    /// <exception cref="EdgeException">The model is for another task, or cannot run.</exception>
    public KeywordSpotter(EdgeModel model, float threshold = 0.6f, SessionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (!(threshold is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(threshold), threshold, "A score threshold is within 0…1.");
        this.threshold = threshold;
        classifier = new SoundClassifier(model, options);
        window = new float[classifier.Samples];
        int classes = classifier.Classes;
        means = new float[classes];
        last = [.. Enumerable.Range(0, Averaged).Select(_ => new float[classes])];
        background = new bool[classes];
        PartSamples = Math.Clamp(classifier.SampleRate / PartsOfSecond, 1, classifier.Samples);
        try
        {
            DecoderInfo info = model.Metadata.Decoder!;
            if (!info.Parameters.ContainsKey("background")) return;
            foreach (int label in new DecoderRequest(model.Metadata.Name, info, classifier.Session, 0, 0, null).WholeNumbers("background", 0, classes - 1)) background[label] = true;
        }
        catch
        {
            classifier.Dispose();
            throw;
        }
    }

    /// <summary>Samples a second that it takes.</summary>
    public int SampleRate => classifier.SampleRate;

    /// <summary>Samples of a part: a tenth of a second.</summary>
    public int PartSamples { get; }

    /// <summary>Names of the classes, by <see cref="Keyword.Label"/>.</summary>
    public IReadOnlyList<string> Labels => classifier.Labels;

    /// <summary>The session that runs the model.</summary>
    public InferenceSession Session => classifier.Session;

    /// <summary>Hears the next part.</summary>
    /// <param name="part">At most <see cref="PartSamples"/> samples of one channel, between -1 and 1.</param>
    /// <param name="keyword">The keyword that was recognised by it.</param>
    /// <returns>True when there is one. While it may still be in the window, it is not reported again, and for most of that time no other is.</returns>
    /// <exception cref="ArgumentException">There are too many samples.</exception>
    public bool Process(ReadOnlySpan<float> part, out Keyword keyword)
    {
        if (part.Length > PartSamples) throw new ArgumentException($"A part has at most {PartSamples} samples, not {part.Length}.", nameof(part));
        keyword = default;
        window.AsSpan(PartSamples).CopyTo(window);
        Span<float> end = window.AsSpan(window.Length - PartSamples);
        part.CopyTo(end);
        end[part.Length..].Clear();
        float[] scores = last[(int)(parts++ % Averaged)];
        foreach (Classification found in classifier.Process(window)) scores[found.Label] = found.Score;

        int best = 0;
        for (int i = 0; i < means.Length; i++)
        {
            means[i] = 0;
            foreach (float[] some in last) means[i] += some[i] / Averaged;
            if (means[i] > means[best]) best = i;
        }
        if (reported >= 0 && (means[reported] < threshold / 2 || parts >= reportedAt + window.Length / PartSamples + Averaged)) reported = -1;
        if (background[best] || means[best] < threshold || best == reported || parts < reportedAt + window.Length / PartSamples * 3 / 4) return false;
        (reported, reportedAt) = (best, parts);
        keyword = new Keyword(best, means[best], TimeSpan.FromSeconds((double)parts * PartSamples / SampleRate));
        return true;
    }

    /// <summary>Forgets what was heard, as when sound is missing before the next part; times are counted anew.</summary>
    public void Reset()
    {
        Array.Clear(window);
        foreach (float[] scores in last) Array.Clear(scores);
        (parts, reportedAt, reported) = (0, long.MinValue / 2, -1);
    }

    /// <inheritdoc/>
    public void Dispose() => classifier.Dispose();
}
