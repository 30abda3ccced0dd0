using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Realtime.Pictures;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Zoo;
using Xunit;

namespace EdgeRuntime.Tests.Pipelines;

/// <summary>Pictures to faces with the shipped model and the shipped picture; other models and pictures where they are on the machine.</summary>
public class FaceDetectorTests
{
    // Read off the picture by eye: hair line to chin, cheek to cheek.
    private static readonly (float X, float Y, float Width, float Height) AstronautFace = (178, 78, 98, 98);

    private static readonly (float X, float Y) AstronautRightEye = (205, 100), AstronautLeftEye = (251, 104), AstronautNose = (225, 124), AstronautMouth = (226, 146);

    [Fact]
    public void The_shipped_model_finds_the_face_of_the_shipped_picture()
    {
        using EdgeModel model = Shipped();
        using var detector = new FaceDetector(model);
        AssertAstronaut(detector.Process(Picture("astronaut.png")));
    }

    [Theory]
    [InlineData("blazeface-front")]
    [InlineData("blazeface-back")]
    public void A_model_converted_now_finds_it_too(string name)
    {
        using EdgeModel model = Converted(name);
        using var detector = new FaceDetector(model);
        AssertAstronaut(detector.Process(Picture("astronaut.png")));
    }

    [Fact]
    public void The_shipped_model_gives_what_a_fresh_conversion_gives()
    {
        using EdgeModel shipped = Shipped(), fresh = Converted("blazeface-front");
        Assert.Equal(fresh.Metadata.SourceSha256, shipped.Metadata.SourceSha256);
        Assert.Equal(fresh.Metadata.License, shipped.Metadata.License);
        using var first = new FaceDetector(shipped);
        using var second = new FaceDetector(fresh);
        Frame frame = Picture("astronaut.png");
        first.Process(frame);
        second.Process(frame);
        for (int i = 0; i < shipped.Graph.Outputs.Count; i++)
        {
            Span<float> a = first.Session.Output(i).Span<float>();
            Span<float> b = second.Session.Output(second.Session.OutputIndex(shipped.Graph.Outputs[i].Name)).Span<float>();
            Assert.Equal(a.Length, b.Length);
            for (int k = 0; k < a.Length; k++) Assert.Equal(b[k], a[k], 1e-3f);
        }
    }

    [Theory]
    [InlineData(300, 300)]
    [InlineData(1024, 1024)]
    [InlineData(1901, 1901)]
    [InlineData(700, 512)]
    public void The_size_of_the_picture_does_not_matter(int width, int height)
    {
        Frame source = Picture("astronaut.png");
        float scale = Math.Min(width, height) / 512f;
        Frame frame = Warped(source, width, height, (x, y) => (x / scale, y / scale));

        using EdgeModel model = Shipped();
        using var detector = new FaceDetector(model);
        Detection face = Assert.Single(detector.Process(frame).ToArray());
        AssertFace(face, scale);
    }

    [Theory]
    [InlineData(-20)]
    [InlineData(-10)]
    [InlineData(10)]
    [InlineData(20)]
    public void A_tilted_head_is_found_and_its_eyes_are_tilted(int degrees)
    {
        (float sin, float cos) = MathF.SinCos(-degrees * MathF.PI / 180);
        Frame frame = Warped(Picture("astronaut.png"), 512, 512, (x, y) =>
            (256 + cos * (x - 256) - sin * (y - 256), 256 + sin * (x - 256) + cos * (y - 256)));

        using EdgeModel model = Shipped();
        using var detector = new FaceDetector(model);
        Detection face = Assert.Single(detector.Process(frame).ToArray());
        double tilt = Math.Atan2(face.Points[1].Y - face.Points[0].Y, face.Points[1].X - face.Points[0].X) * 180 / Math.PI;
        // The head in the picture is tilted by some five degrees itself.
        Assert.InRange(tilt, degrees + 5 - 8, degrees + 5 + 8);
    }

    [Fact]
    public void A_mirrored_picture_gives_mirrored_results()
    {
        Frame source = Picture("astronaut.png");
        using EdgeModel model = Shipped();
        using var detector = new FaceDetector(model);
        Detection face = Assert.Single(detector.Process(source).ToArray());
        Detection mirrored = Assert.Single(detector.Process(Warped(source, 512, 512, (x, y) => (512 - x, y))).ToArray());
        // Right and left change places. Half a pixel of the input is two pixels of the picture: a slip in the mapping shows.
        for (int p = 0; p < 4; p++)
            Assert.InRange(Math.Abs(512 - mirrored.Points[p switch { 0 => 1, 1 => 0, _ => p }].X - face.Points[p].X), 0, 6);
    }

    [Fact]
    public void There_is_no_face_where_there_is_none()
    {
        using EdgeModel model = Shipped();
        using var detector = new FaceDetector(model);
        var frame = new Frame();
        frame.Resize(640, 480);
        foreach (byte grey in (byte[])[0, 128, 255])
        {
            frame.Pixels.Fill(grey);
            Assert.Equal(0, detector.Process(frame).Length);
        }
        new Random(1).NextBytes(frame.Pixels);
        Assert.Equal(0, detector.Process(frame).Length);
    }

