using EdgeRuntime.Diagnostics;
using EdgeRuntime.Pipelines;
using Xunit;

namespace EdgeRuntime.Tests.Pipelines;

/// <summary>The decoders of detectors on outputs made by hand: where boxes, scores, labels and points come from, and what hostile outputs do.</summary>
public class DetectionDecoderTests
{
    private static readonly string[] Three = ["cat", "dog", "cow"];
    private static readonly Region Whole = new(0, 0, 64, 32);

    /// <summary>Every decoder, for an input of 64x32.</summary>
    private static readonly Dictionary<string, (Func<HandMadeOutputs> Outputs, string[] Labels, Dictionary<string, double[]> Parameters)> All = new()
    {
        ["yolox"] = (() => new HandMadeOutputs(("boxes", [1, 40, 8])), Three, Parameters(("strides", [8, 16]))),
        ["nanodet"] = (() => new HandMadeOutputs(("scores_0", [1, 32, 3]), ("distances_0", [1, 32, 16])), Three, Parameters(("strides", [8]), ("distance_steps", [4]))),
        ["fastestdet"] = (() => new HandMadeOutputs(("boxes", [1, 8, 4, 8])), Three, Parameters(("strides", [8]), ("present_power", [0.5]), ("class_power", [1]))),
        ["yunet"] = (() => new HandMadeOutputs(("faces_0", [1, 32, 1]), ("things_0", [1, 32, 1]), ("boxes_0", [1, 32, 4]), ("points_0", [1, 32, 4]),
            ("faces_1", [1, 8, 1]), ("things_1", [1, 8, 1]), ("boxes_1", [1, 8, 4]), ("points_1", [1, 8, 4])), [], Parameters(("strides", [8, 16]), ("key_points", [2]))),
        ["ultraface"] = (() => new HandMadeOutputs(("scores", [1, 9, 2]), ("boxes", [1, 9, 4])), [], Parameters()),
        ["box-list"] = (() => new HandMadeOutputs(("boxes", [9, 6])), Three, Parameters()),
    };

    public static TheoryData<string> Kinds => [.. All.Keys];

    [Fact]
    public void Yolox_multiplies_the_two_probabilities_and_takes_logarithms_of_sizes()
    {
        HandMadeOutputs outputs = All["yolox"].Outputs();
        // Cell (5, 2) of the first grid of 8x4, and cell (1, 1) of the second, of 4x2, behind it.
        ((float[])[0.5f, 0.25f, MathF.Log(2), MathF.Log(3), 0.8f, 0.1f, 0.9f, 0.2f]).CopyTo(outputs["boxes"][((2 * 8 + 5) * 8)..]);
        ((float[])[0, 0, 0, 0, 1, 0.6f, 0, 0]).CopyTo(outputs["boxes"][((32 + 1 * 4 + 1) * 8)..]);
        Detection[] found = Read("yolox", outputs);
        Assert.Equal(2, found.Length);
        // Centre ((5 + 0.5) · 8, (2 + 0.25) · 8), size 16x24.
        AssertBox(found[0], 44 - 8, 18 - 12, 16, 24, 0.72f, 1);
        AssertBox(found[1], 16 - 8, 16 - 8, 16, 16, 0.6f, 0);
    }

    [Fact]
    public void NanoDet_takes_the_mean_distance_of_each_side()
    {
        HandMadeOutputs outputs = All["nanodet"].Outputs();
        int cell = 2 * 8 + 3;
        ((float[])[0.2f, 0.1f, 0.7f]).CopyTo(outputs["scores_0"][(cell * 3)..]);
        Span<float> sides = outputs["distances_0"].Slice(cell * 16, 16);
        sides.Fill(-100);
        // Left surely 1 step, top half 1 and half 2, right surely 3, bottom all four alike: a mean of 1.5.
        (sides[1], sides[4 + 1], sides[4 + 2], sides[8 + 3]) = (50, 0, 0, 50);
        sides[12..].Clear();
        Detection found = Assert.Single(Read("nanodet", outputs));
        // The middle of the cell is (28, 20).
        AssertBox(found, 28 - 8, 20 - 12, 8 + 24, 12 + 12, 0.7f, 2);
    }

    [Fact]
    public void FastestDet_has_channels_first_and_powers_of_probabilities()
    {
        HandMadeOutputs outputs = All["fastestdet"].Outputs();
        int cell = 3 * 8 + 4;
        float[] values = [0.81f, MathF.Atanh(0.5f), MathF.Atanh(-0.25f), 0, MathF.Log(0.75f / 0.25f), 0.1f, 0.2f, 0.7f];
        for (int i = 0; i < values.Length; i++) outputs["boxes"][i * 32 + cell] = values[i];
        Detection found = Assert.Single(Read("fastestdet", outputs));
        // Centre (4.5 · 8, 2.75 · 8), half of 64 wide and three quarters of 32 high; the score is the root of 0.81 times 0.7.
        AssertBox(found, 36 - 16, 22 - 12, 32, 24, 0.63f, 2);
    }

