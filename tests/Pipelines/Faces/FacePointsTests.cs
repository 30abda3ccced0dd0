using EdgeRuntime.Backends;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Pipelines.Faces;
using EdgeRuntime.Realtime.Pictures;
using EdgeRuntime.Tools.Conversion;
using Xunit;

namespace EdgeRuntime.Tests.Pipelines.Faces;

/// <summary>Points of a real face: two models that know nothing of each other, and the detector's own key points, must agree.</summary>
public class FacePointsTests
{
    private static readonly CropOptions Options = new() { Threads = 1, Backend = BackendKind.Cpu };

    [Theory]
    [InlineData("astronaut.png")]
    [InlineData("grace_hopper.bmp")]
    public void Mesh_landmarks_and_key_points_agree(string picture)
    {
        using LoadedModel back = ZooModels.Load("blazeface-back"), mesh = ZooModels.Load("facemesh"), landmark = ZooModels.Load("face-landmark");
        Frame frame = Picture(picture);
        using var meshes = new FacePoints(back.Model, mesh.Model, Options);
        using var landmarks = new FacePoints(back.Model, landmark.Model, Options);
        Assert.Equal(("face-mesh", 468, "face-landmark", 68), (meshes.Name, meshes.Count, landmarks.Name, landmarks.Count));
        Detection face = Assert.Single(meshes.Process(frame).ToArray());
        Assert.Equal(1, landmarks.Process(frame).Length);
        FacePoint[] a = meshes.Points(0).ToArray(), b = landmarks.Points(0).ToArray();
        float size = face.Width;
        // Corners of the eyes and the mouth, and the tip of the nose, by both models' numbers; the person's right is on the left.
        foreach ((int one, int other) in ((int, int)[])[(33, 36), (133, 39), (362, 42), (263, 45), (61, 48), (291, 54), (4, 30), (0, 51)])
            Near(a[one], b[other].X, b[other].Y, 0.1f * size, $"{one} and {other}");
        // The middle of an eye's corners is where the detector has the eye.
        Near(new FacePoint((a[33].X + a[133].X) / 2, (a[33].Y + a[133].Y) / 2, 0), face.Points[0].X, face.Points[0].Y, 0.08f * size, "right eye");
        Near(new FacePoint((a[362].X + a[263].X) / 2, (a[362].Y + a[263].Y) / 2, 0), face.Points[1].X, face.Points[1].Y, 0.08f * size, "left eye");
        Assert.True(a[4].Z < a[234].Z && a[4].Z < a[454].Z, "the nose is in front of the ears");
    }

    [Theory]
    [InlineData("facemesh", "blazeface-back")]
    [InlineData("face-landmark", "blazeface-back")]
    [InlineData("face-landmark", "face-detect")]
    public void A_picture_that_is_turned_has_its_points_turned(string name, string finderName)
    {
        using LoadedModel finder = ZooModels.Load(finderName), model = ZooModels.Load(name);
        Frame frame = Picture("astronaut.png"), turned = new();
        // UltraFace tells of no eyes, so its faces are not turned upright.
        float angle = finderName == "face-detect" ? 0.1f : 0.5f;
        (float sine, float cosine) = MathF.SinCos(angle);
        turned.Resize(512, 512);
        turned.Pixels.Clear();
        for (int y = 0; y < 512; y++)
            for (int x = 0; x < 512; x++)
            {
                int sx = (int)MathF.Round((x - 256) * cosine + (y - 256) * sine) + 256, sy = (int)MathF.Round((y - 256) * cosine - (x - 256) * sine) + 256;
                if (sx is >= 0 and < 512 && sy is >= 0 and < 512) frame.Pixels.Slice(3 * (512 * sy + sx), 3).CopyTo(turned.Pixels[(3 * (512 * y + x))..]);
            }
        using var points = new FacePoints(finder.Model, model.Model, Options);
        float size = points.Process(frame)[0].Width;
        FacePoint[] before = points.Points(0).ToArray();
        Assert.Equal(1, points.Process(turned).Length);
        FacePoint[] after = points.Points(0).ToArray();
        double sum = 0;
        for (int i = 0; i < before.Length; i++)
        {
            float x = (before[i].X - 256) * cosine - (before[i].Y - 256) * sine + 256, y = (before[i].X - 256) * sine + (before[i].Y - 256) * cosine + 256;
            sum += Math.Sqrt(Math.Pow(after[i].X - x, 2) + Math.Pow(after[i].Y - y, 2)) / size;
        }
        Assert.True(sum / before.Length < 0.06, $"off by {sum / before.Length:0.000} of the face's width");
    }

    [Fact]
    public void What_is_no_face_has_no_mesh_and_nothing_is_allocated()
    {
        using LoadedModel back = ZooModels.Load("blazeface-back"), mesh = ZooModels.Load("facemesh"), pose = ZooModels.Load("movenet-lightning");
        using var meshes = new FacePoints(back.Model, mesh.Model, Options with { Follows = true, Smooths = true });
        Frame frame = Picture("astronaut.png"), blank = new();
        blank.Resize(320, 240);
        blank.Pixels.Clear();
        Assert.True(meshes.Process(blank).IsEmpty);
        meshes.Reset();
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (int i = 0; i < 3; i++)
            {
                frame.Time += TimeSpan.FromMilliseconds(40);
                meshes.Process(frame);
            }
        }));
        Assert.Equal(1, meshes.Found[0].Track);
        Assert.Throws<ArgumentOutOfRangeException>(() => meshes.Points(1).Length);
        Assert.Equal(ErrorCode.WrongTask, Assert.Throws<EdgeException>(() => new FacePoints(back.Model, pose.Model, Options)).Code);
    }

    private static void Near(FacePoint point, float x, float y, float pixels, string what) =>
        Assert.True(Math.Abs(point.X - x) < pixels && Math.Abs(point.Y - y) < pixels, $"{what}: {point} is not at {x}, {y}, within {pixels}");

    private static Frame Picture(string name)
    {
        var frame = new Frame();
        PictureFile.Read(Repository.Data("images", name), frame);
        return frame;
    }
}
