using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Pipelines;

/// <summary>
/// A session of a model that takes pictures. On the CPU frames are preprocessed into its input; for a device the graph begins with
/// <see cref="ImageToTensor"/>, so that a frame goes there as it is, a quarter of the bytes. What lies in between is planned again when frames change in size or format.
/// Where the model begins with quantizing its input or with putting its channels last (<see cref="PictureReaders"/>), preprocessing does that, and the session's graph does not.
/// </summary>
internal sealed class PictureSession : IDisposable
{
    /// <summary>Side of the frames that are prepared for until the first one comes.</summary>
    private const int ExpectedSide = 256;

    private readonly Graph graph;
    private readonly ImageInput image;
    private readonly int input;
    private readonly ImagePreprocessor? preprocessor;
    private (PixelFormat Format, int Width, int Height) prepared;

    /// <summary>Prepares a model.</summary>
    /// <exception cref="EdgeException">It has no such input, or cannot run.</exception>
    public PictureSession(EdgeModel model, ImageInput image, SessionOptions options)
    {
        this.image = image;
        input = InputIndex(model.Graph, image.Input);
        graph = model.Graph.Inputs[input].Type.DataType is DataType.I32 or DataType.U8 ? PictureGraph.TakingFloats(model.Graph, input) : model.Graph;
        (Width, Height, _) = ImagePreprocessor.SizeOf(image, graph.Inputs[input].Type);
        var readers = new PictureReaders(graph, input, image.Channels == ChannelOrder.Grey);
        bool device = false;
        Session = new InferenceSession(isDevice => (device = isDevice) ? For(PixelFormat.Rgb24, ExpectedSide, ExpectedSide) : PictureGraph.Behind(graph, input, readers), options);
        if (!device) preprocessor = new ImagePreprocessor(image, readers.Type);
    }

    /// <summary>The session.</summary>
    public InferenceSession Session { get; }

    /// <summary>Width of the model's input.</summary>
    public int Width { get; }

    /// <summary>Height of the model's input.</summary>
    public int Height { get; }

    /// <summary>True when frames are preprocessed on the model's device.</summary>
    public bool OnDevice => preprocessor is null;

    /// <summary>The part of the last frame that fills the model's input; with letterboxing it reaches beyond the frame.</summary>
    public Region Covered { get; private set; }

    /// <summary>Writes a frame into the session's input.</summary>
    public void Write(Frame frame)
    {
        if (preprocessor is not null)
        {
            preprocessor.Write(frame, Session.Input(input));
            Covered = preprocessor.Covered;
            return;
        }
        if (prepared != (frame.Format, frame.Width, frame.Height)) Prepare(frame.Format, frame.Width, frame.Height);
        frame.Pixels.CopyTo(Session.Input(input).Bytes);
    }

    /// <inheritdoc/>
    public void Dispose() => Session.Dispose();

    private void Prepare(PixelFormat format, int width, int height)
    {
        // Until the new plan is there, none is.
        prepared = default;
        Session.Exchange(For(format, width, height));
        var whole = new Region(0, 0, width, height);
        Covered = image.Fit == ImageFit.Letterbox ? whole.ExtendedTo(Width, Height) : whole;
        prepared = (format, width, height);
    }

    /// <summary>The graph with preprocessing in front, for frames of one size and format.</summary>
    private Graph For(PixelFormat format, int width, int height) => PictureGraph.InFront(graph, input, format.ShapeOf(width, height), new ImageToTensor
    {
        Format = format,
        Width = Width,
        Height = Height,
        BlueFirst = image.Channels == ChannelOrder.Bgr,
        Letterbox = image.Fit == ImageFit.Letterbox,
        Scale = ImagePreprocessor.ChannelFactors(image).Scale,
        Offset = ImagePreprocessor.ChannelFactors(image).Offset,
    }, image.Channels == ChannelOrder.Grey);

    /// <summary>Position of the input of that name.</summary>
    /// <exception cref="EdgeException">There is none.</exception>
    internal static int InputIndex(Graph graph, string name)
    {
        for (int i = 0; i < graph.Inputs.Count; i++)
            if (graph.Inputs[i].Name == name) return i;
        throw new EdgeException(ErrorCode.WrongTask, $"The metadata of '{graph.Name}' calls its picture input '{name}'; the graph has {string.Join(", ", graph.Inputs.Select(i => $"'{i.Name}'"))}.");
    }
}
