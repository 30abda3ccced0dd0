using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Pipelines;

/// <summary>
/// Says what a sentence means, as one of the classes of a model whose metadata says text-classification. Nothing is allocated per sentence. Not for use by two threads at once.
/// </summary>
public sealed class TextClassifier : IDisposable
{
    /// <summary>The task its models declare.</summary>
    public const string Task = "text-classification";

    private readonly TextVocabulary vocabulary;
    private readonly ClassScores scores;

    /// <summary>Prepares a model.</summary>
    /// <param name="model">The model; it must outlive the classifier.</param>
    /// <param name="options">Where it runs, or null for the defaults.</param>
    /// <exception cref="EdgeException">The model is for another task, or cannot run.</exception>
    public TextClassifier(EdgeModel model, SessionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ClassScores.Require(model.Metadata, Task);
        vocabulary = new TextVocabulary(model.Metadata);
        if (model.Graph.Inputs.Count != 1 || model.Graph.Inputs[0].Type is not { DataType: DataType.I64, Shape: { IsStatic: true, Count: > 0 } })
        {
            throw new EdgeException(ErrorCode.WrongTask, $"'{model.Metadata.Name}' has the inputs {string.Join(", ", model.Graph.Inputs.Select(i => $"'{i.Name}' {i.Type}"))}; a text is one row of numbers of words.",
                "Convert the model with a fixed number of words.");
        }
        Session = new InferenceSession(model.Graph, options);
        try
        {
            scores = new ClassScores(model.Metadata, Task, Session);
        }
        catch
        {
            Session.Dispose();
            throw;
        }
        Labels = model.Metadata.Labels;
    }

    /// <summary>Names of the classes, by <see cref="Classification.Label"/>; empty where the model file has none.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>The session that runs the model.</summary>
    public InferenceSession Session { get; }

    /// <summary>How many words of the last text were read: as many as it has, or as the model takes.</summary>
    public int Words { get; private set; }

    /// <summary>How many of them the model does not know.</summary>
    public int UnknownWords { get; private set; }

    /// <summary>Says what a text means.</summary>
    /// <returns>All classes, best first; valid until the next call.</returns>
    public ReadOnlySpan<Classification> Process(ReadOnlySpan<char> text)
    {
        (Words, UnknownWords) = vocabulary.Write(text, Session.Input(0).Span<long>());
        Session.Run();
        return scores.Read();
    }

    /// <inheritdoc/>
    public void Dispose() => Session.Dispose();
}
