using EdgeRuntime.Sessions;

namespace EdgeRuntime.Pipelines;

/// <summary>Models that give 21 points of a hand in pixels of their input, x, y and depth of each, how likely there is a hand, and how likely it is a right one.</summary>
internal sealed class HandDecoder
{
    private const int RowLength = 3;

    private readonly IModelOutputs outputs;
    private readonly int points, presence, side;
    private readonly float width, height, leastPresence;

    /// <summary>Makes it as the model file says.</summary>
    /// <exception cref="Diagnostics.EdgeException">It names another decoder, or outputs of other sizes.</exception>
    public HandDecoder(DecoderRequest request)
    {
        if (request.Info.Kind != "hand") throw request.Wrong("is none of hands; 'hand' is");
        outputs = request.Outputs;
        points = request.Output("points", HandEstimator.Points * RowLength);
        presence = request.Output("presence", 1);
        side = request.Output("side", 1);
        (width, height) = (request.InputWidth, request.InputHeight);
        leastPresence = (float)request.Number("presence_threshold", 0, 1);
    }

    /// <summary>Reads the outputs of the last run; false where there is no hand.</summary>
    /// <param name="place">What of the frame the model was given.</param>
    /// <param name="hand">The hand: points, the box around them, its presence as score.</param>
    public bool TryRead(in Crop place, out Detection hand)
    {
        hand = new Detection { PointCount = HandEstimator.Points };
        float present = outputs.Output(presence).Span<float>()[0];
        // NaN is not.
        if (!(present >= leastPresence)) return false;
        ReadOnlySpan<float> rows = outputs.Output(points).Span<float>();
        (float left, float top, float right, float bottom) = (float.PositiveInfinity, float.PositiveInfinity, float.NegativeInfinity, float.NegativeInfinity);
        for (int i = 0; i < HandEstimator.Points; i++)
        {
            KeyPoint point = place.ToFrame(rows[i * RowLength] / width, rows[i * RowLength + 1] / height);
            if (!float.IsFinite(point.X + point.Y)) return false;
            hand.Points[i] = point;
            (left, top, right, bottom) = (Math.Min(left, point.X), Math.Min(top, point.Y), Math.Max(right, point.X), Math.Max(bottom, point.Y));
        }
        (hand.X, hand.Y, hand.Width, hand.Height, hand.Score) = (left, top, right - left, bottom - top, Math.Min(present, 1));
        hand.Label = outputs.Output(side).Span<float>()[0] >= 0.5f ? 1 : 0;
        return hand is { Width: > 0, Height: > 0 };
    }
}
