using EdgeRuntime.Sessions;

namespace EdgeRuntime.Pipelines;

/// <summary>
/// YuNet: for each grid, the probabilities that there is a thing and that it is a face, whose geometric mean is the score; the box as centre (in cells from the cell's corner)
/// and logarithms of its size in cells; and key points in cells from the cell's corner.
/// </summary>
internal sealed class YuNetDecoder : IDetectionDecoder
{
    private readonly IModelOutputs outputs;
    private readonly GridLevel[] levels;
    private readonly (int Faces, int Things, int Boxes, int Points)[] places;
    private readonly int points;
    private readonly float width, height, leastScore;
    private readonly BoxSelection boxes;

    private YuNetDecoder(DecoderRequest request, GridLevel[] levels)
    {
        outputs = request.Outputs;
        this.levels = levels;
        points = (int)request.Number("key_points", 1, KeyPoints.Capacity);
        (width, height) = (request.InputWidth, request.InputHeight);
        leastScore = request.LeastScore;
        places = new (int, int, int, int)[levels.Length];
        for (int i = 0; i < places.Length; i++)
        {
            long cells = levels[i].Count;
            places[i] = (request.Output($"faces_{i}", cells), request.Output($"things_{i}", cells),
                request.Output($"boxes_{i}", cells * 4), request.Output($"points_{i}", cells * 2 * points));
        }
        boxes = new BoxSelection(GridLevel.Total(levels), request.MostOverlap);
    }

    /// <summary>Makes the decoder a model file asks for.</summary>
    public static IDetectionDecoder Create(DecoderRequest request) => new YuNetDecoder(request, GridLevel.Of(request));

    /// <inheritdoc/>
    public ReadOnlySpan<Detection> Read(Region covered)
    {
        boxes.Clear();
        int first = 0;
        for (int i = 0; i < levels.Length; first += levels[i++].Count) Collect(i, first);
        Span<Detection> found = boxes.Select(covered, width, height);
        for (int i = 0; i < found.Length; i++) PutPoints(ref found[i], boxes.SourceOf(i), covered);
        return found;
    }

    private void Collect(int index, int first)
    {
        GridLevel level = levels[index];
        ReadOnlySpan<float> faces = outputs.Output(places[index].Faces).Span<float>(), things = outputs.Output(places[index].Things).Span<float>();
        ReadOnlySpan<float> sizes = outputs.Output(places[index].Boxes).Span<float>();
        for (int cell = 0; cell < level.Count; cell++)
        {
            // The root of what is below 0 is NaN, which is no score.
            float score = MathF.Sqrt(faces[cell] * things[cell]);
            if (!(score >= leastScore)) continue;
            ReadOnlySpan<float> box = sizes.Slice(4 * cell, 4);
            (int y, int x) = Math.DivRem(cell, level.Across);
            float centreX = (x + box[0]) * level.Stride, centreY = (y + box[1]) * level.Stride;
            float halfWidth = MathF.Exp(box[2]) * level.Stride / 2, halfHeight = MathF.Exp(box[3]) * level.Stride / 2;
            boxes.Add(centreX - halfWidth, centreY - halfHeight, centreX + halfWidth, centreY + halfHeight, score, 0, first + cell);
        }
    }

    private void PutPoints(ref Detection detection, int cell, Region covered)
    {
        int index = 0;
        while (cell >= levels[index].Count) cell -= levels[index++].Count;
        GridLevel level = levels[index];
        (int y, int x) = Math.DivRem(cell, level.Across);
        ReadOnlySpan<float> from = outputs.Output(places[index].Points).Span<float>().Slice(2 * points * cell, 2 * points);
        float scaleX = covered.Width / width, scaleY = covered.Height / height;
        detection.PointCount = points;
        for (int p = 0; p < points; p++)
            detection.Points[p] = new KeyPoint(covered.X + (x + from[2 * p]) * level.Stride * scaleX, covered.Y + (y + from[2 * p + 1]) * level.Stride * scaleY);
    }
}
