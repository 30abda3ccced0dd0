using System.Numerics;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;

namespace EdgeRuntime.Pipelines.Faces;

/// <summary>
/// Turns a face upright by its key points: the similarity (rotation, one scale, shift) that takes them nearest to the places where models of faces expect them, by least squares (Umeyama, 1991). The places
/// are those of ArcFace (Deng et al., 2019), in pictures of 112 x 112 pixels.
/// </summary>
internal static class FaceAlignment
{
    /// <summary>Side of the pictures that the places are given for.</summary>
    private const float Side = 112;

    /// <summary>Right and left eye, nose, right and left corner of the mouth, as the person has them.</summary>
    private static readonly Vector2[] FivePlaces = [Place(38.2946f, 51.6963f), Place(73.5318f, 51.5014f), Place(56.0252f, 71.7366f), Place(41.5493f, 92.3655f), Place(70.7299f, 92.2041f)];

    /// <summary>Right and left eye, nose, middle of the mouth: what BlazeFace tells. Its ears are behind the face, and move against it.</summary>
    private static readonly Vector2[] FourPlaces = [FivePlaces[0], FivePlaces[1], FivePlaces[2], (FivePlaces[3] + FivePlaces[4]) / 2];

    /// <summary>Refuses detectors that tell boxes alone.</summary>
    /// <exception cref="EdgeException">The model is such a one.</exception>
    public static void RequirePoints(ModelMetadata finder)
    {
        if (finder.Decoder?.Parameters.GetValueOrDefault("key_points") is [5 or 6]) return;
        throw new EdgeException(ErrorCode.WrongTask, $"'{finder.Name}' does not tell where eyes, nose and mouth are, which it takes to turn a face upright.", "Use a detector that does, such as blazeface-back or yunet.");
    }

    /// <summary>What to cut out so that the face is where models of faces expect it; false where its points are in one place.</summary>
    public static bool TryAlign(in Detection face, out Crop place)
    {
        ReadOnlySpan<Vector2> places = face.PointCount == 5 ? FivePlaces : FourPlaces;
        return TryFit(face.Points[..places.Length], places, Side, out place);
    }

    /// <summary>What to cut out so that points are nearest to places in a square picture.</summary>
    /// <param name="points">The points in the frame.</param>
    /// <param name="places">As many places in the square picture.</param>
    /// <param name="side">Its side.</param>
    /// <param name="place">What to cut out.</param>
    internal static bool TryFit(ReadOnlySpan<KeyPoint> points, ReadOnlySpan<Vector2> places, float side, out Crop place)
    {
        Vector2 from = Vector2.Zero, to = Vector2.Zero;
        for (int i = 0; i < places.Length; i++) (from, to) = (from + new Vector2(points[i].X, points[i].Y), to + places[i]);
        (from, to) = (from / places.Length, to / places.Length);
        // As complex numbers the similarity is place = a · point + b; a is the mean of conj(point) · place over that of |point|², both from their centres.
        (float real, float imaginary, float spread) = (0, 0, 0);
        for (int i = 0; i < places.Length; i++)
        {
            Vector2 p = new Vector2(points[i].X, points[i].Y) - from, q = places[i] - to;
            real += Vector2.Dot(p, q);
            imaginary += p.X * q.Y - p.Y * q.X;
            spread += p.LengthSquared();
        }
        float scale = MathF.Sqrt(real * real + imaginary * imaginary) / spread, angle = -MathF.Atan2(imaginary, real);
        (float sine, float cosine) = MathF.SinCos(angle);
        Vector2 middle = (new Vector2(side / 2) - to) / scale;
        place = new Crop(from.X + middle.X * cosine - middle.Y * sine, from.Y + middle.X * sine + middle.Y * cosine, side / scale, side / scale, angle);
        return place.IsUsable;
    }

    /// <summary>The places are given as numbers of pixels, whose centres lie half a pixel from their edges.</summary>
    private static Vector2 Place(float x, float y) => new(x + 0.5f, y + 0.5f);
}
