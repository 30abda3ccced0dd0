using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;

namespace EdgeRuntime.Pipelines.Speech;

/// <summary>
/// Takes noise away from speech, frame by frame, with models whose metadata says speech-enhancement: one that changes the spectrum (GTCRN), or one that masks its magnitudes and one that
/// mends the frame itself (DTLN). Frames overlap, so what comes out is <see cref="Delay"/> samples behind. Nothing is allocated per hop. Not for use by two threads at once.
/// </summary>
public sealed class SpeechEnhancer : IDisposable
{
    /// <summary>The task its models declare.</summary>
    public const string Task = "speech-enhancement";

    private readonly EnhancerStage first;
    private readonly EnhancerStage? second;
    private readonly float[] heard, frame, sums;

    /// <summary>Prepares one model, or two that follow each other, which must outlive this object.</summary>
    /// <param name="model">The model.</param>
    /// <param name="next">What its frames go through afterwards, or null.</param>
    /// <param name="options">Where they run, or null for the defaults.</param>
    /// <exception cref="EdgeException">A model is for another task, the two do not fit, or cannot run.</exception>
    public SpeechEnhancer(EdgeModel model, EdgeModel? next = null, Sessions.SessionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        first = new EnhancerStage(model, options);
        try
        {
            second = next is null ? null : new EnhancerStage(next, options);
            if (second is not null && (second.Hop != first.Hop || second.Frame != first.Frame || second.SampleRate != first.SampleRate))
                throw SoundModel.Wrong(next!, $"takes frames of {second.Frame} samples each {second.Hop}, and '{model.Metadata.Name}' makes {first.Frame} each {first.Hop}");
        }
        catch
        {
            Dispose();
            throw;
        }
        (heard, frame, sums) = (new float[first.Frame], new float[first.Frame], new float[first.Frame]);
    }

    /// <summary>Samples a second that it takes.</summary>
    public int SampleRate => first.SampleRate;

    /// <summary>Samples that go in and come out at a time.</summary>
    public int HopSamples => first.Hop;

    /// <summary>By how many samples the result is behind.</summary>
    public int Delay => first.Frame - first.Hop;

    /// <summary>Hears the next samples.</summary>
    /// <param name="samples">As many as <see cref="HopSamples"/>, of one channel, between -1 and 1.</param>
    /// <param name="clean">As many, without the noise.</param>
    /// <exception cref="ArgumentException">There are more samples or fewer.</exception>
    public void Process(ReadOnlySpan<float> samples, Span<float> clean)
    {
        int hop = first.Hop;
        if (samples.Length != hop || clean.Length != hop) throw new ArgumentException($"A hop has {hop} samples; {samples.Length} were given, with room for {clean.Length}.", nameof(samples));
        heard.AsSpan(hop).CopyTo(heard);
        samples.CopyTo(heard.AsSpan(^hop));
        first.Process(heard, frame);
        second?.Process(frame, frame);
        // What the frames that cover these samples say of them is added up.
        for (int i = 0; i < sums.Length; i++) sums[i] += frame[i];
        sums.AsSpan(0, hop).CopyTo(clean);
        sums.AsSpan(hop).CopyTo(sums);
        sums.AsSpan(^hop).Clear();
    }

    /// <summary>Forgets what was heard.</summary>
    public void Reset()
    {
        first.Reset();
        second?.Reset();
        heard.AsSpan().Clear();
        sums.AsSpan().Clear();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        second?.Dispose();
        first.Dispose();
    }
}
