using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using Xunit;

namespace EdgeRuntime.Tests.Pipelines;

/// <summary>Decoding and blending on tensors made by hand, through a model that passes its inputs on.</summary>
public sealed class BlazeFaceDecoderTests : IDisposable
{
    private static readonly Region Whole = new(0, 0, 128, 128);

    private readonly InferenceSession session = new(PassOn());

    public BlazeFaceDecoderTests()
    {
        session.Input(0).Span<float>().Fill(-100);
        session.Input(1).Span<float>().Fill(-100);
    }

    public void Dispose() => session.Dispose();

    [Fact]
    public void Anchors_are_the_896_published_ones()
    {
        float[] centres = BlazeFaceDecoder.Anchors(128, 128, [8, 16], [2, 6]);

        // MediaPipe's SSD anchors for the short-range model, there in units of the input: 512 of 16x16 cells, then 384 of 8x8 cells.
        Assert.Equal(2 * 896, centres.Length);
        Assert.Equal((0.03125f, 0.03125f), (centres[0] / 128, centres[1] / 128));
        Assert.Equal((0.03125f, 0.03125f), (centres[2] / 128, centres[3] / 128));
        Assert.Equal((0.09375f, 0.03125f), (centres[4] / 128, centres[5] / 128));
        Assert.Equal((0.96875f, 0.96875f), (centres[2 * 511] / 128, centres[2 * 511 + 1] / 128));
        Assert.Equal((0.0625f, 0.0625f), (centres[2 * 512] / 128, centres[2 * 512 + 1] / 128));
        Assert.Equal((0.1875f, 0.0625f), (centres[2 * 518] / 128, centres[2 * 518 + 1] / 128));
        Assert.Equal((0.9375f, 0.9375f), (centres[2 * 895] / 128, centres[2 * 895 + 1] / 128));
        Assert.Equal(centres.Select(c => 2 * c), BlazeFaceDecoder.Anchors(256, 256, [16, 32], [2, 6]));
    }

    [Fact]
    public void Nothing_is_found_where_all_scores_are_low() => Assert.Equal(0, Decoder().Read(Whole).Length);

    [Fact]
    public void A_box_is_relative_to_its_anchor()
    {
        // Cell (5, 3) of the first layer, second anchor: centre (44, 28).
        Put(0, (3 * 16 + 5) * 2 + 1, 2f, 1, -2, 20, 10, pointStep: 3);

        ReadOnlySpan<Detection> found = Decoder().Read(Whole);

        Assert.Equal(1, found.Length);
        Assert.Equal(1 / (1 + Math.Exp(-2)), found[0].Score, 5);
        Assert.Equal((35f, 21f, 20f, 10f), (found[0].X, found[0].Y, found[0].Width, found[0].Height));
        Assert.Equal(6, found[0].PointCount);
        for (int p = 0; p < 6; p++) Assert.Equal(new KeyPoint(44 + 3 * p, 28 - 3 * p), found[0].Points[p]);
    }

    [Fact]
    public void Boxes_are_given_in_pixels_of_the_source()
    {
        // Cell (7, 0) of the second layer: centre (120, 8). The source is 640 wide and 360 high, letterboxed.
        Put(1, 7 * 6, 5f, 0, 0, 16, 32, pointStep: 1);

        Detection found = Decoder().Read(new Region(0, -140, 640, 640))[0];

        Assert.Equal((112 * 5f, -8 * 5f - 140, 80f, 160f), (found.X, found.Y, found.Width, found.Height));
        Assert.Equal(new KeyPoint(120 * 5 + 5, 8 * 5 - 5 - 140), found.Points[1]);
    }

    [Fact]
    public void Overlapping_boxes_are_blended_by_score()
    {
        // Both on cell (4, 4) of the second layer, centre (72, 72): the same size, 4 pixels apart.
        Put(1, (4 * 8 + 4) * 6, 3f, 0, 0, 40, 40);
        Put(1, (4 * 8 + 4) * 6 + 1, 1f, 4, 0, 40, 40);

        ReadOnlySpan<Detection> found = Decoder().Read(Whole);

        double first = 1 / (1 + Math.Exp(-3)), second = 1 / (1 + Math.Exp(-1));
        Assert.Equal(1, found.Length);
        Assert.Equal(first, found[0].Score, 5);
        Assert.Equal(52 + 4 * second / (first + second), found[0].X, 4);
        Assert.Equal(52, found[0].Y, 4);
        Assert.Equal(40, found[0].Width, 4);
        Assert.Equal(72 + 4 * second / (first + second), found[0].Points[0].X, 4);
    }

    [Fact]
    public void Boxes_that_overlap_little_stay_apart_best_first()
    {
        Put(0, 0, 1f, 6, 6, 20, 20);            // centre (10, 10)
        Put(0, (8 * 16 + 8) * 2, 4f, 0, 0, 20, 20); // centre (68, 68)
        Put(1, 5 * 6, 2f, 0, 0, 20, 20);        // centre (88, 8)
        Put(1, 6 * 6, 3f, -4, 0, 20, 20);       // centre (100, 8): an overlap of 8 in 32 columns is 0.25

        ReadOnlySpan<Detection> found = Decoder().Read(Whole);

        Assert.Equal(4, found.Length);
        Assert.Equal([58f, 90f, 78f, 0f], found.ToArray().Select(d => d.X));
    }

