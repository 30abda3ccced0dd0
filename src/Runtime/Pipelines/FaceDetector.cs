using System.Diagnostics;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Sessions;

namespace EdgeRuntime.Pipelines;

/// <summary>
/// Finds faces. Give it a model whose metadata says face-detection, then one frame after the other; nothing is allocated per frame
/// while the frames' size stays. Not for use by two threads at once.
/// </summary>
public sealed class FaceDetector : IDisposable
{
    /// <summary>The task its models declare.</summary>
    public const string Task = "face-detection";

    private readonly InferenceSession session;
    private readonly int input;
    private readonly ImagePreprocessor preprocessor;
    private readonly IDetectionDecoder decoder;

    /// <summary>Prepares a model.</summary>
    /// <param name="model">The model; it must outlive the detector.</param>
    /// <param name="options">Threshold and threads, or null for what the model file says.</param>
    /// <exception cref="EdgeException">The model is for another task, or cannot run.</exception>
    public FaceDetector(EdgeModel model, FaceDetectorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        options ??= new FaceDetectorOptions();
        ModelMetadata metadata = model.Metadata;
        if (metadata.Task != Task || metadata.Image is not { } image || metadata.Decoder is not { } info) throw WrongTask(metadata);
        session = new InferenceSession(model.Graph, options);
        try
        {
            input = InputIndex(model.Graph, image.Input);
            preprocessor = new ImagePreprocessor(image, session.Input(input).Type);
            decoder = Decoders.Create(new DecoderRequest(metadata.Name, info, session, preprocessor.Width, preprocessor.Height, options.ScoreThreshold));
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>The session that runs the model.</summary>
    public InferenceSession Session => session;

    /// <summary>How long each stage of the last <see cref="Process"/> took.</summary>
    public StageTimes LastTimes { get; private set; }

    /// <summary>Finds the faces in a frame.</summary>
    /// <returns>The faces, best first, in pixels of the frame; valid until the next call.</returns>
    public ReadOnlySpan<Detection> Process(Frame frame)
    {
        ArgumentNullException.ThrowIfNull(frame);
        long start = Stopwatch.GetTimestamp();
        preprocessor.Write(frame, session.Input(input).Span<float>());
        long preprocessed = Stopwatch.GetTimestamp();
        session.Run();
        long inferred = Stopwatch.GetTimestamp();
        ReadOnlySpan<Detection> faces = decoder.Read(preprocessor.Covered);
        long decoded = Stopwatch.GetTimestamp();

        LastTimes = new StageTimes(
            Stopwatch.GetElapsedTime(start, preprocessed), Stopwatch.GetElapsedTime(preprocessed, inferred), Stopwatch.GetElapsedTime(inferred, decoded));
        return faces;
    }

    /// <inheritdoc/>
    public void Dispose() => session.Dispose();

    private static int InputIndex(Graph graph, string name)
    {
        for (int i = 0; i < graph.Inputs.Count; i++)
            if (graph.Inputs[i].Name == name) return i;
        throw new EdgeException(ErrorCode.WrongTask, $"The metadata of '{graph.Name}' calls its picture input '{name}'; the graph has {string.Join(", ", graph.Inputs.Select(i => $"'{i.Name}'"))}.");
    }

    private static EdgeException WrongTask(ModelMetadata metadata) => new(ErrorCode.WrongTask,
        metadata.Task == Task
            ? $"'{metadata.Name}' says it is for {Task}, but not what picture it takes or how its outputs are read."
            : $"'{metadata.Name}' is for {(metadata.Task.Length > 0 ? metadata.Task : "a task it does not name")}, not for {Task}.",
        "Use a face detector of the zoo, such as blazeface-front.");
}
