using EdgeRuntime.Diagnostics;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Pipelines.Faces;
using EdgeRuntime.Realtime;

namespace EdgeRuntime.Tools.Runs;

/// <summary>Adds the face of one person to a gallery: of each frame that shows one, unless it looks as one that is there already.</summary>
/// <param name="source">Pictures or a video of that person alone.</param>
/// <param name="recognizer">Finds the face and makes its features.</param>
/// <param name="gallery">What is added to.</param>
/// <param name="name">The person's name.</param>
internal sealed class EnrolRun(FrameSource source, FaceRecognizer recognizer, FaceGallery gallery, string name)
{
    /// <summary>A face that is so like one that is known adds nothing.</summary>
    private const float Repeated = 0.9f;

    /// <summary>Of a video, the most that are kept.</summary>
    private const int Most = 20;

    private readonly FaceGallery own = recognizer.NewGallery(), others = recognizer.NewGallery();

    /// <summary>The gallery.</summary>
    public FaceGallery Gallery => gallery;

    /// <summary>Faces that were added.</summary>
    public int Added { get; private set; }

    /// <summary>Frames that were looked at.</summary>
    public long Frames { get; private set; }

    /// <summary>What the user should know.</summary>
    public List<string> Notes { get; } = [];

    /// <summary>Looks at the source.</summary>
    /// <exception cref="EdgeException">A frame shows several faces, or no frame shows any.</exception>
    public void Run(long limit, CancellationToken stop)
    {
        var frame = new Frame();
        float strangest = float.PositiveInfinity, nearest = float.NegativeInfinity;
        int other = -1;
        foreach ((string known, IReadOnlyList<float> features) in gallery.Faces) (known == name ? own : others).Add(known, [.. features]);
        bool isKnown = own.Count > 0;
        while (Added < Most && Frames < limit && FrameRun.Read(source, frame, stop))
        {
            Frames++;
            int face = FaceOf(recognizer.Process(frame), frame);
            if (face < 0) continue;
            ReadOnlySpan<float> features = recognizer.Features(face);
            own.Nearest(features, out float likeness);
            if (likeness >= Repeated) continue;
            if (isKnown) strangest = Math.Min(strangest, likeness);
            int person = others.Nearest(features, out float alike);
            if (alike > nearest) (other, nearest) = (person, alike);
            own.Add(name, features);
            gallery.Add(name, features);
            Added++;
        }
        if (Added == 0 && !isKnown && !stop.IsCancellationRequested) throw new EdgeException(ErrorCode.InputMismatch, $"There is no face in '{source.Name}' ({Reports.Quantity.Of(Frames, "frame")}).", "Give a picture that shows the face from the front, at least 50 pixels wide; --finder names another detector.");
        if (nearest >= recognizer.Threshold) Notes.Add($"The face is like that of '{others.Names[other]}' too ({nearest:0.00}): they will be taken for each other.");
        if (strangest < recognizer.Threshold) Notes.Add($"A face is not like the other faces of '{name}' ({strangest:0.00}): is it the same person?");
    }

    /// <summary>The place of the only face, or -1 where there is none. Detectors find a large face twice now and then: what lies within the largest is that face.</summary>
    private int FaceOf(ReadOnlySpan<Detection> found, Frame frame)
    {
        int largest = -1;
        for (int i = 0; i < found.Length; i++)
            if (largest < 0 || found[i].Width > found[largest].Width) largest = i;
        for (int i = 0; i < found.Length; i++)
        {
            ref readonly Detection one = ref found[i], face = ref found[largest];
            float x = one.X + one.Width / 2 - face.X, y = one.Y + one.Height / 2 - face.Y;
            if (i == largest || (x > 0 && x < face.Width && y > 0 && y < face.Height)) continue;
            throw new EdgeException(ErrorCode.InputMismatch, $"Frame {frame.Index}{(source.FrameName is { } file ? $" ('{file}')" : "")} of '{source.Name}' shows {found.Length} faces: which one is '{name}'?",
                "Give pictures of one person alone, or cut them out.");
        }
        return largest;
    }
}
