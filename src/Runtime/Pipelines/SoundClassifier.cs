using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Pipelines;

/// <summary>
/// Says what a window of sound holds, as one of the classes of a model whose metadata says sound-classification. Nothing is allocated per window. Not for use by two threads at once.
/// </summary>
public sealed class SoundClassifier : IDisposable
{
    /// <summary>The task its models declare.</summary>
    public const string Task = "sound-classification";

    private readonly ClassScores scores;
    private readonly int input;

    /// <summary>Prepares a model.</summary>
    /// <param name="model">The model; it must outlive the classifier.</param>
    /// <param name="options">Where it runs, or null for the defaults.</param>
    /// <exception cref="EdgeException">The model is for another task, or cannot run.</exception>
    public SoundClassifier(EdgeModel model, SessionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ClassScores.Require(model.Metadata, Task);
        SoundInput sound = model.Metadata.Sound ?? throw new EdgeException(ErrorCode.WrongTask,
            $"'{model.Metadata.Name}' does not say how sound becomes its input.", "Convert the model again with metadata that does.");
        Session = new InferenceSession(model.Graph, options);
        try
        {
            input = Session.InputIndex(sound.Input);
            TensorType type = Session.Graph.Inputs[input].Type;
            if (Session.Graph.Inputs.Count != 1 || type.DataType != DataType.F32 || !type.Shape.IsStatic || sound.Samples < 1 || type.Shape.Count != sound.Samples || sound.SampleRate < 1)
            {
                throw new EdgeException(ErrorCode.WrongTask, $"'{model.Metadata.Name}' says that it takes {sound.Samples} samples of sound at {sound.SampleRate} Hz as '{sound.Input}', which is {type}.",
                    "Convert the model again with right metadata.");
            }
            scores = new ClassScores(model.Metadata, Task, Session);
        }
        catch
        {
            Session.Dispose();
            throw;
        }
        (SampleRate, Samples, Labels) = (sound.SampleRate, sound.Samples, model.Metadata.Labels);
    }

    /// <summary>Samples a second that it takes.</summary>
    public int SampleRate { get; }

    /// <summary>Samples of a window.</summary>
    public int Samples { get; }

    /// <summary>Names of the classes, by <see cref="Classification.Label"/>; empty where the model file has none.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>How many classes there are.</summary>
    public int Classes => scores.Count;

    /// <summary>The session that runs the model.</summary>
    public InferenceSession Session { get; }

    /// <summary>Says what a window holds.</summary>
    /// <param name="window">As many samples as <see cref="Samples"/>, of one channel, between -1 and 1.</param>
    /// <returns>All classes, best first; valid until the next call.</returns>
    /// <exception cref="ArgumentException">There are more samples or fewer.</exception>
    public ReadOnlySpan<Classification> Process(ReadOnlySpan<float> window)
    {
        if (window.Length != Samples) throw new ArgumentException($"A window has {Samples} samples, not {window.Length}.", nameof(window));
        window.CopyTo(Session.Input(input).Span<float>());
        Session.Run();
        return scores.Read();
    }

    /// <inheritdoc/>
    public void Dispose() => Session.Dispose();
}
