namespace EdgeRuntime.Tools.Evaluation;

/// <summary>
/// Average precision of detections in the manner of COCO: boxes are matched best score first, each to the free true box of its class that it overlaps most; precision is read at 101 recalls
/// from the envelope of the curve, and the mean is taken over the classes that occur, and over ten thresholds of overlap from 0.50 to 0.95.
/// </summary>
internal sealed class AveragePrecision
{
    /// <summary>Thresholds of overlap: 0.50, 0.55 and so on to 0.95.</summary>
    public const int Thresholds = 10;

    /// <summary>No more detections of a class count in a picture; the best do.</summary>
    public const int MostDetections = 100;

    private const int Recalls = 101;

    private readonly SortedDictionary<int, Tally> classes = [];

    /// <summary>AP at an overlap of 0.50, the mean over all classes with true boxes; NaN where there are none.</summary>
    public double At50 => Mean(c => c.Precisions()[0]);

    /// <summary>Mean of the AP at 0.50, 0.55 … 0.95, the mean over all classes with true boxes; NaN where there are none.</summary>
    public double At50To95 => Mean(c => c.Precisions().Average());

    /// <summary>AP at 0.50 and its mean over all thresholds, of classes that count as often as they have true boxes: in few pictures one box of a rare class would else decide. NaN where there are none.</summary>
    public (double At50, double At50To95) OfBoxes
    {
        get
        {
            IReadOnlyList<ClassPrecision> all = Classes;
            double boxes = all.Sum(c => c.Boxes);
            return (all.Sum(c => c.Boxes * c.At50) / boxes, all.Sum(c => c.Boxes * c.At50To95) / boxes);
        }
    }

    /// <summary>What came out for each class with true boxes, by number.</summary>
    public IReadOnlyList<ClassPrecision> Classes => [.. classes.Where(c => c.Value.Positives > 0).Select(c => Of(c.Key, c.Value))];

    /// <summary>Takes in a picture.</summary>
    /// <param name="truth">What is in it.</param>
    /// <param name="found">What was found in it, in any order; equal scores keep theirs.</param>
    public void Add(ReadOnlySpan<TrueBox> truth, ReadOnlySpan<FoundBox> found)
    {
        TrueBox[] allTruth = truth.ToArray();
        FoundBox[] allFound = found.ToArray();
        foreach (int label in allTruth.Select(t => t.Label).Concat(allFound.Select(f => f.Label)).Distinct())
        {
            if (!classes.TryGetValue(label, out Tally? tally)) classes[label] = tally = new Tally();
            // Those that do not count come last: they are matched only where none that counts is.
            TrueBox[] boxes = [.. allTruth.Where(t => t.Label == label).OrderBy(t => t.Kind != TrueBoxKind.Counted)];
            tally.Add(boxes, [.. allFound.Where(f => f.Label == label).OrderByDescending(f => f.Score).Take(MostDetections)]);
        }
    }

    /// <summary>The threshold of that number.</summary>
    public static double Threshold(int index) => 0.5 + 0.05 * index;

    private double Mean(Func<Tally, double> value)
    {
        Tally[] occurring = [.. classes.Values.Where(c => c.Positives > 0)];
        return occurring.Length == 0 ? double.NaN : occurring.Average(value);
    }

    private static ClassPrecision Of(int label, Tally tally)
    {
        double[] precisions = tally.Precisions();
        return new ClassPrecision(label, tally.Positives, precisions[0], precisions.Average());
    }

    /// <summary>All pictures' detections of one class, each with a bit for each threshold.</summary>
    private sealed class Tally
    {
        private readonly List<(float Score, ushort Hits, ushort Ignored)> found = [];

        /// <summary>True boxes that count.</summary>
        public int Positives { get; private set; }

        public void Add(TrueBox[] truth, FoundBox[] detections)
        {
            Positives += truth.Count(t => t.Kind == TrueBoxKind.Counted);
            var hits = new ushort[detections.Length];
            var ignored = new ushort[detections.Length];
            for (int threshold = 0; threshold < Thresholds; threshold++) Match(truth, detections, threshold, hits, ignored);
            for (int i = 0; i < detections.Length; i++) found.Add((detections[i].Score, hits[i], ignored[i]));
        }

        /// <summary>AP at each threshold.</summary>
        public double[] Precisions()
        {
            (float Score, ushort Hits, ushort Ignored)[] sorted = [.. found.OrderByDescending(f => f.Score)];
            var precisions = new double[Thresholds];
            for (int i = 0; i < Thresholds; i++) precisions[i] = Precision(sorted, (ushort)(1 << i));
            return precisions;
        }

