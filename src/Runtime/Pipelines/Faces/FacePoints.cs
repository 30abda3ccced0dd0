using System.Runtime.InteropServices;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Pipelines.Tracking;

namespace EdgeRuntime.Pipelines.Faces;

/// <summary>A point of a face, in pixels of the source picture.</summary>
/// <param name="X">From the left.</param>
/// <param name="Y">From the top.</param>
/// <param name="Z">How far behind the middle of the head, in the same unit; 0 where the model does not say.</param>
public readonly record struct FacePoint(float X, float Y, float Z);

/// <summary>
/// Finds the points of faces: finds the faces, cuts each out, upright where the detector tells where the eyes are, and asks a model whose metadata says face-mesh or face-landmarks. Points of faces that are
/// followed are smoothed.
/// </summary>
public sealed class FacePoints : CropStage
{
    /// <summary>The task of models that give 468 points in space.</summary>
    public const string MeshTask = "face-mesh";

    /// <summary>The task of models that give 68 points, in the order of iBUG 300-W.</summary>
    public const string LandmarkTask = "face-landmarks";

    /// <summary>The most points of a face.</summary>
    private const int MostPoints = 4096;

    private const string Kind = "points", Remedy = "Use facemesh or face-landmark of the zoo.";

    private readonly int output, presence = -1, dimensions;
    private readonly float unit, enlarged, shift, leastPresence;
    private readonly FacePoint[] points;
    private readonly PointSmoother? smoother;

    /// <summary>Prepares the models.</summary>
    /// <param name="finder">A model whose metadata says face-detection; it must outlive this.</param>
    /// <param name="model">A model whose metadata says face-mesh or face-landmarks; it must outlive this.</param>
    /// <param name="options">How, or null for the defaults.</param>
    /// <exception cref="EdgeException">A model is for another task, or cannot run.</exception>
    public FacePoints(EdgeModel finder, EdgeModel model, CropOptions? options = null) : this(finder, model, options ?? new CropOptions(), TaskOf(model))
    {
    }

    private FacePoints(EdgeModel finder, EdgeModel model, CropOptions options, string task) : base(Finder(finder, options), finder, model, task, Remedy, options, CropEdge.Repeat)
    {
        try
        {
            Name = task == MeshTask ? "face-mesh" : "face-landmark";
            if (model.Metadata.Decoder is not { Kind: Kind } info) throw new EdgeException(ErrorCode.WrongTask, $"'{model.Metadata.Name}' says it is for {task}, but not which output has the points.", Remedy);
            var request = new DecoderRequest(model.Metadata.Name, info, CropSession, InputWidth, InputHeight, null);
            dimensions = (int)request.Number("dimensions", 2, 3);
            Count = (int)request.Number("count", 1, MostPoints);
            unit = (float)request.Number("unit", 1e-3, 1e6);
            enlarged = (float)request.Number("enlarged", 0.1, 10);
            shift = (float)request.Number("shift", -1, 1);
            output = request.Output("points", (long)Count * dimensions);
            if (info.Outputs.ContainsKey("presence"))
            {
                presence = request.Output("presence", 1);
                double least = request.Number("presence_threshold", 0.001, 0.999);
                leastPresence = (float)Math.Log(least / (1 - least));
            }
            points = new FacePoint[Slots * Count];
            if (options is { Follows: true, Smooths: true }) smoother = new PointSmoother(3 * Count, options.Most);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <summary>How many points a face has.</summary>
    public int Count { get; }

    /// <summary>The points of a face that was found; valid until the next frame has gone all the way.</summary>
    /// <param name="index">Its place in <see cref="CropStage.Found"/>.</param>
    public ReadOnlySpan<FacePoint> Points(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Found.Length, nameof(index));
        return points.AsSpan(SlotOf(index) * Count, Count);
    }

    /// <inheritdoc/>
    public override void Reset()
    {
        base.Reset();
        smoother?.Reset();
    }

    private protected override bool TryCrop(in Detection candidate, out Crop place)
    {
        place = PlaceOf(candidate, enlarged, shift);
        return true;
    }

    /// <summary>What is cut out around a face, upright where its detector tells where the eyes are.</summary>
    /// <param name="face">The face.</param>
    /// <param name="enlarged">How many times the side of its box.</param>
    /// <param name="shift">How much of that side lower.</param>
    internal static Crop PlaceOf(in Detection face, float enlarged, float shift)
    {
        // Of BlazeFace and YuNet the first two points are the eyes, the person's right one first.
        float angle = face.PointCount >= 2 ? Crop.AngleOf(face.Points[0], face.Points[1]) : 0;
        return Crop.Around(face, angle).Square().Moved(0, shift).Enlarged(enlarged);
    }

    private protected override bool Read(int slot, in Crop place, TimeSpan time, ref Detection detection)
    {
        if (presence >= 0 && !(CropSession.Output(presence).Span<float>()[0] >= leastPresence)) return false;
        ReadOnlySpan<float> from = CropSession.Output(output).Span<float>();
        Span<FacePoint> to = points.AsSpan(slot * Count, Count);
        (float sine, float cosine) = MathF.SinCos(place.Angle);
        for (int i = 0; i < to.Length; i++)
        {
            float across = (from[dimensions * i] / unit - 0.5f) * place.Width, down = (from[dimensions * i + 1] / unit - 0.5f) * place.Height;
            to[i] = new FacePoint(place.CentreX + across * cosine - down * sine, place.CentreY + across * sine + down * cosine, dimensions == 3 ? from[3 * i + 2] / unit * place.Width : 0);
            if (!float.IsFinite(to[i].X + to[i].Y + to[i].Z)) return false;
        }
        smoother?.Smooth(detection.Track, place.Width, time, MemoryMarshal.Cast<FacePoint, float>(to));
        return true;
    }

    private static string TaskOf(EdgeModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model.Metadata.Task == LandmarkTask ? LandmarkTask : MeshTask;
    }

    private static FaceDetector Finder(EdgeModel finder, CropOptions options) =>
        new(finder, new FaceDetectorOptions(options) { ScoreThreshold = FinderScore(finder, options) });
}
