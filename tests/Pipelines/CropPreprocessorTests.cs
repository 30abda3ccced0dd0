using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Tensors;
using Xunit;

namespace EdgeRuntime.Tests.Pipelines;

/// <summary>Turned crops against a slow definition in double precision, against the preprocessor of whole pictures, and their way back to the frame.</summary>
public class CropPreprocessorTests
{
    private static readonly float[] Scale = [0.5f, 0.25f, 2f], Offset = [-1f, 3f, 0.125f];

    public static TheoryData<PixelFormat> Formats => [.. Enum.GetValues<PixelFormat>()];

    public static TheoryData<float, float, float, float, float> Crops => new()
    {
        { 31, 22, 20, 16, 0 },
        { 30.3f, 21.7f, 17, 13, 0.3f },
        { 30.3f, 21.7f, 17, 13, -2.5f },
        { 25, 25, 70, 60, 0.7f },
        { 2, 3, 30, 30, 1.1f },
        { 62, 42, 5, 90, 3.0f },
        { 40, 20, 3, 2, 0.5f },
        { 500, -300, 20, 20, 0.5f },
    };

    [Theory, MemberData(nameof(Crops))]
    public void Matches_the_definition(float x, float y, float width, float height, float angle)
    {
        var crop = new Crop(x, y, width, height, angle);
        foreach (PixelFormat format in Enum.GetValues<PixelFormat>())
        {
            Frame frame = Noise(62, 42, format);
            foreach (CropEdge edge in Enum.GetValues<CropEdge>())
                foreach (ChannelOrder order in Enum.GetValues<ChannelOrder>())
                    foreach (bool channelsLast in (bool[])[true, false])
                    {
                        var image = new ImageInput { Input = "x", Channels = order, Scale = Scale, Offset = Offset };
                        int channels = order == ChannelOrder.Grey ? 1 : 3;
                        var type = channelsLast ? new TensorType(DataType.F32, 1, 11, 13, channels) : new TensorType(DataType.F32, 1, channels, 11, 13);
                        var preprocessor = new CropPreprocessor(image, type, edge);
                        Assert.Equal((13, 11), (preprocessor.Width, preprocessor.Height));
                        var actual = new float[channels * 11 * 13];
                        preprocessor.Write(frame, crop, actual);
                        AssertClose(Definition(frame, image, crop, 13, 11, channelsLast, edge), actual);
                    }
        }
    }

