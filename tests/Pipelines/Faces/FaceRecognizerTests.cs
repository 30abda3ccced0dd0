using EdgeRuntime.Backends;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Pipelines.Faces;
using EdgeRuntime.Planning;
using EdgeRuntime.Realtime.Pictures;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tests.Realtime;
using EdgeRuntime.Tools.Conversion;
using Xunit;

namespace EdgeRuntime.Tests.Pipelines.Faces;

/// <summary>Faces of real pictures: the same one is known again when it is turned, smaller, darker or a mirror's; others are not.</summary>
public class FaceRecognizerTests
{
    private static readonly FaceRecognizerOptions Options = new() { Threads = 1, Backend = BackendKind.Cpu };

    [Fact]
    public void A_face_is_known_again_however_it_is_shown_and_others_are_not()
    {
        using LoadedModel finder = ZooModels.Load("blazeface-back"), model = ZooModels.Load("face-feature");
        Frame astronaut = Picture("astronaut.png"), admiral = Picture("grace_hopper.bmp");
        FaceGallery gallery;
        using (var recognizer = new FaceRecognizer(finder.Model, model.Model, null, Options))
        {
            gallery = recognizer.NewGallery();
            Enrol("Eileen", astronaut);
            Enrol("Grace", admiral);
            Assert.Equal("unknown", recognizer.Labels[recognizer.Process(astronaut)[0].Label]);

            void Enrol(string name, Frame frame)
            {
                Assert.Equal(1, recognizer.Process(frame).Length);
                gallery.Add(name, recognizer.Features(0));
            }
        }
        using var knows = new FaceRecognizer(finder.Model, model.Model, gallery, Options);
        Assert.Equal(["unknown", "Eileen", "Grace"], knows.Labels);
        Assert.Equal(("face-recognize", 2), (knows.Name, knows.Sessions.Count));
        foreach ((string name, Frame frame) in ((string, Frame)[])[("Eileen", astronaut), ("Grace", admiral)])
        {
            foreach ((string how, Frame shown) in ((string, Frame)[])[("turned", Turned(frame, 0.35f)), ("turned back", Turned(frame, -0.5f)), ("mirrored", Mirrored(frame)), ("dark", Dark(frame)), ("as luma and chroma", Yuv(frame))])
            {
                Detection face = Assert.Single(knows.Process(shown).ToArray(), f => knows.Labels[f.Label] == name);
                Assert.True(face.Score > 0.6, $"{name} {how}: {face.Score}");
            }
            float[] first = knows.Features(0).ToArray();
            Assert.Equal(1, FaceGallery.Dot(first, first), 1e-4f);
        }
        foreach (string others in (string[])["people.jpg", "face.jpg"])
            foreach (Detection face in knows.Process(Picture(others)))
                Assert.True(face.Label == 0 && face.Score < 0.4f, $"{others}: {knows.Labels[face.Label]} {face.Score}");
    }

    [Fact]
    public void In_parts_it_gives_the_same_as_at_once_and_allocates_nothing()
    {
        using LoadedModel finder = ZooModels.Load("blazeface-back"), model = ZooModels.Load("face-feature");
        using var recognizer = new FaceRecognizer(finder.Model, model.Model, null, Options with { Follows = true, Smooths = true });
        Frame frame = Picture("astronaut.png");
        float[] whole = Features(() => recognizer.Process(frame));
        recognizer.Reset();
        var clock = new ManualClock(TimeSpan.FromTicks(10));
        int calls = 1;
        float[] parts = Features(() =>
        {
            // Each look at the clock takes a microsecond, so that few pieces fit.
            while (!recognizer.Advance(frame, new TimeBudget(TimeSpan.FromTicks(50), clock))) Assert.True(calls++ < 100_000, "It comes to no end.");
        });
        Assert.Equal(whole, parts);
        Assert.True(calls > 3, "all was done in one call");
        // What was found last stays while another frame is looked at, here one that shows nobody, and also when that is given up.
        var blank = new Frame();
        blank.Resize(512, 512);
        blank.Pixels.Clear();
        for (int i = 0; i < 3; i++)
        {
            Assert.False(recognizer.Advance(blank, new TimeBudget(TimeSpan.FromTicks(50), clock)));
            Assert.Equal(whole, recognizer.Features(0).ToArray());
        }
        recognizer.Abandon();
        Assert.Equal(1, recognizer.Found.Length);
        while (!recognizer.Advance(frame, new TimeBudget(TimeSpan.FromTicks(50), clock))) Assert.Equal(whole, recognizer.Features(0).ToArray());
        Assert.True(recognizer.Process(blank).IsEmpty);
        Assert.False(recognizer.Advance(frame, new TimeBudget(TimeSpan.FromTicks(50), clock)));
        Assert.True(recognizer.Found.IsEmpty);
        recognizer.Abandon();
        Assert.Equal(whole, Features(() => recognizer.Process(frame)));
        Assert.Equal(0, Allocations.Least(() =>
        {
            frame.Time += TimeSpan.FromMilliseconds(40);
            recognizer.Process(frame);
        }));

        float[] Features(Action run)
        {
            run();
            Assert.Equal(1, recognizer.Found.Length);
            return recognizer.Features(0).ToArray();
        }
    }

