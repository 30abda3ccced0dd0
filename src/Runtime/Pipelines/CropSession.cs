using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Pipelines;

/// <summary>A session of a model that takes crops of pictures. These are made on the CPU, wherever the model runs, quantized where it wants that: each is another part of the frame, and small.</summary>
internal sealed class CropSession : IDisposable
{
    private const int WarmUps = 5;

    private readonly int input;
    private readonly CropPreprocessor preprocessor;

    /// <summary>Prepares a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="task">The task it must declare.</param>
    /// <param name="remedy">What to do when it is for another one.</param>
    /// <param name="options">Where it runs.</param>
    /// <param name="edge">What lies beyond the picture.</param>
    /// <exception cref="EdgeException">It is for another task, takes no pictures, or cannot run.</exception>
    public CropSession(EdgeModel model, string task, string remedy, SessionOptions options, CropEdge edge)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.Metadata.Task != task) throw ModelTask.Wrong(model.Metadata, task, remedy);
        ImageInput image = model.Metadata.Image ?? throw new EdgeException(ErrorCode.WrongTask, $"'{model.Metadata.Name}' says it is for {task}, but not what picture it takes.", remedy);
        input = PictureSession.InputIndex(model.Graph, image.Input);
        Graph graph = model.Graph.Inputs[input].Type.DataType is DataType.I32 or DataType.U8 ? PictureGraph.TakingFloats(model.Graph, input) : model.Graph;
        _ = ImagePreprocessor.SizeOf(image, graph.Inputs[input].Type);
        var readers = new PictureReaders(graph, input, image.Channels == ChannelOrder.Grey);
        preprocessor = new CropPreprocessor(image, readers.Type, edge);
        Session = new InferenceSession(PictureGraph.Behind(graph, input, readers), options);
    }

    /// <summary>The session.</summary>
    public InferenceSession Session { get; }

    /// <summary>Width of the model's input.</summary>
    public int Width => preprocessor.Width;

    /// <summary>Height of the model's input.</summary>
    public int Height => preprocessor.Height;

    /// <summary>Writes a part of a frame into the session's input.</summary>
    public void Write(Frame frame, in Crop crop) => preprocessor.Write(frame, crop, Session.Input(input));

    /// <summary>Lets the model run on a blank crop some times, since there may be nothing to find in the first frames: what comes first is then looked at as fast as the rest.</summary>
    /// <param name="read">Reads the results of a crop, to be prepared with it.</param>
    public void WarmUp(Action<Crop>? read = null)
    {
        var blank = new Frame();
        blank.Resize(Width, Height);
        blank.Pixels.Clear();
        var place = new Crop(Width / 2f, Height / 2f, Width, Height, 0.1f);
        for (int i = 0; i < WarmUps; i++)
        {
            Write(blank, place);
            Session.Run();
            read?.Invoke(place);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Session.Dispose();
}