    [Fact]
    public void A_crop_that_is_not_turned_is_what_the_preprocessor_of_pictures_makes()
    {
        Frame frame = Noise(97, 61, PixelFormat.Rgb24);
        var image = new ImageInput { Input = "x", Fit = ImageFit.Stretch, Scale = Scale, Offset = Offset };
        var type = new TensorType(DataType.F32, 1, 19, 23, 3);
        float[] expected = new float[3 * 19 * 23], actual = new float[3 * 19 * 23];
        foreach (var region in (Region[])[new(3.2f, 5.1f, 20, 17), new(-4.6f, 50.3f, 15, 18), new(88, -3, 23, 19)])
        {
            new ImagePreprocessor(image, type).Write(frame, region, expected);
            new CropPreprocessor(image, type).Write(frame, new Crop(region.X + region.Width / 2, region.Y + region.Height / 2, region.Width, region.Height, 0), actual);
            for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], 2e-2f);
        }
    }

    [Theory, MemberData(nameof(Formats))]
    public void A_quarter_turn_moves_pixels_and_mixes_none(PixelFormat format)
    {
        Frame frame = Noise(32, 20, format);
        var rgb = new Frame();
        frame.ToRgb(rgb);
        var preprocessor = new CropPreprocessor(new ImageInput { Input = "x" }, new TensorType(DataType.F32, 1, 32, 20, 3));
        var actual = new float[3 * 32 * 20];
        preprocessor.Write(frame, new Crop(16, 10, 20, 32, MathF.PI / 2), actual);
        // Its right is the frame's lower side, its lower side the frame's left.
        for (int y = 0; y < 32; y++)
            for (int x = 0; x < 20; x++)
                for (int c = 0; c < 3; c++)
                    Assert.Equal(rgb.Pixels[3 * (x * 32 + 31 - y) + c], actual[3 * (y * 20 + x) + c], 1e-2f);
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(0.4f)]
    [InlineData(-1.9f)]
    public void A_dot_of_the_frame_is_found_again_where_the_crop_says(float angle)
    {
        var frame = new Frame();
        frame.Resize(320, 240);
        frame.Pixels.Clear();
        for (int dy = -4; dy <= 4; dy++) frame.Pixels.Slice(3 * ((90 + dy) * 320 + 200 - 4), 3 * 9).Fill(255);
        var crop = new Crop(180, 100, 150, 120, angle);
        var actual = new float[64 * 64];
        new CropPreprocessor(new ImageInput { Input = "x", Channels = ChannelOrder.Grey }, new TensorType(DataType.F32, 1, 64, 64, 1)).Write(frame, crop, actual);
        double sum = 0, sumX = 0, sumY = 0;
        for (int y = 0; y < 64; y++)
            for (int x = 0; x < 64; x++)
                (sum, sumX, sumY) = (sum + actual[y * 64 + x], sumX + actual[y * 64 + x] * (x + 0.5), sumY + actual[y * 64 + x] * (y + 0.5));
        KeyPoint back = crop.ToFrame((float)(sumX / sum / 64), (float)(sumY / sum / 64));
        Assert.InRange(back.X, 200.3, 200.7);
        Assert.InRange(back.Y, 90.3, 90.7);
        KeyPoint there = crop.ToCrop(back);
        Assert.Equal(sumX / sum / 64, there.X, 1e-5);
        Assert.Equal(sumY / sum / 64, there.Y, 1e-5);
    }

    [Fact]
    public void Crops_are_turned_moved_and_enlarged_along_their_own_edges()
    {
        var upright = new Crop(100, 50, 40, 20, 0);
        Assert.Equal(new KeyPoint(80, 40), upright.ToFrame(0, 0));
        Assert.Equal(new Crop(120, 55, 40, 20, 0), upright.Moved(0.5f, 0.25f));
        Assert.Equal(new Crop(100, 50, 60, 60, 0), upright.Enlarged(1.5f).Square());
        Assert.Equal(upright, Crop.Around(new Detection { X = 80, Y = 40, Width = 40, Height = 20 }));
        // Turned clockwise by a right angle, to the right is down.
        Assert.Equal(MathF.PI / 2, Crop.AngleOf(new KeyPoint(3, 3), new KeyPoint(3, 8)), 1e-6f);
        Crop turned = (upright with { Angle = MathF.PI / 2 }).Moved(0.5f, 0);
        Assert.Equal((100f, 70f), (MathF.Round(turned.CentreX, 3), MathF.Round(turned.CentreY, 3)));
        foreach (Crop none in (Crop[])[new(0, 0, 0, 1, 0), new(0, 0, 1, -1, 0), new(float.NaN, 0, 1, 1, 0), new(0, 0, 1, 1, float.PositiveInfinity), new(0, 0, 1e9f, 1, 0)]) Assert.False(none.IsUsable);
    }

    [Fact]
    public void Fine_stripes_become_grey_instead_of_aliasing()
    {
        var frame = new Frame();
        frame.Resize(512, 512);
        frame.Pixels.Clear();
        for (int y = 0; y < 512; y += 2) frame.Pixels.Slice(3 * 512 * y, 3 * 512).Fill(255);
        var actual = new float[50 * 50];
        foreach (float angle in (float[])[0, 0.4f, 1.3f])
        {
            new CropPreprocessor(new ImageInput { Input = "x", Channels = ChannelOrder.Grey }, new TensorType(DataType.F32, 1, 50, 50, 1)).Write(frame, new Crop(256, 256, 350, 350, angle), actual);
            Assert.All(actual, value => Assert.InRange(value, 100, 155));
        }
    }

    [Theory, MemberData(nameof(Formats))]
    public void Other_crops_of_a_frame_allocate_nothing(PixelFormat format)
    {
        Frame frame = Noise(320, 240, format);
        var preprocessor = new CropPreprocessor(new ImageInput { Input = "x" }, new TensorType(DataType.F32, 1, 3, 16, 16));
        var target = new float[3 * 16 * 16];
        preprocessor.Write(frame, new Crop(10, 10, 5, 5, 0), target);
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (int i = 0; i < 50; i++) preprocessor.Write(frame, new Crop(10 + 5 * i, 200 - 3 * i, 4 + 8 * i, 3 + 10 * i, i), target);
        }));
    }

    [Fact]
    public void Refuses_what_cannot_be_cut()
    {
        var image = new ImageInput { Input = "x" };
        Assert.Equal(ErrorCode.WrongTask, Assert.Throws<EdgeException>(() => new CropPreprocessor(image, new TensorType(DataType.F32, 1, 16, 16, 4))).Code);
        var preprocessor = new CropPreprocessor(image, new TensorType(DataType.F32, 1, 8, 8, 3));
        Assert.Throws<ArgumentException>(() => preprocessor.Write(Noise(8, 8, PixelFormat.Rgb24), new Crop(4, 4, 8, 8, 0), new float[3 * 64 - 1]));
        Assert.Equal(ErrorCode.InputMismatch, Assert.Throws<EdgeException>(() => preprocessor.Write(Noise(8, 8, PixelFormat.Rgb24), new Crop(4, 4, 0, 8, 0), new float[3 * 64])).Code);
        Assert.Equal(ErrorCode.InputMismatch, Assert.Throws<EdgeException>(() => preprocessor.Write(Noise(8, 8, PixelFormat.Rgb24), new Crop(4, 4, 8, 8, float.NaN), new float[3 * 64])).Code);
    }

    private static Frame Noise(int width, int height, PixelFormat format)
    {
        var frame = new Frame();
        frame.Resize(width, height, format);
        new Random(width * 7919 + height).NextBytes(frame.Pixels);
        return frame;
    }

    private static void AssertClose(double[] expected, float[] actual)
    {
        int known = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            if (double.IsNaN(expected[i])) continue;
            known++;
            Assert.True(Math.Abs(expected[i] - actual[i]) < 2e-2, $"element {i}: {actual[i]} instead of {expected[i]}");
        }
        Assert.True(known > expected.Length * 9 / 10, "too many samples lie on the edge");
    }

    /// <summary>Each target pixel as the mean of its grid of samples, each the mix of the four nearest pixels; NaN where a sample lies on the frame's edge, so that rounding decides.</summary>
    private static double[] Definition(Frame frame, ImageInput image, Crop crop, int width, int height, bool channelsLast, CropEdge edge)
    {
        var rgb = new Frame();
        frame.ToRgb(rgb);
        int across = Math.Clamp((int)Math.Floor(crop.Width / (double)width + 0.5), 1, 16), down = Math.Clamp((int)Math.Floor(crop.Height / (double)height + 0.5), 1, 16);
        bool grey = image.Channels == ChannelOrder.Grey;
        var result = new double[(grey ? 1 : 3) * width * height];
        (double sine, double cosine) = Math.SinCos(crop.Angle);
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
            {
                var mean = new double[3];
                for (int j = 0; j < down; j++)
                    for (int i = 0; i < across; i++)
                    {
                        double u = ((x + (i + 0.5) / across) / width - 0.5) * crop.Width, v = ((y + (j + 0.5) / down) / height - 0.5) * crop.Height;
                        double px = crop.CentreX + u * cosine - v * sine, py = crop.CentreY + u * sine + v * cosine;
                        for (int c = 0; c < 3; c++) mean[c] += Sample(rgb, px, py, c, edge) / (across * down);
                    }
                if (grey)
                {
                    result[y * width + x] = (0.299 * mean[0] + 0.587 * mean[1] + 0.114 * mean[2]) * image.Scale[0] + image.Offset[0];
                    continue;
                }
                for (int c = 0; c < 3; c++)
                    result[channelsLast ? 3 * (y * width + x) + c : (c * height + y) * width + x] = mean[image.Channels == ChannelOrder.Rgb ? c : 2 - c] * image.Scale[c] + image.Offset[c];
            }
        return result;
    }

    private static double Sample(Frame rgb, double x, double y, int channel, CropEdge edge)
    {
        if (edge == CropEdge.Black)
        {
            double beyond = Math.Max(Math.Max(-x, x - rgb.Width), Math.Max(-y, y - rgb.Height));
            if (Math.Abs(beyond) < 1e-3) return double.NaN;
            if (beyond > 0) return 0;
        }
        double sum = 0;
        for (int row = 0; row < rgb.Height; row++)
        {
            double down = 1 - Math.Abs(Math.Clamp(y - 0.5, 0, rgb.Height - 1) - row);
            if (down <= 0) continue;
            for (int column = 0; column < rgb.Width; column++)
                sum += down * Math.Max(0, 1 - Math.Abs(Math.Clamp(x - 0.5, 0, rgb.Width - 1) - column)) * rgb.Pixels[3 * (row * rgb.Width + column) + channel];
        }
        return sum;
    }
}
