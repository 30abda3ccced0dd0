using EdgeRuntime.Sessions;

namespace EdgeRuntime.Pipelines;

/// <summary>
/// Models that decode their boxes themselves: rows of left, top, right, bottom in pixels of the input, score and class. What is left to do is to drop those
/// that overlap a better one of their class.
/// </summary>
internal sealed class BoxListDecoder : IDetectionDecoder
{
    private const int RowLength = 6, MostRows = 1 << 16;

    private readonly IModelOutputs outputs;
    private readonly int output, classes;
    private readonly float width, height, leastScore;
    private readonly BoxSelection boxes;

    private BoxListDecoder(DecoderRequest request, int output, int rows)
    {
        outputs = request.Outputs;
        this.output = output;
        classes = request.Classes;
        (width, height) = (request.InputWidth, request.InputHeight);
        leastScore = request.LeastScore;
        boxes = new BoxSelection(rows, request.MostOverlap);
    }

    /// <summary>Makes the decoder a model file asks for.</summary>
    public static IDetectionDecoder Create(DecoderRequest request)
    {
        int output = request.Rows("boxes", RowLength, MostRows, out int rows);
        return new BoxListDecoder(request, output, rows);
    }

    /// <inheritdoc/>
    public ReadOnlySpan<Detection> Read(Region covered)
    {
        ReadOnlySpan<float> rows = outputs.Output(output).Span<float>();
        boxes.Clear();
        for (int at = 0; at < rows.Length; at += RowLength)
        {
            ReadOnlySpan<float> row = rows.Slice(at, RowLength);
            // NaN is neither.
            if (row[4] >= leastScore && row[5] >= 0 && row[5] < classes) boxes.Add(row[0], row[1], row[2], row[3], row[4], (int)row[5]);
        }
        return boxes.Select(covered, width, height);
    }
}
