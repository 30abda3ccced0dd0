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
            canvas.Label(random.Next(-60, 100), random.Next(-60, 100), "label é\0 of a length".AsSpan(0, random.Next(17)), Colour.Of(random.Next()), random.Next(1, 3));
            DetectionPainter.Draw(frame, [new Detection { X = Any(), Y = Any(), Width = Any(), Height = Any(), PointCount = 1 }], ["thing"]);
        }

        float Any() => random.Next(4) == 0 ? odd[random.Next(odd.Length)] : random.Next(-60, 100) + random.NextSingle();
    }

    [Fact]
    public void A_label_is_as_wide_as_its_text()
    {
        Frame frame = Blank(100, 50);
        var canvas = new Canvas(frame);
        canvas.Label(73, 0, "face", Colour.White, 1);
        // Four letters of six dots with a margin of two on each side, less the last gap: 27 wide, 12 high.
        Assert.Equal(255, frame.Pixels[3 * (0 * 100 + 73)]);
        Assert.Equal(255, frame.Pixels[3 * (11 * 100 + 99)]);
        Assert.Equal(0, frame.Pixels[3 * (0 * 100 + 72)]);
        Assert.Equal(0, frame.Pixels[3 * (12 * 100 + 99)]);
        ReadOnlySpan<char> text = "a text that is wider than the picture";
        Assert.InRange(canvas.LabelWidth(ref text, 1), 94, 100);
        Assert.Equal(16, text.Length);
    }

    /// <summary>A crowd: whatever the boxes, labels are inside the picture and share no pixel with each other.</summary>
    [Fact]
    public void Labels_are_inside_and_apart()
    {
        var random = new Random(11);
        for (int round = 0; round < 200; round++)
        {
            (int width, int height) = (random.Next(20, 300), random.Next(20, 300));
            var boxes = new LabelArea[random.Next(1, 40)];
            for (int i = 0; i < boxes.Length; i++)
            {
                (float x, float y) = (random.Next(-50, width), random.Next(-50, height));
                boxes[i] = new LabelArea(x, y, x + random.Next(1, 120), y + random.Next(1, 120));
            }
            var layout = new LabelLayout(width, height, boxes, new LabelArea[boxes.Length]);
            var placed = new List<LabelArea>();
            foreach (LabelArea box in boxes)
            {
                (int across, int down) = (random.Next(5, 60), random.Next(5, 20));
                bool hides = random.Next(2) == 0;
                if (!layout.TryTake(box, across, down, hides, out int left, out int top)) continue;
                var label = new LabelArea(left, top, left + across, top + down);
                Assert.True(left >= 0 && top >= 0 && label.Right <= width && label.Bottom <= height);
                Assert.All(placed, other => Assert.Equal(0, other.Shared(label)));
                if (!hides) Assert.All(boxes, other => Assert.True(other.Shared(label) <= 0.13f * other.Size));
                placed.Add(label);
            }
        }
    }

    [Fact]
    public void A_label_is_above_its_box_or_where_there_is_room()
    {
        Assert.Equal((20, 18), Place(new LabelArea(20, 30, 60, 70)));
        // At the upper edge it is below, at the right one it slides to the left, and beside a box from edge to edge it is inside.
        Assert.Equal((20, 40), Place(new LabelArea(20, 2, 60, 40)));
        Assert.Equal((70, 18), Place(new LabelArea(90, 30, 100, 70)));
        Assert.Equal((0, 0), Place(new LabelArea(0, 0, 100, 100)));

        static (int, int) Place(LabelArea box)
        {
            var layout = new LabelLayout(100, 100, [box], new LabelArea[1]);
            Assert.True(layout.TryTake(box, 30, 12, hides: false, out int left, out int top));
            return (left, top);
        }
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
