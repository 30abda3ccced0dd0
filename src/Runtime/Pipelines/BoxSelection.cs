namespace EdgeRuntime.Pipelines;

/// <summary>
/// The last step of most detectors: boxes are added in pixels of the model's input, and of those that overlap only the best of each class is kept. All memory is
/// there from the start.
/// </summary>
/// <param name="capacity">How many boxes can be added at most.</param>
/// <param name="mostOverlap">Intersection over union beyond which a box is taken for the same thing as a better one of its class.</param>
internal sealed class BoxSelection(int capacity, float mostOverlap)
{
    /// <summary>No more are kept; the best are.</summary>
    public const int MostDetections = 300;

    private readonly Candidate[] candidates = new Candidate[capacity];
    private readonly ulong[] order = new ulong[capacity];
    private readonly int[] kept = new int[Math.Min(capacity, MostDetections)];
    private readonly Detection[] detections = new Detection[Math.Min(capacity, MostDetections)];
    private int count;

    /// <summary>Forgets all boxes.</summary>
    public void Clear() => count = 0;

    /// <summary>Adds a box; one that is empty or not finite is none.</summary>
    /// <param name="left">Left edge.</param>
    /// <param name="top">Upper edge.</param>
    /// <param name="right">Right edge.</param>
    /// <param name="bottom">Lower edge.</param>
    /// <param name="score">Score of 0 or more; detections have at most 1.</param>
    /// <param name="label">Index of the class.</param>
    /// <param name="source">Where the rest of it is, for <see cref="SourceOf"/>.</param>
    public void Add(float left, float top, float right, float bottom, float score, int label, int source = 0)
    {
        if (!(right > left && bottom > top && float.IsFinite(left + top + right + bottom))) return;
        candidates[count] = new Candidate(left, top, right, bottom, score, label, source);
        // Bits of positive floats sort like the floats; equal scores keep their order. Minus 0 would be the largest.
        order[count] = ((ulong)~BitConverter.SingleToUInt32Bits(Math.Max(score, 0f)) << 32) | (uint)count;
        count++;
    }

    /// <summary>Keeps the best boxes.</summary>
    /// <param name="covered">The part of the source picture that filled the input; the result is in its pixels.</param>
    /// <param name="width">Width of the input.</param>
    /// <param name="height">Height of the input.</param>
    /// <returns>They, best first, valid until the next call; key points may be put into them.</returns>
    public Span<Detection> Select(Region covered, float width, float height)
    {
        order.AsSpan(0, count).Sort();
        float scaleX = covered.Width / width, scaleY = covered.Height / height;
        int found = 0;
        for (int i = 0; i < count && found < kept.Length; i++)
        {
            int index = (int)(uint)order[i];
            ref readonly Candidate box = ref candidates[index];
            if (OverlapsBetter(box, found)) continue;
            kept[found] = index;
            detections[found++] = new Detection
            {
                X = covered.X + box.Left * scaleX,
                Y = covered.Y + box.Top * scaleY,
                Width = (box.Right - box.Left) * scaleX,
                Height = (box.Bottom - box.Top) * scaleY,
                Score = Math.Min(box.Score, 1),
                Label = box.Label,
            };
        }
        return detections.AsSpan(0, found);
    }

    /// <summary>What <see cref="Add"/> was told of a detection that was selected.</summary>
    public int SourceOf(int detection) => candidates[kept[detection]].Source;

    private bool OverlapsBetter(in Candidate box, int found)
    {
        for (int i = 0; i < found; i++)
        {
            ref readonly Candidate better = ref candidates[kept[i]];
            if (better.Label == box.Label && better.Overlap(box) > mostOverlap) return true;
        }
        return false;
    }

    /// <summary>A box in pixels of the input.</summary>
    private readonly record struct Candidate(float Left, float Top, float Right, float Bottom, float Score, int Label, int Source)
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
