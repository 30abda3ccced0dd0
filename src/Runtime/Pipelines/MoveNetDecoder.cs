using EdgeRuntime.Sessions;

namespace EdgeRuntime.Pipelines;

/// <summary>
/// MoveNet for one person: rows of y, x (as shares of the input) and score, one for each joint. A person is found when the mean score of the joints that are seen is high enough and
/// at least <see cref="LeastJoints"/> are; the box is around them.
/// </summary>
internal sealed class MoveNetDecoder : IDetectionDecoder
{
    private const int RowLength = 3, LeastJoints = 4;

    private readonly IModelOutputs outputs;
    private readonly int output;
    private readonly float leastScore;
    private readonly Detection[] person = new Detection[1];

    private MoveNetDecoder(DecoderRequest request)
    {
        outputs = request.Outputs;
        output = request.Output("joints", PoseEstimator.Joints * RowLength);
        leastScore = request.LeastScore;
    }

    /// <summary>Makes the decoder a model file asks for.</summary>
    public static IDetectionDecoder Create(DecoderRequest request) => new MoveNetDecoder(request);

    /// <inheritdoc/>
    public ReadOnlySpan<Detection> Read(Region covered)
    {
        ReadOnlySpan<float> rows = outputs.Output(output).Span<float>();
        ref Detection found = ref person[0];
        found = new Detection { PointCount = PoseEstimator.Joints };
        (float left, float top, float right, float bottom, float score) = (float.PositiveInfinity, float.PositiveInfinity, float.NegativeInfinity, float.NegativeInfinity, 0);
        int seen = 0;
        for (int i = 0; i < PoseEstimator.Joints; i++)
        {
            ReadOnlySpan<float> row = rows.Slice(i * RowLength, RowLength);
            if (!(row[2] >= leastScore && float.IsFinite(row[0] + row[1])))
            {
                found.Points[i] = new KeyPoint(float.NaN, float.NaN);
                continue;
            }
            float x = covered.X + row[1] * covered.Width, y = covered.Y + row[0] * covered.Height;
            found.Points[i] = new KeyPoint(x, y);
            (left, top, right, bottom) = (Math.Min(left, x), Math.Min(top, y), Math.Max(right, x), Math.Max(bottom, y));
            score += row[2];
            seen++;
        }
        if (seen < LeastJoints || !(right > left && bottom > top)) return [];
        (found.X, found.Y, found.Width, found.Height, found.Score) = (left, top, right - left, bottom - top, Math.Min(score / seen, 1));
        return person;
    }
}
