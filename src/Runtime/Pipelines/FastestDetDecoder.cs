using EdgeRuntime.Sessions;

namespace EdgeRuntime.Pipelines;

/// <summary>
/// FastestDet: one grid, channels first: the probability that there is a thing, the box (its centre as hyperbolic tangents in cells from the cell's corner, width and height as
/// logits of the share of the picture), and the probabilities of the classes. The score is the product of the two probabilities, each raised to a power of its own.
/// </summary>
internal sealed class FastestDetDecoder : IDetectionDecoder
{
    private const int BoxLength = 5;

    private readonly IModelOutputs outputs;
    private readonly int output, classes, across, down;
    private readonly float width, height, leastScore, presentPower, classPower;
    private readonly BoxSelection boxes;

    private FastestDetDecoder(DecoderRequest request, GridLevel level)
    {
        outputs = request.Outputs;
        (width, height) = (request.InputWidth, request.InputHeight);
        (across, down) = (level.Across, level.Count / level.Across);
        (presentPower, classPower) = ((float)request.Number("present_power", 0, 8), (float)request.Number("class_power", 0, 8));
        leastScore = request.LeastScore;
        classes = request.Classes;
        output = request.Output("boxes", (long)level.Count * (BoxLength + classes));
        boxes = new BoxSelection(level.Count, request.MostOverlap);
    }

    /// <summary>Makes the decoder a model file asks for.</summary>
    public static IDetectionDecoder Create(DecoderRequest request)
    {
        GridLevel[] levels = GridLevel.Of(request);
        return levels.Length == 1 ? new FastestDetDecoder(request, levels[0]) : throw request.Wrong($"has {levels.Length} strides; it has one grid");
    }

    /// <inheritdoc/>
    public ReadOnlySpan<Detection> Read(Region covered)
    {
        ReadOnlySpan<float> planes = outputs.Output(output).Span<float>();
        int cells = across * down;
        boxes.Clear();
        for (int cell = 0; cell < cells; cell++)
        {
            // Probabilities of classes are at most 1, so most cells are left here. NaN is, too.
            float present = MathF.Pow(planes[cell], presentPower);
            if (!(present >= leastScore)) continue;
            int label = 0;
            for (int i = 1; i < classes; i++)
                if (planes[(BoxLength + i) * cells + cell] > planes[(BoxLength + label) * cells + cell]) label = i;
            float score = present * MathF.Pow(planes[(BoxLength + label) * cells + cell], classPower);
            if (!(score >= leastScore)) continue;
            (int y, int x) = Math.DivRem(cell, across);
            float centreX = (x + MathF.Tanh(planes[cells + cell])) * width / across, centreY = (y + MathF.Tanh(planes[2 * cells + cell])) * height / down;
            float halfWidth = Sigmoid(planes[3 * cells + cell]) * width / 2, halfHeight = Sigmoid(planes[4 * cells + cell]) * height / 2;
            boxes.Add(centreX - halfWidth, centreY - halfHeight, centreX + halfWidth, centreY + halfHeight, score, label);
        }
        return boxes.Select(covered, width, height);
    }

    private static float Sigmoid(float x) => 1 / (1 + MathF.Exp(-x));
}