    [Theory]
    [InlineData("chelsea.png", 0)]
    [InlineData("grace_hopper.bmp", 1)]
    public void Counts_faces_in_other_pictures(string picture, int faces)
    {
        var frame = new Frame();
        PictureFile.Read(Repository.Data("images", picture), frame);
        using EdgeModel model = Shipped();
        using var detector = new FaceDetector(model);
        Assert.Equal(faces, detector.Process(frame).Length);
    }

    [Fact]
    public void Allocates_nothing_per_frame()
    {
        using EdgeModel model = Shipped();
        using var detector = new FaceDetector(model, new FaceDetectorOptions { Threads = 2 });
        Frame frame = Picture("astronaut.png");
        for (int i = 0; i < 100; i++) detector.Process(frame);
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (int i = 0; i < 1000; i++) detector.Process(frame);
        }));
        Assert.True(detector.LastTimes.Total > TimeSpan.Zero);
    }

    [Fact]
    public void The_threshold_can_be_chosen()
    {
        using EdgeModel model = Shipped();
        using var strict = new FaceDetector(model, new FaceDetectorOptions { ScoreThreshold = 0.99f });
        Assert.Equal(0, strict.Process(Picture("astronaut.png")).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => new FaceDetectorOptions { ScoreThreshold = 1.5f });
        Assert.Throws<ArgumentOutOfRangeException>(() => new FaceDetectorOptions { ScoreThreshold = float.NaN });
    }

    [Fact]
    public void Models_of_other_tasks_are_refused()
    {
        using EdgeModel model = Shipped();
        foreach (ModelMetadata metadata in (ModelMetadata[])[
            model.Metadata with { Task = "object-detection" },
            model.Metadata with { Task = "" },
            model.Metadata with { Image = null },
            model.Metadata with { Decoder = null },
            model.Metadata with { Decoder = model.Metadata.Decoder! with { Kind = "yolo" } },
            model.Metadata with { Image = model.Metadata.Image! with { Input = "no such input" } }])
            Assert.Equal(ErrorCode.WrongTask, Assert.Throws<EdgeException>(() => new FaceDetector(new EdgeModel(model.Graph, metadata))).Code);
    }

    private static void AssertAstronaut(ReadOnlySpan<Detection> faces)
    {
        Assert.Equal(1, faces.Length);
        AssertFace(faces[0], 1);
    }

    /// <summary>The astronaut's face, in a picture scaled from its upper left corner.</summary>
    private static void AssertFace(in Detection face, float scale)
    {
        Assert.InRange(face.Score, 0.8f, 1f);
        float tolerance = 15 * scale;
        AssertNear(AstronautFace.X, AstronautFace.Y, face.X, face.Y);
        AssertNear(AstronautFace.X + AstronautFace.Width, AstronautFace.Y + AstronautFace.Height, face.X + face.Width, face.Y + face.Height);
        AssertNear(AstronautRightEye.X, AstronautRightEye.Y, face.Points[0].X, face.Points[0].Y);
        AssertNear(AstronautLeftEye.X, AstronautLeftEye.Y, face.Points[1].X, face.Points[1].Y);
        AssertNear(AstronautNose.X, AstronautNose.Y, face.Points[2].X, face.Points[2].Y);
        AssertNear(AstronautMouth.X, AstronautMouth.Y, face.Points[3].X, face.Points[3].Y);
        Assert.True(face.Points[4].X < face.Points[0].X && face.Points[1].X < face.Points[5].X, "Ears are beside the eyes.");

        void AssertNear(float x, float y, float foundX, float foundY)
        {
            Assert.InRange(foundX, x * scale - tolerance, x * scale + tolerance);
            Assert.InRange(foundY, y * scale - tolerance, y * scale + tolerance);
        }
    }

    private static EdgeModel Shipped() => EdgeReader.Read(Repository.File("models", "blazeface-front.edge"));

    private static EdgeModel Converted(string name)
    {
        string? onnx = ModelCache.Default.Find(ModelZoo.Default.Get(name));
        Assert.SkipUnless(onnx is not null, $"{name} is not on this machine: `edgert models pull {name}`");
        return Converter.Convert(onnx).Model;
    }

    private static Frame Picture(string name)
    {
        var frame = new Frame();
        PictureFile.Read(Repository.File("models", name), frame);
        return frame;
    }

    /// <summary>A picture whose pixel at a place is the source's at another, black beyond it, bilinear between pixels.</summary>
    private static Frame Warped(Frame source, int width, int height, Func<float, float, (float X, float Y)> from)
    {
        var frame = new Frame();
        frame.Resize(width, height);
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
            {
                (float sx, float sy) = from(x + 0.5f, y + 0.5f);
                int left = (int)MathF.Floor(sx - 0.5f), top = (int)MathF.Floor(sy - 0.5f);
                float fx = sx - 0.5f - left, fy = sy - 0.5f - top;
                for (int c = 0; c < 3; c++)
                    frame.Pixels[3 * (y * width + x) + c] = (byte)(
                        (At(left, top, c) * (1 - fx) + At(left + 1, top, c) * fx) * (1 - fy) + (At(left, top + 1, c) * (1 - fx) + At(left + 1, top + 1, c) * fx) * fy + 0.5f);
            }
        return frame;

        float At(int x, int y, int channel) =>
            x < 0 || y < 0 || x >= source.Width || y >= source.Height ? 0 : source.Pixels[3 * (y * source.Width + x) + channel];
    }
}
