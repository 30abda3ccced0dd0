using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Evaluation;
using Xunit;

namespace EdgeRuntime.Tests.Evaluation;

/// <summary>The agreement of two detectors on outputs made by hand: rows of corners, score and class.</summary>
public class DetectionAgreementTests
{
    private static readonly float[] Cat = [10, 10, 30, 30, 0.9f, 0], Dog = [40, 40, 60, 60, 0.6f, 1], Nothing = new float[6];

    [Fact]
    public void A_detector_agrees_with_itself_wholly()
    {
        DetectionAgreement agreement = Of((Rows(Cat, Dog), Rows(Cat, Dog)), (Rows(Nothing, Dog), Rows(Nothing, Dog)));
        Assert.Equal((1, 1), (agreement.Value, agreement.ValueAt50To95));
        Assert.Equal([1, 2], agreement.Classes.Select(c => c.Boxes));
    }

    [Fact]
    public void A_detector_that_blends_boxes_agrees_with_itself_wholly()
    {
        using EdgeModel model = EdgeReader.Read(Repository.File("models", "blazeface-front.edge"));
        Tensor[] outputs = [.. model.Graph.Outputs.Select(o => new Tensor(o.Value.Type))];
        foreach (Tensor output in outputs)
        {
            Span<float> numbers = output.Span<float>();
            bool isScore = output.Shape[-1] == 1;
            numbers.Fill(isScore ? -10 : 0);
            // Two boxes at one place: users get the surer one, as the other is below the threshold and is not blended in.
            if (isScore) (numbers[100], numbers[101]) = (3, -0.5f);
            else for (int i = 0; i < 2; i++) (numbers[(100 + i) * 16 + 2], numbers[(100 + i) * 16 + 3]) = (40, i == 0 ? 40 : 60);
        }
        TensorView[] views = [.. outputs.Select(t => t.View)];
        var agreement = Assert.IsType<DetectionAgreement>(Agreement.For(model));
        agreement.Add(views, views);
        Assert.Equal((1, 1), (agreement.Value, agreement.ValueAt50To95));
        Assert.Equal(0, agreement.Distance);
        foreach (Tensor output in outputs) output.Dispose();
    }

    [Fact]
    public void A_distance_tells_errors_that_change_no_result_yet()
    {
        Assert.Null(Of((Rows(Nothing, Nothing), Rows(Nothing, Nothing))).Distance);
        Assert.Equal(0, Of((Rows(Cat, Dog), Rows(Cat, Dog))).Distance);
        // Of two boxes one score moves: log(0.6 / 0.4) against 0, by a quarter.
        double moved = Math.Log(1.5) / 4;
        Assert.Equal(moved * moved / 2, Of((Rows(Cat, Dog), Rows(Cat, With(Dog, 4, 0.5f)))).Distance!.Value, 6);
        // 1 of 20 pixels: an overlap of 19 / 21.
        Assert.Equal(2 / 21.0 * 2 / 21, Of((Rows(Cat, Nothing), Rows([11, 10, 31, 30, 0.9f, 0], Nothing))).Distance!.Value, 6);
        // What is lost is apart, and no farther.
        Assert.Equal(0.3 * 0.3 * 2, Of((Rows(Cat, Nothing), Rows(Nothing, Nothing))).Distance!.Value, 6);
    }

    [Fact]
    public void A_score_below_the_threshold_still_finds_a_box_down_to_a_fifth()
    {
        Assert.Equal(1, Of((Rows(Cat, Dog), Rows(Cat, With(Dog, 4, 0.2f)))).Value);
        Assert.Equal(0.5, Of((Rows(Cat, Dog), Rows(Cat, With(Dog, 4, 0.09f)))).Value, 12);
        // What the reference finds below the threshold is not asked for.
        Assert.Equal(1, Of((Rows(Cat, With(Dog, 4, 0.49f)), Rows(Cat, Nothing))).Value);
    }

    [Fact]
    public void A_box_that_moves_counts_at_small_overlaps_only()
    {
        // 2 of 20 pixels: an overlap of 18 / 22.
        DetectionAgreement agreement = Of((Rows(Cat, Nothing), Rows([12, 10, 32, 30, 0.9f, 0], Nothing)));
        Assert.Equal(1, agreement.Value);
        Assert.Equal(0.7, agreement.ValueAt50To95, 12);
    }

