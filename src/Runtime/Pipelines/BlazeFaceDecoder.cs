using EdgeRuntime.Sessions;

namespace EdgeRuntime.Pipelines;

/// <summary>
/// BlazeFace and BlazePalm: each anchor gives a logit, a box and key points relative to the anchor's centre, in pixels of the input, in outputs of their own for each stride or in one output of rows; overlapping
/// boxes are blended by score instead of dropped, which steadies them from frame to frame.
/// </summary>
internal sealed class BlazeFaceDecoder : IDetectionDecoder
{
    /// <summary>No more are given; the best are kept.</summary>
    public const int MostDetections = 256;

    private const int MostAnchors = 1 << 20;

    private readonly IModelOutputs outputs;
    private readonly Layer[] layers;
    private readonly float[] centres;
    private readonly int points;
    private readonly float width, height;
    private readonly float leastLogit, leastOverlap;
    private readonly Candidate[] candidates;
    private readonly ulong[] order;
    private readonly Detection[] detections = new Detection[MostDetections];

    private BlazeFaceDecoder(DecoderRequest request, int[] strides, int[] perCell)
    {
        outputs = request.Outputs;
        (width, height) = (request.InputWidth, request.InputHeight);
        points = (int)request.Number("key_points", 0, KeyPoints.Capacity);
        double threshold = request.LeastScore;
        leastLogit = (float)Math.Log(threshold / (1 - threshold));
        leastOverlap = request.MostOverlap;
        centres = Anchors(request.InputWidth, request.InputHeight, strides, perCell);
        layers = request.Info.Outputs.ContainsKey("rows") ? [Rows(request)] : Layers(request, strides, perCell);
        candidates = new Candidate[centres.Length / 2];
        order = new ulong[centres.Length / 2];
    }

    private int BoxLength => 4 + 2 * points;

    /// <summary>One output has all anchors: the logit and then the box of each.</summary>
    private Layer Rows(DecoderRequest request)
    {
        int count = centres.Length / 2, rows = request.Output("rows", (long)count * (1 + BoxLength));
        return new Layer(rows, rows, 1 + BoxLength, 1 + BoxLength, 1, 0, count);
    }

    private Layer[] Layers(DecoderRequest request, int[] strides, int[] perCell)
    {
        var all = new Layer[strides.Length];
        int first = 0;
        for (int i = 0; i < all.Length; i++)
        {
            int count = GridLevel.CellsAlong(request.InputWidth, strides[i]) * GridLevel.CellsAlong(request.InputHeight, strides[i]) * perCell[i];
            all[i] = new Layer(request.Output($"scores_{i}", count), request.Output($"boxes_{i}", (long)count * BoxLength), 1, BoxLength, 0, first, count);
            first += count;
        }
        return all;
    }

    /// <summary>Makes the decoder a model file asks for.</summary>
    public static IDetectionDecoder Create(DecoderRequest request)
    {
        int[] strides = request.WholeNumbers("strides", 1, 4096), perCell = request.WholeNumbers("anchors_per_cell", 1, 64);
        if (strides.Length != perCell.Length || strides.Length == 0)
            throw request.Wrong($"has {strides.Length} strides and {perCell.Length} anchors_per_cell; there must be as many of each");
        long anchors = 0;
        for (int i = 0; i < strides.Length; i++)
            anchors += (long)GridLevel.CellsAlong(request.InputWidth, strides[i]) * GridLevel.CellsAlong(request.InputHeight, strides[i]) * perCell[i];
        if (anchors > MostAnchors) throw request.Wrong($"has {anchors:N0} anchors; at most {MostAnchors:N0} are supported");
        return new BlazeFaceDecoder(request, strides, perCell);
    }

    /// <summary>Centres of all anchors, x and y alternating, in pixels of the input: layer by layer, row by row, cell by cell.</summary>
    public static float[] Anchors(int width, int height, ReadOnlySpan<int> strides, ReadOnlySpan<int> perCell)
    {
        var centres = new List<float>();
        for (int layer = 0; layer < strides.Length; layer++)
        {
            int across = GridLevel.CellsAlong(width, strides[layer]), down = GridLevel.CellsAlong(height, strides[layer]);
            for (int y = 0; y < down; y++)
                for (int x = 0; x < across; x++)
                    for (int i = 0; i < perCell[layer]; i++)
                    {
                        centres.Add((x + 0.5f) * width / across);
                        centres.Add((y + 0.5f) * height / down);
                    }
        }
        return [.. centres];
    }

    /// <inheritdoc/>
    public ReadOnlySpan<Detection> Read(Region covered)
    {
        int found = Collect();
        return detections.AsSpan(0, Blend(found, covered));
    }

