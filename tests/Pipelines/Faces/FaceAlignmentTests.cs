using System.Numerics;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Pipelines.Faces;
using Xunit;

namespace EdgeRuntime.Tests.Pipelines.Faces;

public class FaceAlignmentTests
{
    private static readonly Vector2[] Places = [new(38.8f, 52.2f), new(74, 52), new(56.5f, 72.2f), new(42, 92.9f), new(71.2f, 92.7f)];

    [Theory]
    [InlineData(0f, 1f)]
    [InlineData(0.7f, 2.5f)]
    [InlineData(-3f, 0.3f)]
    public void Points_that_are_turned_places_come_back_to_them(float angle, float scale)
    {
        (float sine, float cosine) = MathF.SinCos(angle);
        var points = Array.ConvertAll(Places, p => new KeyPoint(scale * (p.X * cosine - p.Y * sine) + 300, scale * (p.X * sine + p.Y * cosine) + 200));
        Assert.True(FaceAlignment.TryFit(points, Places, 112, out Crop crop));
        Assert.Equal(112 * scale, crop.Width, 1e-2f);
        for (int i = 0; i < points.Length; i++)
        {
            KeyPoint there = crop.ToCrop(points[i]);
            Assert.Equal(Places[i].X, there.X * 112, 2e-3f);
            Assert.Equal(Places[i].Y, there.Y * 112, 2e-3f);
        }
    }

    [Fact]
    public void No_other_similarity_brings_points_nearer_to_their_places()
    {
        var random = new Random(7);
        for (int round = 0; round < 20; round++)
        {
            var points = Array.ConvertAll(Places, p => new KeyPoint(2 * p.X + 30 * random.NextSingle(), 2 * p.Y + 30 * random.NextSingle()));
            Assert.True(FaceAlignment.TryFit(points, Places, 112, out Crop best));
            double least = Error(best, points);
            foreach (float step in (float[])[-0.5f, 0.5f])
            {
                Assert.True(Error(best with { CentreX = best.CentreX + step }, points) >= least);
                Assert.True(Error(best with { CentreY = best.CentreY + step }, points) >= least);
                Assert.True(Error(best with { Angle = best.Angle + step / 50 }, points) >= least);
                Assert.True(Error(best.Enlarged(1 + step / 50), points) >= least);
            }
        }
    }

    [Fact]
    public void Points_in_one_place_and_detectors_without_points_are_refused()
    {
        var face = new Detection { PointCount = 6 };
        Assert.False(FaceAlignment.TryAlign(face, out _));
        for (int i = 0; i < 6; i++) face.Points[i] = new KeyPoint(float.NaN, 3);
        Assert.False(FaceAlignment.TryAlign(face, out _));
        Assert.Equal(ErrorCode.WrongTask, Assert.Throws<EdgeException>(() => FaceAlignment.RequirePoints(new ModelMetadata { Name = "m" })).Code);
    }

    /// <summary>Sum of squares in the pixels of the square picture.</summary>
    private static double Error(Crop crop, KeyPoint[] points)
    {
        double sum = 0;
        for (int i = 0; i < points.Length; i++)
        {
            KeyPoint there = crop.ToCrop(points[i]);
            sum += Math.Pow(there.X * 112.0 - Places[i].X, 2) + Math.Pow(there.Y * 112.0 - Places[i].Y, 2);
        }
        return sum;
    }
}
