using EdgeRuntime.Sessions;

namespace EdgeRuntime.Pipelines;

/// <summary>
/// YOLOX: one output with a row for each cell of all grids: the box's centre in cells from the cell's corner, the logarithms of its width and height in cells,
/// the probability that there is a thing, and one for each class. The score is the product of the two.
/// </summary>
internal sealed class YoloxDecoder : IDetectionDecoder
{
    private const int BoxLength = 5;

    private readonly IModelOutputs outputs;
    private readonly GridLevel[] levels;
    private readonly int output, classes;
    private readonly float width, height, leastScore;
    private readonly BoxSelection boxes;

    private YoloxDecoder(DecoderRequest request, GridLevel[] levels)
    {
        outputs = request.Outputs;
        this.levels = levels;
        classes = request.Classes;
        (width, height) = (request.InputWidth, request.InputHeight);
        leastScore = request.LeastScore;
        int cells = GridLevel.Total(levels);
        output = request.Output("boxes", (long)cells * (BoxLength + classes));
        boxes = new BoxSelection(cells, request.MostOverlap);
    }

    /// <summary>Makes the decoder a model file asks for.</summary>
    public static IDetectionDecoder Create(DecoderRequest request) => new YoloxDecoder(request, GridLevel.Of(request));

    /// <inheritdoc/>
    public ReadOnlySpan<Detection> Read(Region covered)
    {
        ReadOnlySpan<float> rows = outputs.Output(output).Span<float>();
        boxes.Clear();
        int at = 0;
        foreach (GridLevel level in levels)
        {
            for (int cell = 0; cell < level.Count; cell++, at += BoxLength + classes)
            {
                // Probabilities of classes are at most 1, so most cells are left here. NaN is, too.
                float present = rows[at + 4];
                if (!(present >= leastScore)) continue;
                int label = BestScore.Of(rows.Slice(at + BoxLength, classes));
                float score = present * rows[at + BoxLength + label];
                if (!(score >= leastScore)) continue;
                (int y, int x) = Math.DivRem(cell, level.Across);
                float centreX = (x + rows[at]) * level.Stride, centreY = (y + rows[at + 1]) * level.Stride;
                float halfWidth = MathF.Exp(rows[at + 2]) * level.Stride / 2, halfHeight = MathF.Exp(rows[at + 3]) * level.Stride / 2;
                boxes.Add(centreX - halfWidth, centreY - halfHeight, centreX + halfWidth, centreY + halfHeight, score, label);
            }
        }
        return boxes.Select(covered, width, height);
    }
}