    /// <summary>Gathers the anchors above the threshold and sorts them by score, equal ones by position, so that ties are stable.</summary>
    private int Collect()
    {
        int found = 0;
        for (int layer = 0; layer < layers.Length; layer++)
        {
            (int scoreOutput, int boxOutput, int scoreStep, int boxStep, int boxAt, int first, int anchors) = layers[layer];
            ReadOnlySpan<float> scores = outputs.Output(scoreOutput).Span<float>();
            ReadOnlySpan<float> boxes = outputs.Output(boxOutput).Span<float>();
            for (int i = 0; i < anchors; i++)
            {
                // Comparing logits spares the exponential for nearly all anchors. NaN is never greater.
                float logit = scores[i * scoreStep];
                if (!(logit > leastLogit)) continue;
                ReadOnlySpan<float> box = boxes.Slice(i * boxStep + boxAt, 4);
                int anchor = first + i;
                float x = box[0] + centres[2 * anchor], y = box[1] + centres[2 * anchor + 1];
                float score = 1 / (1 + MathF.Exp(-logit));
                candidates[found] = new Candidate(x - box[2] / 2, y - box[3] / 2, x + box[2] / 2, y + box[3] / 2, score, layer, i);
                // Bits of positive floats sort like the floats.
                order[found] = ((ulong)~BitConverter.SingleToUInt32Bits(score) << 32) | (uint)found;
                found++;
            }
        }
        order.AsSpan(0, found).Sort();
        return found;
    }

    /// <summary>Takes the best candidate, blends it with all that overlap it, and goes on with those left.</summary>
    private int Blend(int found, Region covered)
    {
        int count = 0;
        while (found > 0 && count < MostDetections)
        {
            Candidate best = candidates[(uint)order[0]];
            ref Detection detection = ref detections[count++];
            detection = new Detection { Score = best.Score, PointCount = points };
            float total = 0;
            int left = 0;
            for (int i = 0; i < found; i++)
            {
                ref readonly Candidate other = ref candidates[(uint)order[i]];
                if (i == 0 || best.Overlap(other) > leastOverlap)
                {
                    Accumulate(ref detection, other);
                    total += other.Score;
                }
                else
                {
                    order[left++] = order[i];
                }
            }
            found = left;
            Finish(ref detection, total, covered);
        }
        return count;
    }

    private void Accumulate(ref Detection sum, in Candidate candidate)
    {
        sum.X += candidate.Score * candidate.Left;
        sum.Y += candidate.Score * candidate.Top;
        sum.Width += candidate.Score * (candidate.Right - candidate.Left);
        sum.Height += candidate.Score * (candidate.Bottom - candidate.Top);
        Layer layer = layers[candidate.Layer];
        ReadOnlySpan<float> box = outputs.Output(layer.Boxes).Span<float>().Slice(candidate.Index * layer.BoxStep + layer.BoxAt, BoxLength);
        int centre = 2 * (layer.First + candidate.Index);
        for (int p = 0; p < points; p++)
            sum.Points[p] = new KeyPoint(
                sum.Points[p].X + candidate.Score * (box[4 + 2 * p] + centres[centre]),
                sum.Points[p].Y + candidate.Score * (box[5 + 2 * p] + centres[centre + 1]));
    }

    /// <summary>From weighted sums in input pixels to means in source pixels.</summary>
    private void Finish(ref Detection detection, float total, Region covered)
    {
        float scaleX = covered.Width / width, scaleY = covered.Height / height;
        detection.X = covered.X + detection.X / total * scaleX;
        detection.Y = covered.Y + detection.Y / total * scaleY;
        detection.Width *= scaleX / total;
        detection.Height *= scaleY / total;
        for (int p = 0; p < points; p++)
            detection.Points[p] = new KeyPoint(covered.X + detection.Points[p].X / total * scaleX, covered.Y + detection.Points[p].Y / total * scaleY);
    }

    /// <summary>Anchors whose numbers lie in the same outputs: how far apart their logits and their boxes are, where the first box begins, and which anchors they are.</summary>
    private readonly record struct Layer(int Scores, int Boxes, int ScoreStep, int BoxStep, int BoxAt, int First, int Count);

    /// <summary>An anchor above the threshold: its box in pixels of the input, and where the rest of it is.</summary>
    private readonly record struct Candidate(float Left, float Top, float Right, float Bottom, float Score, int Layer, int Index)
    {
        /// <summary>Intersection over union.</summary>
        public float Overlap(in Candidate other)
        {
            float across = Math.Min(Right, other.Right) - Math.Max(Left, other.Left);
            float down = Math.Min(Bottom, other.Bottom) - Math.Max(Top, other.Top);
            if (!(across > 0 && down > 0)) return 0;
            float shared = across * down;
            return shared / ((Right - Left) * (Bottom - Top) + (other.Right - other.Left) * (other.Bottom - other.Top) - shared);
        }
    }
}
