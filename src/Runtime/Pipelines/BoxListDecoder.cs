using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Pipelines;

/// <summary>
/// Models that decode their boxes themselves: rows of left, top, right, bottom in pixels of the input, score and class. What is left to do is to drop those
/// that overlap a better one of their class.
/// </summary>
internal sealed class BoxListDecoder : IDetectionDecoder
{
    private const int RowLength = 6, MostRows = 1 << 16;

    private readonly InferenceSession session;
    private readonly int output, classes;
    private readonly float width, height, leastScore, mostOverlap;
    private readonly ulong[] order;
    private readonly Detection[] detections;

    private BoxListDecoder(DecoderRequest request, int output, int rows)
    {
        session = request.Session;
        this.output = output;
        classes = request.Labels.Count;
        (width, height) = (request.InputWidth, request.InputHeight);
        leastScore = (float)(request.ScoreThreshold ?? request.Number("score_threshold", 0, 1));
        mostOverlap = (float)request.Number("iou_threshold", 0, 1);
        order = new ulong[rows];
        detections = new Detection[rows];
    }

    /// <summary>Makes the decoder a model file asks for.</summary>
    public static IDetectionDecoder Create(DecoderRequest request)
    {
        int output = request.Output("boxes");
        TensorType type = request.Session.Output(output).Type;
        if (type.DataType != DataType.F32 || type.Shape.Rank < 2 || type.Shape[-1] != RowLength || type.Shape.Count > MostRows * RowLength)
            throw request.Wrong($"expects rows of {RowLength} floats as 'boxes'; the output is {type}");
        if (request.Labels.Count == 0) throw request.Wrong("has no labels; it needs a name for each class");
        return new BoxListDecoder(request, output, (int)(type.Shape.Count / RowLength));
    }

    /// <inheritdoc/>
    public ReadOnlySpan<Detection> Read(Region covered)
    {
        ReadOnlySpan<float> rows = session.Output(output).Span<float>();
        int found = 0, count = 0;
        for (int i = 0; i < order.Length; i++)
        {
            float score = rows[i * RowLength + 4], label = rows[i * RowLength + 5];
            // NaN is neither.
            if (!(score >= leastScore && label >= 0 && label < classes)) continue;
            // Bits of positive floats sort like the floats; equal scores keep their order.
            order[found++] = ((ulong)~BitConverter.SingleToUInt32Bits(Math.Max(score, 0)) << 32) | (uint)i;
        }
        order.AsSpan(0, found).Sort();

        float scaleX = covered.Width / width, scaleY = covered.Height / height;
        for (int i = 0; i < found; i++)
        {
            ReadOnlySpan<float> row = rows.Slice((int)(uint)order[i] * RowLength, RowLength);
            var detection = new Detection
            {
                X = covered.X + row[0] * scaleX,
                Y = covered.Y + row[1] * scaleY,
                Width = (row[2] - row[0]) * scaleX,
                Height = (row[3] - row[1]) * scaleY,
                Score = Math.Min(row[4], 1),
                Label = (int)row[5],
            };
            if (detection.Width > 0 && detection.Height > 0 && float.IsFinite(detection.X + detection.Y + detection.Width + detection.Height) && !OverlapsBetter(detection, count))
                detections[count++] = detection;
        }
        return detections.AsSpan(0, count);
    }

    private bool OverlapsBetter(in Detection detection, int count)
    {
        for (int i = 0; i < count; i++)
            if (detections[i].Label == detection.Label && Overlap(detections[i], detection) > mostOverlap) return true;
        return false;
    }

    /// <summary>Intersection over union.</summary>
    private static float Overlap(in Detection a, in Detection b)
    {
        float across = Math.Min(a.X + a.Width, b.X + b.Width) - Math.Max(a.X, b.X);
        float down = Math.Min(a.Y + a.Height, b.Y + b.Height) - Math.Max(a.Y, b.Y);
        if (!(across > 0 && down > 0)) return 0;
        return across * down / (a.Width * a.Height + b.Width * b.Height - across * down);
    }
}
