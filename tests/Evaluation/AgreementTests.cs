using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Evaluation;
using Xunit;

namespace EdgeRuntime.Tests.Evaluation;

/// <summary>How far results agree that are no boxes: features, points, masks, lines of text, made by hand.</summary>
public class AgreementTests
{
    [Fact]
    public void Features_agree_by_the_angle_between_them()
    {
        DecoderInfo info = Info("features", new(), ("features", "y0"));
        Assert.Equal(1, Of(info, [[3]], ([[1, 2, 3]], [[2, 4, 6]])).Value, 12);
        Assert.Equal(0.5, Of(info, [[3]], ([[1, 0, 0]], [[1, 0, 0]]), ([[1, 0, 0]], [[0, 1, 0]])).Value, 12);
        Assert.Equal(0, Of(info, [[3]], ([[1, 0, 0]], [[float.NaN, 0, 0]])).Value);
        Assert.Equal(1, Of(info, [[3]], ([[0, 0, 0]], [[0, 0, 0]])).Value);
    }

    [Fact]
    public void Points_agree_by_their_distance_beside_the_size_of_the_whole()
    {
        DecoderInfo info = Info("points", new() { ["dimensions"] = [2] }, ("points", "y0"));
        float[] square = [0, 0, 10, 0, 10, 20, 0, 20];
        Assert.Equal(1, Of(info, [[8]], ([square], [square])).Value, 12);
        // One of four is 4 pixels away, of 20.
        Assert.Equal(0.95, Of(info, [[8]], ([square], [[0, 0, 10, 4, 10, 20, 0, 20]])).Value, 6);
        Assert.Equal(0, Of(info, [[8]], ([square], [[float.NaN, 0, 10, 0, 10, 20, 0, 20]])).Value);
    }

    [Fact]
    public void Hands_that_only_one_sees_count_as_far_as_the_other_was_sure_and_those_that_none_sees_do_not_count()
    {
        DecoderInfo info = Info("hand", new() { ["presence_threshold"] = [0.5] }, ("points", "y0"), ("presence", "y1"), ("side", "y2"));
        float[] hand = [0, 0, 9, 10, 10, 9];
        int[][] shapes = [[6], [1], [1]];
        Agreement nothing = Of(info, shapes, ([hand, [0.4f], [1]], [new float[6], [0.1f], [0]]));
        Assert.True(nothing.FoundNothing);
        Assert.Equal(1, nothing.Value);
        Assert.Equal(0, Of(info, shapes, ([hand, [1], [1]], [hand, [0.4f], [1]])).Value, 6);
        Assert.Equal(0, Of(info, shapes, ([hand, [1], [1]], [hand, [1], [0]])).Value, 6);
        // Who was hardly sure is hardly contradicted.
        Assert.Equal(0.9, Of(info, shapes, ([hand, [0.55f], [1]], [hand, [0.4f], [1]])).Value, 6);
        Assert.Equal(0.9, Of(info, shapes, ([hand, [1], [0.45f]], [hand, [1], [0.6f]])).Value, 6);
        Assert.Equal(0.5, Of(info, shapes, ([hand, [1], [1]], [hand, [0.8f], [1]]), ([hand, [0], [1]], [hand, [0.9f], [1]])).Value, 6);
    }

    [Fact]
    public void Masks_agree_by_what_they_share()
    {
        DecoderInfo info = Info("mask", new(), ("mask", "y0")), two = Info("mask", new() { ["softmax"] = [1] }, ("mask", "y0"));
        Assert.Equal(0.5, Of(info, [[4]], ([[0.9f, 0.8f, 0.1f, 0]], [[0.6f, 0.4f, 0.2f, 0]])).Value, 12);
        Assert.Equal(1.0 / 3, Of(two, [[8]], ([[0, 1, 0, 1, 1, 0, 1, 0]], [[0, 2, 1, 0, 0, 1, 1, 0]])).Value, 12);
        Assert.True(Of(info, [[4]], ([[0, 0, 0, 0]], [[0.1f, 0, 0, 0]])).FoundNothing);
    }

    [Fact]
    public void Lines_of_text_agree_as_boxes_do()
    {
        DecoderInfo info = Info("text", new() { ["threshold"] = [0.3], ["score_threshold"] = [0.6] }, ("map", "y0"));
        float[] both = Map((2, 2, 20, 6, 0.9f), (2, 14, 25, 5, 0.8f)), first = Map((2, 2, 20, 6, 0.9f)), weak = Map((2, 2, 20, 6, 0.9f), (2, 14, 25, 5, 0.4f)), moved = Map((3, 3, 20, 6, 0.9f), (2, 14, 25, 5, 0.8f));
        int[][] shapes = [[1, 1, 32, 32]];
        Assert.Equal((1, 1.0), (Of(info, shapes, ([both], [both])).Value, Of(info, shapes, ([both], [both])).Strict));
        Assert.Equal(0.5, Of(info, shapes, ([both], [first])).Value, 2);
        // What the reference is not sure of is no line of its own, and one that the candidate is not sure of counts by its rank.
        Assert.Equal(1, Of(info, shapes, ([weak], [first])).Value);
        Assert.Equal(1, Of(info, shapes, ([both], [weak])).Value);
        Agreement other = Of(info, shapes, ([both], [moved]));
        Assert.Equal(1, other.Value);
        Assert.InRange(other.Strict!.Value, 0.6, 0.95);
        Assert.True(Of(info, shapes, ([Map()], [Map()])).FoundNothing);
        Assert.Equal(0, Of(info, shapes, ([Map()], [first])).Value);
    }

    [Fact]
    public void A_decoder_of_outputs_that_are_not_there_is_refused()
    {
        foreach (string kind in (string[])["features", "points", "mask", "text", "classes"])
            Assert.Equal(ErrorCode.WrongTask, Assert.Throws<EdgeException>(() => Of(Info(kind, new(), (kind, "absent")), [[4]])).Code);
    }

    private static float[] Map(params (int X, int Y, int Width, int Height, float Probability)[] lines)
    {
        float[] map = new float[32 * 32];
        foreach ((int left, int top, int width, int height, float probability) in lines)
            for (int y = top; y < top + height; y++) map.AsSpan(y * 32 + left, width).Fill(probability);
        return map;
    }

    private static DecoderInfo Info(string kind, Dictionary<string, double[]> parameters, params (string Role, string Output)[] outputs) =>
        new() { Kind = kind, Parameters = parameters, Outputs = outputs.ToDictionary(o => o.Role, o => o.Output) };

    private static Agreement Of(DecoderInfo info, int[][] shapes, params (float[][] Reference, float[][] Candidate)[] samples)
    {
        var b = new GraphBuilder("made");
        for (int i = 0; i < shapes.Length; i++) b.Output($"y{i}", b.Add1($"copy{i}", new Unary { Function = UnaryFunction.Abs }, b.Input($"x{i}", new TensorType(DataType.F32, shapes[i]))));
        Agreement agreement = Agreement.For(new EdgeModel(b.Build(), new ModelMetadata { Name = "made", Decoder = info }));
        foreach ((float[][] reference, float[][] candidate) in samples) agreement.Add(Views(reference), Views(candidate));
        return agreement;

        TensorView[] Views(float[][] values) => [.. values.Select((v, i) => Tensor.From<float>(new Shape(shapes[i]), v).View)];
    }
}