        private static void Match(TrueBox[] truth, FoundBox[] detections, int threshold, ushort[] hits, ushort[] ignored)
        {
            var taken = new bool[truth.Length];
            for (int d = 0; d < detections.Length; d++)
            {
                int best = -1;
                double most = Threshold(threshold) - 1e-10;
                for (int t = 0; t < truth.Length; t++)
                {
                    // A crowd may be found many times.
                    if (taken[t] && truth[t].Kind != TrueBoxKind.Crowd) continue;
                    if (best >= 0 && truth[best].Kind == TrueBoxKind.Counted && truth[t].Kind != TrueBoxKind.Counted) break;
                    double overlap = detections[d].Overlap(truth[t]);
                    if (overlap < most) continue;
                    (best, most) = (t, overlap);
                }
                if (best < 0) continue;
                taken[best] = true;
                (truth[best].Kind == TrueBoxKind.Counted ? hits : ignored)[d] |= (ushort)(1 << threshold);
            }
        }

        private double Precision((float Score, ushort Hits, ushort Ignored)[] sorted, ushort bit)
        {
            var curve = new List<(double Recall, double Precision)>(sorted.Length);
            int hits = 0, misses = 0;
            foreach ((_, ushort hit, ushort ignored) in sorted)
            {
                if ((ignored & bit) != 0) continue;
                if ((hit & bit) != 0) hits++;
                else misses++;
                curve.Add(((double)hits / Positives, (double)hits / (hits + misses)));
            }
            // The envelope: the best precision at this recall or a larger one.
            for (int i = curve.Count - 2; i >= 0; i--)
                if (curve[i + 1].Precision > curve[i].Precision) curve[i] = (curve[i].Recall, curve[i + 1].Precision);
            double sum = 0;
            int at = 0;
            for (int i = 0; i < Recalls; i++)
            {
                // In hundredths as COCO's tools compute them, so that recalls on a border count as they do there.
                while (at < curve.Count && curve[at].Recall < Math.Min(i * 0.01, 1)) at++;
                if (at == curve.Count) break;
                sum += curve[at].Precision;
            }
            return sum / Recalls;
        }
    }
}

/// <summary>How a true box counts.</summary>
internal enum TrueBoxKind
{
    /// <summary>It is to be found.</summary>
    Counted,

    /// <summary>It may be found or not, once: neither counts.</summary>
    Ignored,

    /// <summary>It stands for many things close together: what lies within is neither right nor wrong.</summary>
    Crowd,
}

/// <summary>A thing that is in a picture.</summary>
/// <param name="X">Left edge.</param>
/// <param name="Y">Upper edge.</param>
/// <param name="Width">Width.</param>
/// <param name="Height">Height.</param>
/// <param name="Label">Index of its class.</param>
/// <param name="Kind">How it counts.</param>
internal readonly record struct TrueBox(double X, double Y, double Width, double Height, int Label, TrueBoxKind Kind = TrueBoxKind.Counted);

/// <summary>A thing that was found in a picture.</summary>
/// <param name="X">Left edge.</param>
/// <param name="Y">Upper edge.</param>
/// <param name="Width">Width.</param>
/// <param name="Height">Height.</param>
/// <param name="Label">Index of its class.</param>
/// <param name="Score">Confidence.</param>
internal readonly record struct FoundBox(double X, double Y, double Width, double Height, int Label, float Score)
{
    /// <summary>Intersection over union; over this box alone where the other is a crowd.</summary>
    public double Overlap(in TrueBox truth)
    {
        double across = Math.Min(X + Width, truth.X + truth.Width) - Math.Max(X, truth.X);
        double down = Math.Min(Y + Height, truth.Y + truth.Height) - Math.Max(Y, truth.Y);
        if (!(across > 0 && down > 0)) return 0;
        double shared = across * down, own = Width * Height;
        return shared / (truth.Kind == TrueBoxKind.Crowd ? own : own + truth.Width * truth.Height - shared);
    }
}

/// <summary>Average precision of one class.</summary>
/// <param name="Label">Index of the class.</param>
/// <param name="Boxes">True boxes that count.</param>
/// <param name="At50">AP at an overlap of 0.50.</param>
/// <param name="At50To95">Mean of the AP at 0.50, 0.55 … 0.95.</param>
internal sealed record ClassPrecision(int Label, int Boxes, double At50, double At50To95);
