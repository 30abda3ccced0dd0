using EdgeRuntime.Pipelines;
using EdgeRuntime.Tools.Media;
using Xunit;

namespace EdgeRuntime.Tests.Media;

public class CanvasTests
{
    [Fact]
    public void A_box_on_pixel_edges_has_clean_lines()
    {
        Frame frame = Blank(20, 16);
        new Canvas(frame).Box(5, 4, 10, 8, Colour.White, 2);
        for (int y = 0; y < 16; y++)
        {
            for (int x = 0; x < 20; x++)
            {
                bool inOuter = x is >= 4 and < 16 && y is >= 3 and < 13, inInner = x is >= 6 and < 14 && y is >= 5 and < 11;
                Assert.Equal(inOuter && !inInner ? 255 : 0, frame.Pixels[3 * (y * 20 + x)]);
            }
        }
    }

    [Fact]
    public void Half_a_pixel_gets_half_the_colour()
    {
        Frame frame = Blank(4, 1);
        new Canvas(frame).Fill(0.5f, 0, 2, 1, Colour.White);
        Assert.Equal([127, 255, 127, 0], (int[])[frame.Pixels[0], frame.Pixels[3], frame.Pixels[6], frame.Pixels[9]]);
    }

    [Fact]
    public void Whatever_is_drawn_stays_inside_the_picture()
    {
        var random = new Random(7);
        float[] odd = [float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, float.MinValue, 1e9f, -1e9f, 0, -0.5f];
        for (int i = 0; i < 3000; i++)
        {
            Frame frame = Blank(random.Next(1, 40), random.Next(1, 40));
            var canvas = new Canvas(frame);
            canvas.Box(Any(), Any(), Any(), Any(), Colour.White, random.Next(1, 9));
            canvas.Dot(Any(), Any(), random.Next(-1, 30), Colour.White);
            canvas.Fill(Any(), Any(), Any(), Any(), Colour.White);
            canvas.Label(Any(), Any(), "label é\0 of a length".AsSpan(0, random.Next(17)), Colour.Of(random.Next()));
        }

        float Any() => random.Next(4) == 0 ? odd[random.Next(odd.Length)] : random.Next(-60, 100) + random.NextSingle();
    }

    [Fact]
    public void A_label_is_moved_into_the_picture()
    {
        Frame frame = Blank(100, 50);
        new Canvas(frame).Label(90, -20, "face", Colour.White);
        // Four letters of six dots with a margin of two on each side, less the last gap: 27 wide, 12 high.
        Assert.Equal(255, frame.Pixels[3 * (0 * 100 + 73)]);
        Assert.Equal(255, frame.Pixels[3 * (11 * 100 + 99)]);
        Assert.Equal(0, frame.Pixels[3 * (0 * 100 + 72)]);
        Assert.Equal(0, frame.Pixels[3 * (12 * 100 + 99)]);
    }

    [Fact]
    public void Painting_detections_allocates_nothing()
    {
        Frame frame = Blank(200, 100);
        var found = new Detection[] { new() { X = 20.3f, Y = 30, Width = 50, Height = 40, Score = 0.87f, PointCount = 2 } };
        string[] labels = ["face"];
        DetectionPainter.Draw(frame, found, labels);
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (int i = 0; i < 100; i++) DetectionPainter.Draw(frame, found, labels);
        }));
    }

    private static Frame Blank(int width, int height)
    {
        var frame = new Frame();
        frame.Resize(width, height);
        frame.Pixels.Clear();
        return frame;
    }
}
