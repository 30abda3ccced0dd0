using EdgeRuntime.Pipelines;
using EdgeRuntime.Planning;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tools.Media;
using EdgeRuntime.Tools.Runs;
using Xunit;

namespace EdgeRuntime.Tests.Media;

/// <summary>What several pipelines found, in one picture.</summary>
public class FramePainterTests
{
    private static readonly Detection Box = new() { X = 20, Y = 30, Width = 60, Height = 50, Score = 0.9f }, Other = new() { X = 100, Y = 40, Width = 50, Height = 50, Score = 0.8f, Label = 1 };

    [Fact]
    public void Each_box_has_the_name_that_its_own_pipeline_gives()
    {
        Frame drawn = Grey(), expected = Grey();
        FramePipeline[] parts = [new Part(["a", "b"], [Box]), new Part(["c", "d"], [Other])];
        FramePainter.Draw(drawn, parts, ["a", "b", "c", "d"]);
        DetectionPainter.Draw(expected, [Box, Other with { Label = 3 }], ["a", "b", "c", "d"]);
        Assert.Equal(expected.Pixels, drawn.Pixels);
    }

    [Fact]
    public void What_lies_beneath_is_drawn_first_and_instead_of_boxes_where_asked_for()
    {
        Frame drawn = Grey(), expected = Grey();
        FramePipeline[] parts = [new Part(["a"], [Box]), new Part(["b"], [Other]) { Paints = 200 }, new Part(["c"], [Box])];
        FramePainter.Draw(drawn, parts, ["a", "b", "c"]);
        expected.Pixels.Fill(200);
        DetectionPainter.Draw(expected, [Box, Box with { Label = 2 }], ["a", "b", "c"]);
        Assert.Equal(expected.Pixels, drawn.Pixels);
        string[] labels = ["a", "b", "c"];
        Assert.Equal(0, Allocations.Least(() => FramePainter.Draw(drawn, parts, labels)));
    }

    private static Frame Grey()
    {
        var frame = new Frame();
        frame.Resize(200, 120);
        frame.Pixels.Fill(90);
        return frame;
    }

    /// <summary>A pipeline that found something; with a shade it paints the whole frame and no boxes.</summary>
    private sealed class Part(string[] labels, Detection[] found) : FramePipeline
    {
        public byte? Paints { get; init; }

        public override IReadOnlyList<string> Labels => labels;

        public override ReadOnlySpan<Detection> Found => found;

        public override string Name => "part";

        public override bool DrawsBoxes => Paints is null;

        public override StageTimes LastTimes => default;

        public override bool PreprocessesOnDevice => false;

        public override InferenceSession Session => throw new NotSupportedException();

        public override ReadOnlySpan<Detection> Process(Frame frame) => found;

        public override bool Advance(Frame frame, in TimeBudget budget) => true;

        public override void Abandon()
        {
        }

        public override void DrawUnder(Frame frame)
        {
            if (Paints is { } shade) frame.Pixels.Fill(shade);
        }

        public override void Dispose()
        {
        }
    }
}