    [Fact]
    public void A_chain_is_measured_against_its_best_box()
    {
        // Three boxes in a row, each overlapping its neighbour by 0.43: the outer two hang on the best one in the middle, not on each other.
        Put(1, (4 * 8 + 4) * 6 + 0, 2f, -16, 0, 40, 40);
        Put(1, (4 * 8 + 4) * 6 + 1, 3f, 0, 0, 40, 40);
        Put(1, (4 * 8 + 4) * 6 + 2, 2f, 16, 0, 40, 40);
        Assert.Equal(1, Decoder().Read(Whole).Length);

        // With the best at an end, the far one is left for itself.
        Put(1, (4 * 8 + 4) * 6 + 0, 4f, -16, 0, 40, 40);
        Assert.Equal(2, Decoder().Read(Whole).Length);
    }

    [Fact]
    public void Hostile_outputs_end_and_are_bounded()
    {
        foreach (float poison in (float[])[float.NaN, float.PositiveInfinity, float.MaxValue, 0, -1])
        {
            session.Input(0).Span<float>().Fill(100);
            session.Input(1).Span<float>().Fill(100);
            session.Input(2).Span<float>().Fill(poison);
            session.Input(3).Span<float>().Fill(poison);
            Assert.InRange(Decoder().Read(Whole).Length, 1, BlazeFaceDecoder.MostDetections);
        }
        session.Input(0).Span<float>().Fill(float.NaN);
        session.Input(1).Span<float>().Fill(float.NaN);
        Assert.Equal(0, Decoder().Read(Whole).Length);
    }

    [Fact]
    public void The_threshold_of_the_caller_comes_before_that_of_the_file()
    {
        Put(0, 0, 1f, 0, 0, 10, 10); // score 0.73
        Assert.Equal(1, Decoder().Read(Whole).Length);
        Assert.Equal(0, Decoder(threshold: 0.74f).Read(Whole).Length);
        Assert.Equal(0, Decoder(threshold: 1).Read(Whole).Length);
        Assert.Equal(1, Decoder(threshold: 0.1f).Read(Whole).Length);
    }

    [Theory]
    [InlineData("strides", new double[] { 8 })]
    [InlineData("strides", new double[] { 8, 0 })]
    [InlineData("strides", new double[] { 8, 16.5 })]
    [InlineData("strides", new double[] { 8, double.NaN })]
    [InlineData("strides", new double[0])]
    [InlineData("strides", new double[] { 16, 8 })]
    [InlineData("anchors_per_cell", new double[] { 2, 7 })]
    [InlineData("anchors_per_cell", new double[] { 2, 1e9 })]
    [InlineData("key_points", new double[] { 18 })]
    [InlineData("key_points", new double[] { 5 })]
    [InlineData("key_points", new double[] { 6, 6 })]
    [InlineData("score_threshold", new double[] { 1.5 })]
    [InlineData("iou_threshold", new double[] { double.NaN })]
    [InlineData("iou_threshold", null)]
    public void Parameters_that_make_no_sense_are_refused(string name, double[]? value)
    {
        DecoderInfo info = Info();
        var parameters = new Dictionary<string, double[]>(info.Parameters);
        if (value is null) parameters.Remove(name);
        else parameters[name] = value;
        EdgeException error = Assert.Throws<EdgeException>(() => Decoder(info with { Parameters = parameters }));
        Assert.Equal(ErrorCode.WrongTask, error.Code);
    }

    [Fact]
    public void Missing_outputs_and_unknown_kinds_are_refused_by_name()
    {
        DecoderInfo info = Info();
        Assert.Contains("'boxes_1'", Assert.Throws<EdgeException>(() => Decoder(info with { Outputs = info.Outputs.Where(o => o.Key != "boxes_1").ToDictionary() })).Problem);
        EdgeException unknown = Assert.Throws<EdgeException>(() => Decoder(info with { Kind = "yolo" }));
        Assert.Equal(ErrorCode.WrongTask, unknown.Code);
        Assert.Contains("'yolo'", unknown.Problem);
        Assert.Contains("'blazeface'", unknown.Problem);
    }

    /// <summary>Sets an anchor's logit, box and key points, and runs the model.</summary>
    private void Put(int layer, int anchor, float logit, float x, float y, float width, float height, float pointStep = 0)
    {
        session.Input(layer).Span<float>()[anchor] = logit;
        Span<float> box = session.Input(2 + layer).Span<float>().Slice(16 * anchor, 16);
        (box[0], box[1], box[2], box[3]) = (x, y, width, height);
        for (int p = 0; p < 6; p++) (box[4 + 2 * p], box[5 + 2 * p]) = (x * (pointStep == 0 ? 1 : 0) + pointStep * p, -pointStep * p);
    }

    private IDetectionDecoder Decoder(DecoderInfo? info = null, float? threshold = null)
    {
        session.Run();
        return Decoders.Create(new DecoderRequest("by hand", info ?? Info(), session, 128, 128, threshold));
    }

    private static DecoderInfo Info() => new()
    {
        Kind = "blazeface",
        Parameters = new Dictionary<string, double[]>
        {
            ["strides"] = [8, 16], ["anchors_per_cell"] = [2, 6], ["key_points"] = [6], ["score_threshold"] = [0.5], ["iou_threshold"] = [0.3],
        },
        Outputs = new Dictionary<string, string> { ["scores_0"] = "s0", ["scores_1"] = "s1", ["boxes_0"] = "b0", ["boxes_1"] = "b1" },
    };

    private static Graph PassOn()
    {
        var builder = new GraphBuilder("by hand");
        foreach ((string name, int count, int size) in ((string, int, int)[])[("s0", 512, 1), ("s1", 384, 1), ("b0", 512, 16), ("b1", 384, 16)])
        {
            Value input = builder.Input(name + "_in", new TensorType(DataType.F32, 1, count, size));
            Value zero = builder.Constant(name + "_zero", Tensor.From<float>(new Shape(1), 0));
            builder.Output(name, builder.Add1(name, new Binary { Function = BinaryFunction.Add }, input, zero));
        }
        return builder.Build();
    }
}
