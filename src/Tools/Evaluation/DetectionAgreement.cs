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

    private readonly KeptOutputs outputs;
    private readonly IDetectionDecoder sure, unsure;
    private readonly Region input;
    private readonly float leastScore;
    private readonly AveragePrecision precision = new();
    private bool findsMore;

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

    /// <summary>The precision of each class that the reference finds.</summary>
    public IReadOnlyList<ClassPrecision> Classes => precision.Classes;

    public override void Add(ReadOnlySpan<TensorView> reference, ReadOnlySpan<TensorView> candidate)
    {
        outputs.Set(reference);
        ReadOnlySpan<Detection> found = sure.Read(input);
        var truth = new TrueBox[found.Length];
        for (int i = 0; i < truth.Length; i++) truth[i] = new TrueBox(found[i].X, found[i].Y, found[i].Width, found[i].Height, found[i].Label);

        outputs.Set(candidate);
        found = unsure.Read(input);
        var boxes = new FoundBox[found.Length];
        for (int i = 0; i < boxes.Length; i++) boxes[i] = new FoundBox(found[i].X, found[i].Y, found[i].Width, found[i].Height, found[i].Label, found[i].Score);
        findsMore |= boxes.Any(b => b.Score >= leastScore);
        precision.Add(truth, boxes);
    }

    private double OfNothing(double value) => double.IsNaN(value) ? findsMore ? 0 : 1 : value;
}
