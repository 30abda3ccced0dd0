using EdgeRuntime.Pipelines;
using EdgeRuntime.Pipelines.Faces;

namespace EdgeRuntime.Tools.Media;

/// <summary>Draws the points of a face and the lines of its features: eyes, brows, nose, lips, and the outline.</summary>
internal static class FacePainter
{
    /// <summary>The lines of 468 points, by their numbers in MediaPipe's mesh; a line whose first number is its last is closed.</summary>
    private static readonly int[][] MeshLines =
    [
        [10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109, 10],
        [61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185, 61],
        [78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 415, 310, 311, 312, 13, 82, 81, 80, 191, 78],
        [33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246, 33],
        [263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466, 263],
        [70, 63, 105, 66, 107, 55, 65, 52, 53, 46, 70],
        [300, 293, 334, 296, 336, 285, 295, 282, 283, 276, 300],
        [168, 6, 197, 195, 5, 4], [98, 97, 2, 326, 327],
    ];

    /// <summary>The lines of 68 points, in the order of iBUG 300-W.</summary>
    private static readonly int[][] LandmarkLines =
    [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16], [17, 18, 19, 20, 21], [22, 23, 24, 25, 26], [27, 28, 29, 30], [31, 32, 33, 34, 35],
        [36, 37, 38, 39, 40, 41, 36], [42, 43, 44, 45, 46, 47, 42], [48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 48], [60, 61, 62, 63, 64, 65, 66, 67, 60],
    ];

    /// <summary>Draws on the frame itself.</summary>
    public static void Draw(Frame frame, ReadOnlySpan<FacePoint> points, Colour colour)
    {
        var canvas = new Canvas(frame);
        (float least, float most) = (float.PositiveInfinity, float.NegativeInfinity);
        foreach (FacePoint point in points) (least, most) = (Math.Min(least, point.X), Math.Max(most, point.X));
        // Thin on a face that is far away, so that it is still to be seen.
        bool mesh = points.Length == 468;
        float size = Math.Clamp((most - least) / 140, 0.5f, 2.5f * canvas.Scale);
        if (mesh)
            foreach (FacePoint point in points) canvas.Dot(point.X, point.Y, 0.45f * size, Colour.White);
        foreach (int[] line in mesh ? MeshLines : points.Length == 68 ? LandmarkLines : [])
            for (int i = 1; i < line.Length; i++)
                canvas.Line(points[line[i - 1]].X, points[line[i - 1]].Y, points[line[i]].X, points[line[i]].Y, size, colour);
        if (!mesh)
            foreach (FacePoint point in points) canvas.Dot(point.X, point.Y, size, Colour.White);
    }
}