    [Fact]
    public void YuNet_gives_key_points_of_the_cells_that_are_kept()
    {
        HandMadeOutputs outputs = All["yunet"].Outputs();
        int cell = 1 * 4 + 3;
        (outputs["faces_1"][cell], outputs["things_1"][cell]) = (0.9f, 0.4f);
        ((float[])[0.5f, 0.5f, 0, MathF.Log(2)]).CopyTo(outputs["boxes_1"][(4 * cell)..]);
        ((float[])[0.25f, 0.5f, -1, 0]).CopyTo(outputs["points_1"][(4 * cell)..]);
        // One that overlaps it and is worse, in the other grid.
        (outputs["faces_0"][3 * 8 + 7], outputs["things_0"][3 * 8 + 7]) = (0.5f, 0.6f);
        ((float[])[0, 0, MathF.Log(2), MathF.Log(4)]).CopyTo(outputs["boxes_0"][(4 * (3 * 8 + 7))..]);
        Detection found = Assert.Single(Read("yunet", outputs, new Region(-10, 0, 128, 64)));
        // Centre (3.5 · 16, 1.5 · 16), 16x32, twice as large in the source, moved by 10.
        AssertBox(found, 2 * (56 - 8) - 10, 2 * (24 - 16), 32, 64, 0.6f, 0);
        Assert.Equal(2, found.PointCount);
        Assert.Equal((new KeyPoint(2 * 16 * 3.25f - 10, 2 * 16 * 1.5f), new KeyPoint(2 * 16 * 2f - 10, 2 * 16)), (found.Points[0], found.Points[1]));
    }

    [Fact]
    public void UltraFace_has_corners_as_shares_of_the_picture()
    {
        HandMadeOutputs outputs = All["ultraface"].Outputs();
        ((float[])[0.1f, 0.9f]).CopyTo(outputs["scores"][4..]);
        ((float[])[0.25f, 0.5f, 0.75f, 1]).CopyTo(outputs["boxes"][8..]);
        AssertBox(Assert.Single(Read("ultraface", outputs)), 16, 16, 32, 16, 0.9f, 0);
    }

    [Fact]
    public void Of_boxes_that_overlap_the_best_of_each_class_is_kept()
    {
        HandMadeOutputs outputs = All["box-list"].Outputs();
        float[][] rows = [[0, 0, 10, 10, 0.6f, 0], [1, 0, 11, 10, 0.9f, 0], [0, 0, 10, 10, 0.8f, 1], [6, 0, 16, 10, 0.7f, 0], [0, 0, 10, 10, 0.9f, 3], [0, 0, 10, 10, 0.4f, 2], [9, 0, 3, 9, 0.9f, 2]];
        for (int i = 0; i < rows.Length; i++) rows[i].CopyTo(outputs["boxes"][(6 * i)..]);
        // The first is within the second; 0.8 is another class; 0.7 overlaps by a third; then come a class that is none, a low score, and a box inside out.
        Detection[] found = Read("box-list", outputs);
        Assert.Equal([0.9f, 0.8f, 0.7f], found.Select(d => d.Score));
        Assert.Equal([0, 1, 0], found.Select(d => d.Label));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Hostile_outputs_end_and_are_bounded(string kind)
    {
        HandMadeOutputs outputs = All[kind].Outputs();
        IDetectionDecoder decoder = Decoder(kind, outputs);
        foreach (float poison in (float[])[float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, -1, 1e30f, 1])
        {
            outputs.Fill(poison);
            foreach (Detection found in decoder.Read(Whole))
                Assert.True(found.Score is >= 0 and <= 1 && found.Label is >= 0 and < 3 && float.IsFinite(found.X + found.Y + found.Width + found.Height));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Nothing_is_allocated(string kind)
    {
        HandMadeOutputs outputs = All[kind].Outputs();
        outputs.Fill(0.9f);
        IDetectionDecoder decoder = Decoder(kind, outputs);
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (int i = 0; i < 10; i++) decoder.Read(Whole);
        }));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Wrong_parameters_and_outputs_are_refused(string kind)
    {
        (Func<HandMadeOutputs> make, string[] labels, Dictionary<string, double[]> parameters) = All[kind];
        foreach (string name in parameters.Keys)
        {
            foreach (double[]? value in (double[]?[])[null, [], [double.NaN], [-1], [1e9], [0.5, 0.5, 0.5]])
            {
                Dictionary<string, double[]> wrong = new(parameters);
                if (value is null) wrong.Remove(name);
                else wrong[name] = value;
                Assert.Equal(ErrorCode.WrongTask, Assert.Throws<EdgeException>(() => make().Decoder(kind, 64, 32, labels, wrong)).Code);
            }
        }
        // Another size of input, and fewer classes.
        if (parameters.ContainsKey("strides")) Assert.Throws<EdgeException>(() => make().Decoder(kind, 72, 32, labels, parameters));
        if (labels.Length > 0) Assert.Throws<EdgeException>(() => make().Decoder(kind, 64, 32, [], parameters));
        if (labels.Length > 0 && kind != "box-list") Assert.Throws<EdgeException>(() => make().Decoder(kind, 64, 32, labels[1..], parameters));
    }

    private static Dictionary<string, double[]> Parameters(params (string Name, double[] Value)[] own)
    {
        var parameters = new Dictionary<string, double[]> { ["score_threshold"] = [0.5], ["iou_threshold"] = [0.4] };
        foreach ((string name, double[] value) in own) parameters[name] = value;
        return parameters;
    }

    private static IDetectionDecoder Decoder(string kind, HandMadeOutputs outputs) => outputs.Decoder(kind, 64, 32, All[kind].Labels, All[kind].Parameters);

    private static Detection[] Read(string kind, HandMadeOutputs outputs, Region? covered = null) => Decoder(kind, outputs).Read(covered ?? Whole).ToArray();

    private static void AssertBox(Detection found, float x, float y, float width, float height, float score, int label)
    {
        Assert.Equal((x, y, width, height), (MathF.Round(found.X, 3), MathF.Round(found.Y, 3), MathF.Round(found.Width, 3), MathF.Round(found.Height, 3)));
        Assert.Equal(score, found.Score, 5);
        Assert.Equal(label, found.Label);
    }
}
