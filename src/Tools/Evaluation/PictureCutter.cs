using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Pipelines.Faces;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Zoo;

namespace EdgeRuntime.Tools.Evaluation;

/// <summary>Cuts out of pictures what a model looks at, as the pipelines do: faces, eyes, hands. It finds them with another model of the zoo.</summary>
internal sealed class PictureCutter : IDisposable
{
    /// <summary>More of one picture would leave less room for others.</summary>
    private const int MostOfPicture = 3;

    /// <summary>How wide what is seen of an eye is, beside the way from one eye to the other.</summary>
    private const float EyeShare = 0.7f;

    /// <summary>Pipelines look again at what may be a palm, and drop what is none; here only hands are wanted.</summary>
    private const float LeastPalm = 0.8f;

    private readonly LoadedModel loaded;
    private readonly PictureDetector finder;
    private readonly SampleView view;
    private readonly float enlarged, shift;
    private int pictures;

    /// <summary>Loads the model that finds; one of the zoo is fetched.</summary>
    /// <param name="view">What to cut out.</param>
    /// <param name="decoder">How the model's outputs are read, which may say how much of a face it takes; or null.</param>
    /// <exception cref="EdgeException">It cannot be had.</exception>
    public PictureCutter(SampleView view, DecoderInfo? decoder)
    {
        this.view = view;
        (enlarged, shift) = (Parameter("enlarged", view.Enlarged), Parameter("shift", view.Shift));
        loaded = ModelLoader.Load(view.Finder ?? throw new EdgeException(ErrorCode.CannotRead, $"The zoo does not say what finds a view of '{view.Of}'.", "Restore zoo.json from the repository."));
        var session = new SessionOptions { Backend = Backends.BackendKind.Cpu };
        finder = view.Of == ViewKind.Palm ? new PalmDetector(loaded.Model, new DetectorOptions(session) { ScoreThreshold = LeastPalm }) : new FaceDetector(loaded.Model, new FaceDetectorOptions(session));

        float Parameter(string name, float otherwise) => decoder?.Parameters.GetValueOrDefault(name) is [var given] ? (float)given : otherwise;
    }

    /// <summary>What is cut out, for people.</summary>
    public string What => view.Of switch { ViewKind.Palm => "hands", ViewKind.Eye => "eyes", _ => "faces" };

    /// <summary>The parts of a picture, those that were found first, or of further pictures others.</summary>
    public IReadOnlyList<Crop> Cut(Frame frame)
    {
        ReadOnlySpan<Detection> found = finder.Process(frame);
        var places = new List<Crop>();
        foreach (ref readonly Detection thing in found) Add(thing, places);
        if (places.Count > MostOfPicture)
        {
            int first = pictures % places.Count;
            places = [.. places.Concat(places).Skip(first).Take(MostOfPicture)];
        }
        pictures++;
        return places;
    }

    public void Dispose()
    {
        finder.Dispose();
        loaded.Dispose();
    }

    private void Add(in Detection thing, List<Crop> places)
    {
        if (view.Of == ViewKind.Eye)
        {
            if (thing.PointCount < 2) return;
            KeyPoint right = thing.Points[0], left = thing.Points[1];
            float side = EyeShare * MathF.Sqrt((left.X - right.X) * (left.X - right.X) + (left.Y - right.Y) * (left.Y - right.Y)), angle = Crop.AngleOf(right, left);
            Keep(new Crop(right.X, right.Y, side, side, angle));
            Keep(new Crop(left.X, left.Y, side, side, angle));
        }
        else if (view.Of == ViewKind.Palm) Keep(HandPlace.OfPalm(thing));
        else if (view.Of == ViewKind.Face) Keep(FacePoints.PlaceOf(thing, enlarged, shift));
        else if (FaceAlignment.TryAlign(thing, out Crop place)) Keep(place);

        void Keep(Crop crop)
        {
            if (crop.IsUsable) places.Add(crop);
        }
    }
}
