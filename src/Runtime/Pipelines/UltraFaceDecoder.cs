using EdgeRuntime.Sessions;

namespace EdgeRuntime.Pipelines;

/// <summary>
/// Ultra-Light-Fast face detection, whose graph decodes its boxes itself: rows of two probabilities (none, face), and rows of left, top, right, bottom as shares of the picture.
/// </summary>
internal sealed class UltraFaceDecoder : IDetectionDecoder
{
    private const int MostRows = 1 << 20;

    private readonly IModelOutputs outputs;
    private readonly int scoreOutput, boxOutput;
    private readonly float width, height, leastScore;
    private readonly BoxSelection boxes;

    private UltraFaceDecoder(DecoderRequest request, int scoreOutput, int rows)
    {
        outputs = request.Outputs;
        this.scoreOutput = scoreOutput;
        boxOutput = request.Output("boxes", 4L * rows);
        (width, height) = (request.InputWidth, request.InputHeight);
        leastScore = request.LeastScore;
        boxes = new BoxSelection(rows, request.MostOverlap);
    }

    /// <summary>Makes the decoder a model file asks for.</summary>
    public static IDetectionDecoder Create(DecoderRequest request)
    {
        int scores = request.Rows("scores", 2, MostRows, out int rows);
        return new UltraFaceDecoder(request, scores, rows);
    }

    /// <inheritdoc/>
    public ReadOnlySpan<Detection> Read(Region covered)
    {
        ReadOnlySpan<float> scores = outputs.Output(scoreOutput).Span<float>(), corners = outputs.Output(boxOutput).Span<float>();
        boxes.Clear();
        for (int i = 0; 2 * i < scores.Length; i++)
        {
            // NaN is no score.
            if (!(scores[2 * i + 1] >= leastScore)) continue;
            ReadOnlySpan<float> box = corners.Slice(4 * i, 4);
            boxes.Add(box[0] * width, box[1] * height, box[2] * width, box[3] * height, scores[2 * i + 1], 0);
        }
        return boxes.Select(covered, width, height);
    }
}