    [Fact]
    public void Models_and_galleries_that_do_not_suit_are_refused()
    {
        using LoadedModel finder = ZooModels.Load("blazeface-front"), boxes = ZooModels.Load("face-detect"), model = ZooModels.Load("face-feature"), pose = ZooModels.Load("movenet-lightning");
        Assert.Contains("eyes", Assert.Throws<EdgeException>(() => new FaceRecognizer(boxes.Model, model.Model, null, Options)).Problem, StringComparison.Ordinal);
        Assert.Equal(ErrorCode.WrongTask, Assert.Throws<EdgeException>(() => new FaceRecognizer(finder.Model, pose.Model, null, Options)).Code);
        Assert.Equal(ErrorCode.WrongTask, Assert.Throws<EdgeException>(() => new FaceRecognizer(model.Model, model.Model, null, Options)).Code);
        var gallery = new FaceGallery(pose.Model.Metadata, 512);
        Assert.Equal(ErrorCode.InputMismatch, Assert.Throws<EdgeException>(() => new FaceRecognizer(finder.Model, model.Model, gallery, Options)).Code);
    }

    private static Frame Picture(string name)
    {
        var frame = new Frame();
        PictureFile.Read(Repository.Data("images", name), frame);
        return frame;
    }

    private static Frame Made(Frame from, Func<int, int, (int X, int Y)> source, double light = 1)
    {
        var frame = new Frame();
        frame.Resize(from.Width, from.Height);
        for (int y = 0; y < from.Height; y++)
            for (int x = 0; x < from.Width; x++)
            {
                (int sx, int sy) = source(x, y);
                bool inside = sx >= 0 && sy >= 0 && sx < from.Width && sy < from.Height;
                for (int c = 0; c < 3; c++) frame.Pixels[3 * (y * from.Width + x) + c] = inside ? (byte)(from.Pixels[3 * (sy * from.Width + sx) + c] * light) : (byte)0;
            }
        return frame;
    }

    private static Frame Turned(Frame from, float angle)
    {
        (double sine, double cosine) = Math.SinCos(angle);
        return Made(from, (x, y) =>
        {
            double u = x - from.Width / 2.0, v = y - from.Height / 2.0;
            return ((int)Math.Round(u * cosine - v * sine + from.Width / 2.0), (int)Math.Round(u * sine + v * cosine + from.Height / 2.0));
        });
    }

    private static Frame Mirrored(Frame from) => Made(from, (x, y) => (from.Width - 1 - x, y));

    private static Frame Dark(Frame from) => Made(from, (x, y) => (x, y), 0.5);

    /// <summary>As cameras give it, by the standard's formulas.</summary>
    private static Frame Yuv(Frame from)
    {
        var frame = new Frame();
        frame.Resize(from.Width, from.Height, PixelFormat.Nv12);
        Span<byte> chroma = frame.Pixels[(from.Width * from.Height)..];
        for (int y = 0; y < from.Height; y++)
            for (int x = 0; x < from.Width; x++)
            {
                Span<byte> pixel = from.Pixels.Slice(3 * (y * from.Width + x), 3);
                double luma = 0.299 * pixel[0] + 0.587 * pixel[1] + 0.114 * pixel[2];
                frame.Pixels[y * from.Width + x] = (byte)Math.Round(16 + luma * 219 / 255);
                if (x % 2 == 1 || y % 2 == 1) continue;
                chroma[y / 2 * from.Width + x] = (byte)Math.Round(128 + (pixel[2] - luma) / 1.772 * 224 / 255);
                chroma[y / 2 * from.Width + x + 1] = (byte)Math.Round(128 + (pixel[0] - luma) / 1.402 * 224 / 255);
            }
        return frame;
    }
}
