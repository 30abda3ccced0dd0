using EdgeRuntime.Sessions;

namespace EdgeRuntime.Pipelines;

/// <summary>
/// NanoDet: for each grid, the probabilities of the classes and, for each of the box's four sides, the logits of a distribution over how many cells it lies away
/// from the middle of the cell (0, 1, 2 and so on); the distance is its mean.
/// </summary>
internal sealed class NanoDetDecoder : IDetectionDecoder
{
    private const int MostSteps = 64;

    private readonly IModelOutputs outputs;
    private readonly GridLevel[] levels;
    private readonly (int Scores, int Distances)[] places;
    private readonly int classes, steps;
    private readonly float width, height, leastScore;
    private readonly BoxSelection boxes;

    private NanoDetDecoder(DecoderRequest request, GridLevel[] levels)
    {
        outputs = request.Outputs;
        this.levels = levels;
        (classes, steps) = (request.Classes, (int)request.Number("distance_steps", 2, MostSteps));
        (width, height) = (request.InputWidth, request.InputHeight);
        leastScore = request.LeastScore;
        places = new (int, int)[levels.Length];
        for (int i = 0; i < places.Length; i++)
            places[i] = (request.Output($"scores_{i}", (long)levels[i].Count * classes), request.Output($"distances_{i}", (long)levels[i].Count * 4 * steps));
        boxes = new BoxSelection(GridLevel.Total(levels), request.MostOverlap);
    }

    /// <summary>Makes the decoder a model file asks for.</summary>
    public static IDetectionDecoder Create(DecoderRequest request) => new NanoDetDecoder(request, GridLevel.Of(request));

    /// <inheritdoc/>
    public ReadOnlySpan<Detection> Read(Region covered)
    {
        boxes.Clear();
        for (int i = 0; i < levels.Length; i++)
        {
            GridLevel level = levels[i];
            ReadOnlySpan<float> scores = outputs.Output(places[i].Scores).Span<float>(), distances = outputs.Output(places[i].Distances).Span<float>();
            for (int cell = 0; cell < level.Count; cell++)
            {
                ReadOnlySpan<float> row = scores.Slice(cell * classes, classes);
                int label = BestScore.Of(row);
                if (!(row[label] >= leastScore)) continue;
                ReadOnlySpan<float> sides = distances.Slice(cell * 4 * steps, 4 * steps);
                (int y, int x) = Math.DivRem(cell, level.Across);
                float centreX = (x + 0.5f) * level.Stride, centreY = (y + 0.5f) * level.Stride;
                boxes.Add(
                    centreX - Mean(sides[..steps]) * level.Stride, centreY - Mean(sides.Slice(steps, steps)) * level.Stride,
                    centreX + Mean(sides.Slice(2 * steps, steps)) * level.Stride, centreY + Mean(sides[(3 * steps)..]) * level.Stride, row[label], label);
            }
        }
        return boxes.Select(covered, width, height);
    }

    /// <summary>The mean of 0, 1, 2 and so on with the probabilities that the logits stand for.</summary>
    private static float Mean(ReadOnlySpan<float> logits)
    {
        float most = logits[0];
        for (int i = 1; i < logits.Length; i++) most = Math.Max(most, logits[i]);
        float sum = 0, total = 0;
        for (int i = 0; i < logits.Length; i++)
        {
            float weight = MathF.Exp(logits[i] - most);
            total += weight;
            sum += i * weight;
        }
        return sum / total;
    }
}
