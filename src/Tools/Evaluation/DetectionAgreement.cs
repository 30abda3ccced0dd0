using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Evaluation;

/// <summary>
/// How far a detector finds what another finds: average precision with what the reference finds as the truth. The candidate's detections count down to a fifth of the score that the model asks for, so that one which
/// slips just below is judged by its rank.
/// </summary>
internal sealed class DetectionAgreement : Agreement
{
    private const float ShareOfThreshold = 0.2f;

    /// <summary>Results that are farther apart than this are apart.</summary>
    private const double Far = 0.3;

    private readonly KeptOutputs outputs;
    private readonly IDetectionDecoder sure, unsure;
    private readonly Region input;
    private readonly float leastScore;
    private readonly AveragePrecision precision = new();
    private bool findsMore;
    private double distances;
    private int compared;

    /// <summary>Prepares for a model with a decoder of detections.</summary>
    /// <exception cref="EdgeException">It does not say what picture it takes, or its decoder does not fit its outputs.</exception>
    public DetectionAgreement(EdgeModel model, DecoderInfo decoder)
    {
        ModelMetadata metadata = model.Metadata;
        ImageInput image = metadata.Image ?? throw new EdgeException(ErrorCode.WrongTask, $"'{metadata.Name}' gives detections, but does not say what picture it takes.");
        Value picture = model.Graph.Inputs.FirstOrDefault(i => i.Name == image.Input)
            ?? throw new EdgeException(ErrorCode.WrongTask, $"The metadata of '{metadata.Name}' calls its picture input '{image.Input}', which the graph does not have.");
        (int width, int height, _) = ImagePreprocessor.SizeOf(image, picture.Type);
        input = new Region(0, 0, width, height);
        outputs = new KeptOutputs(model.Graph);
        var request = new DecoderRequest(metadata.Name, decoder, outputs, width, height, null) { Labels = metadata.Labels };
        leastScore = request.LeastScore;
        sure = Decoders.Create(request);
        unsure = Decoders.Create(request with { ScoreThreshold = leastScore * ShareOfThreshold });
    }

    public override string Name => "AP@0.5 of the reference's detections";

    /// <summary>AP at an overlap of 0.5. Where the reference finds nothing at all: 1 if the candidate does not either, else 0.</summary>
    public override double Value => OfNothing(precision.At50);

    /// <summary>Mean of the AP at overlaps of 0.50, 0.55 … 0.95, which tells boxes that move a little.</summary>
    public double ValueAt50To95 => OfNothing(precision.At50To95);

    public override double? Strict => ValueAt50To95;

    public override (double Value, double? Strict, string Name) OfFew => (OfNothing(precision.OfBoxes.At50), OfNothing(precision.OfBoxes.At50To95), Name + ", all boxes alike");

    public override double Resolution => FoundNothing ? 0 : 1.0 / precision.Classes.Sum(c => c.Boxes);

    public override bool FoundNothing => precision.Classes.All(c => c.Boxes == 0);

    /// <summary>The precision of each class that the reference finds.</summary>
    public IReadOnlyList<ClassPrecision> Classes => precision.Classes;

    /// <summary>
    /// The mean over all boxes of the reference, not only those it is sure of: what is missing of a whole overlap, squared, and how far the score moves, squared, counted as if it were near a threshold of one half: boxes that other
    /// pictures will have there are what matters. A box that is lost counts no more than one that is far off.
    /// </summary>
    public override double? Distance => compared == 0 ? null : distances / compared;

    public override void Add(ReadOnlySpan<TensorView> reference, ReadOnlySpan<TensorView> candidate)
    {
        outputs.Set(reference);
        ReadOnlySpan<Detection> found = sure.Read(input);
        var truth = new TrueBox[found.Length];
        for (int i = 0; i < truth.Length; i++) truth[i] = new TrueBox(found[i].X, found[i].Y, found[i].Width, found[i].Height, found[i].Label);

        // Decoders that blend boxes would blend those in that are not sure, and a model would not agree with itself: what users get is taken as they get it, and only what they do not get comes of the lower score.
        FoundBox[] all = Boxes(unsure.Read(input));
        outputs.Set(candidate);
        found = sure.Read(input);
        findsMore |= found.Length > 0;
        FoundBox[] surely = Boxes(found), others = Boxes(unsure.Read(input));
        precision.Add(truth, [.. surely, .. others.Where(b => b.Score < leastScore)]);
        Compare(all, others);
    }

    private static FoundBox[] Boxes(ReadOnlySpan<Detection> found)
    {
        var boxes = new FoundBox[found.Length];
        for (int i = 0; i < boxes.Length; i++) boxes[i] = new FoundBox(found[i].X, found[i].Y, found[i].Width, found[i].Height, found[i].Label, found[i].Score);
        return boxes;
    }

    private void Compare(FoundBox[] reference, FoundBox[] candidate)
    {
        foreach (FoundBox box in reference)
        {
            var truth = new TrueBox(box.X, box.Y, box.Width, box.Height, box.Label);
            (double overlap, double score) = (0, 0);
            foreach (FoundBox other in candidate)
                if (other.Label == box.Label && other.Overlap(truth) is double shared && shared > overlap) (overlap, score) = (shared, other.Score);
            double missing = Math.Min(1 - overlap, Far), moved = Math.Min(Math.Abs(Logit(box.Score) - Logit(score)) / 4, Far);
            distances += missing * missing + moved * moved;
            compared++;
        }
    }

    private static double Logit(double score) => Math.Log(Math.Clamp(score, 1e-4, 1 - 1e-4) / (1 - Math.Clamp(score, 1e-4, 1 - 1e-4)));

    private double OfNothing(double value) => double.IsNaN(value) ? findsMore ? 0 : 1 : value;
}