    [Fact]
    public void Another_class_and_a_surer_wrong_box_cost()
    {
        Assert.Equal(0, Of((Rows(Cat, Nothing), Rows(With(Cat, 5, 1), Nothing))).Value);
        Assert.Equal(0.5, Of((Rows(Cat, Nothing), Rows(With(Cat, 4, 0.7f), [40, 40, 60, 60, 0.8f, 0]))).Value, 12);
    }

    [Fact]
    public void Where_nothing_is_to_be_found_finding_something_is_wrong()
    {
        Assert.Equal(1, Of((Rows(Nothing, Nothing), Rows(Nothing, Nothing))).Value);
        Assert.Equal(1, Of((Rows(Nothing, Nothing), Rows(With(Cat, 4, 0.4f), Nothing))).Value);
        Assert.Equal(0, Of((Rows(Nothing, Nothing), Rows(Cat, Nothing))).Value);
    }

    [Fact]
    public void Outputs_of_other_shapes_and_decoders_that_do_not_fit_are_refused()
    {
        using EdgeModel model = Model();
        Agreement agreement = Agreement.For(model);
        using var other = new Tensor(new TensorType(DataType.F32, 3, 6));
        Assert.Equal(ErrorCode.InputMismatch, Assert.Throws<EdgeException>(() => agreement.Add([other.View], [other.View])).Code);
        Assert.Equal(ErrorCode.InputMismatch, Assert.Throws<EdgeException>(() => agreement.Add([], [])).Code);
        Assert.Equal(ErrorCode.WrongTask, Assert.Throws<EdgeException>(() => Agreement.For(new EdgeModel(model.Graph, model.Metadata with { Labels = [] }, model))).Code);
        Assert.Equal(ErrorCode.WrongTask, Assert.Throws<EdgeException>(() => Agreement.For(new EdgeModel(model.Graph, model.Metadata with { Image = null }, model))).Code);
    }

    private static DetectionAgreement Of(params (Tensor Reference, Tensor Candidate)[] pictures)
    {
        using EdgeModel model = Model();
        DetectionAgreement agreement = Assert.IsType<DetectionAgreement>(Agreement.For(model));
        foreach ((Tensor reference, Tensor candidate) in pictures)
        {
            agreement.Add([reference.View], [candidate.View]);
            reference.Dispose();
            candidate.Dispose();
        }
        return agreement;
    }

    private static Tensor Rows(params float[][] rows) => Tensor.From<float>(new Shape(1, 1, rows.Length, 6), [.. rows.SelectMany(r => r)]);

    private static float[] With(float[] row, int index, float value)
    {
        float[] copy = [.. row];
        copy[index] = value;
        return copy;
    }

    /// <summary>A detector of two boxes in a picture of 64x64. What it computes does not matter.</summary>
    private static EdgeModel Model()
    {
        var builder = new GraphBuilder("two boxes");
        Value picture = builder.Input("picture", new TensorType(DataType.F32, 1, 3, 64, 64));
        Value rows = builder.Constant("some", new Tensor(new TensorType(DataType.F32, 2, 6)));
        Value sum = builder.Add1("sum", new Reduce { Function = ReduceFunction.Sum, Axes = [0, 1, 2, 3] }, picture);
        builder.Output("boxes", builder.Add1("boxes", new Binary { Function = BinaryFunction.Add }, rows, sum));
        var metadata = new ModelMetadata
        {
            Name = "two boxes",
            Task = "object-detection",
            Image = new ImageInput { Input = "picture" },
            Decoder = new DecoderInfo
            {
                Kind = "box-list",
                Parameters = new Dictionary<string, double[]> { ["score_threshold"] = [0.5], ["iou_threshold"] = [0.5] },
                Outputs = new Dictionary<string, string> { ["boxes"] = "boxes" },
            },
            Labels = ["cat", "dog"],
        };
        return new EdgeModel(builder.Build(), metadata);
    }
}
