using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Planning;
using EdgeRuntime.Sessions;

namespace EdgeRuntime.Pipelines.Speech;

/// <summary>
/// Tells speech from everything else, window by window (32 ms for Silero), with a model whose metadata says voice-activity. Nothing is allocated per window. Not for use by two threads at once.
/// </summary>
public sealed class VoiceDetector : ISoundStage, IDisposable
{
    /// <summary>The task its models declare.</summary>
    public const string Task = "voice-activity";

    private readonly SoundModel hears;
    private readonly int output;
    private LearnedCost cost;

    /// <summary>Prepares a model.</summary>
    /// <param name="model">The model; it must outlive the detector.</param>
    /// <param name="options">Where it runs, or null for the defaults.</param>
    /// <exception cref="EdgeException">The model is for another task, or cannot run.</exception>
    public VoiceDetector(EdgeModel model, SessionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        hears = new SoundModel(model, Task, options);
        try
        {
            output = hears.Result(model, 1);
        }
        catch
        {
            hears.Dispose();
            throw;
        }
    }

    /// <summary>Samples a second that it takes.</summary>
    public int SampleRate => hears.SampleRate;

    /// <summary>Samples of a window.</summary>
    public int WindowSamples => hears.WindowSamples;

    /// <summary>The session that runs the model.</summary>
    public InferenceSession Session => hears.Session;

    /// <summary>How likely it is that someone speaks in the last window, 0…1.</summary>
    public float Probability { get; private set; }

    /// <inheritdoc/>
    public string Name => "vad";

    /// <inheritdoc/>
    public long FailOvers => Session.Faults;

    /// <inheritdoc/>
    public bool Advance(ReadOnlySpan<float> part, TimeSpan time, in TimeBudget budget)
    {
        long start = budget.Timestamp;
        if (budget.Fit(cost.Expected, 1, start) == 0) return false;
        Process(part);
        cost.Learn(budget.Nanoseconds(start, budget.Timestamp));
        return true;
    }

    /// <summary>Hears the next window.</summary>
    /// <param name="window">As many samples as <see cref="WindowSamples"/>, of one channel, between -1 and 1.</param>
    /// <returns>How likely it is that someone speaks, 0…1.</returns>
    /// <exception cref="ArgumentException">There are more samples or fewer.</exception>
    public float Process(ReadOnlySpan<float> window)
    {
        hears.Hear(window);
        return Probability = hears.Session.Output(output).Span<float>()[0];
    }

    /// <summary>Forgets what was heard, as before another sound.</summary>
    public void Reset() => hears.Reset();

    /// <inheritdoc/>
    public void Dispose() => hears.Dispose();
}
