using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using Xunit;

namespace EdgeRuntime.Tests.Pipelines;

/// <summary>The preprocessor against a slow definition in double precision, and its way back to the source.</summary>
public class ImagePreprocessorTests
{
    private static readonly float[] Scale = [0.5f, 0.25f, 2f], Offset = [-1f, 3f, 0.125f];

    public static TheoryData<int, int, int, int> Sizes => new()
    {
        // source width and height, target width and height
        { 13, 7, 13, 7 },
        { 101, 67, 17, 19 },
        { 67, 101, 31, 31 },
        { 7, 5, 23, 29 },
        { 640, 3, 16, 16 },
        { 1, 1, 5, 3 },
        { 2, 97, 11, 13 },
        { 129, 127, 128, 128 },
    };

    [Theory, MemberData(nameof(Sizes))]
    public void Matches_the_definition(int width, int height, int targetWidth, int targetHeight)
    {
        Frame frame = Noise(width, height);
        foreach (ImageFit fit in Enum.GetValues<ImageFit>())
            foreach (ChannelOrder order in (ChannelOrder[])[ChannelOrder.Rgb, ChannelOrder.Bgr])
                foreach (bool channelsLast in (bool[])[true, false])
                {
                    var image = new ImageInput { Input = "x", Channels = order, Fit = fit, Scale = Scale, Offset = Offset };
                    var preprocessor = new ImagePreprocessor(image, Input(targetWidth, targetHeight, channelsLast));
                    var actual = new float[3 * targetWidth * targetHeight];
                    preprocessor.Write(frame, actual);
                    AssertClose(Definition(frame, image, new Region(0, 0, width, height), targetWidth, targetHeight, channelsLast), actual);
                }
    }

    [Theory, MemberData(nameof(Sizes))]
    public void A_grey_input_is_the_brightness(int width, int height, int targetWidth, int targetHeight)
    {
        Frame frame = Noise(width, height);
        var whole = new Region(0, 0, width, height);
        double[] colours = Definition(frame, new ImageInput { Input = "x" }, whole, targetWidth, targetHeight, true);
        double[] expected = [.. Enumerable.Range(0, targetWidth * targetHeight).Select(i => (0.299 * colours[3 * i] + 0.587 * colours[3 * i + 1] + 0.114 * colours[3 * i + 2]) / 255 - 0.5)];
        var image = new ImageInput { Input = "x", Channels = ChannelOrder.Grey, Scale = [1f / 255, 7, 7], Offset = [-0.5f, 7, 7] };
        foreach (TensorType type in (TensorType[])[new(DataType.F32, 1, 1, targetHeight, targetWidth), new(DataType.F32, 1, targetHeight, targetWidth, 1)])
        {
            var actual = new float[targetWidth * targetHeight];
            var preprocessor = new ImagePreprocessor(image, type);
            Assert.Equal((targetWidth, targetHeight), (preprocessor.Width, preprocessor.Height));
            preprocessor.Write(frame, actual);
            AssertClose(expected, actual);

            // On a device the graph does it.
            var builder = new GraphBuilder("g");
            builder.Output("y", builder.Add1("same", new Unary { Function = UnaryFunction.Abs }, builder.Input("x", type)));
            Graph graph = PictureGraph.InFront(builder.Build(), 0, new Shape(height, width, 3), new ImageToTensor
            {
                Width = targetWidth, Height = targetHeight, Letterbox = true,
                Scale = ImagePreprocessor.ChannelFactors(image).Scale, Offset = ImagePreprocessor.ChannelFactors(image).Offset,
            }, grey: true);
            using var session = new InferenceSession(graph, new SessionOptions());
            frame.Pixels.CopyTo(session.Input(0).Bytes);
            session.Run();
            AssertClose([.. expected.Select(Math.Abs)], session.Output(0).Span<float>().ToArray());
        }
        Assert.Equal(ErrorCode.WrongTask, Assert.Throws<EdgeException>(() => new ImagePreprocessor(image, Input(8, 8, true))).Code);
        Assert.Throws<ArgumentException>(() => new ImagePreprocessor(image, new(DataType.F32, 1, 8, 8, 1)).Write(frame, new float[63]));
    }

    [Theory]
    [InlineData(10.5f, 3.25f, 40f, 22f)]
    [InlineData(-20f, -10f, 60f, 50f)]
    [InlineData(90f, 40f, 5f, 80f)]
    [InlineData(3f, 4f, 2.5f, 1.5f)]
    [InlineData(500f, 500f, 10f, 10f)]
    public void Cuts_a_region_and_leaves_black_beyond_the_picture(float x, float y, float width, float height)
    {
        Frame frame = Noise(97, 61);
        var image = new ImageInput { Input = "x", Scale = Scale, Offset = Offset };
        var preprocessor = new ImagePreprocessor(image, Input(17, 13, true));
        var actual = new float[3 * 17 * 13];
        var region = new Region(x, y, width, height);
        preprocessor.Write(frame, region, actual);
        AssertClose(Definition(frame, image, region, 17, 13, true), actual);
    }

    [Theory, MemberData(nameof(Sizes))]
    public void Bytes_are_what_quantizing_the_floats_gives(int width, int height, int targetWidth, int targetHeight)
    {
        foreach (PixelFormat format in Enum.GetValues<PixelFormat>())
        {
            var frame = new Frame();
            frame.Resize((width + 1) / 2 * 2, (height + 1) / 2 * 2, format);
            new Random(width).NextBytes(frame.Pixels);
            foreach (QuantizedResult result in (QuantizedResult[])[new(DataType.U8, 0.7f, 13), new(DataType.I8, 0.013f, -128), new(DataType.U8, 2.1f, 255)])
                foreach (bool channelsLast in (bool[])[true, false])
                {
                    var image = new ImageInput { Input = "x", Channels = ChannelOrder.Bgr, Fit = ImageFit.Letterbox, Scale = Scale, Offset = Offset };
                    TensorType type = Input(targetWidth, targetHeight, channelsLast);
                    var floats = new float[type.Shape.Count];
                    new ImagePreprocessor(image, type).Write(frame, floats);
                    var actual = new byte[floats.Length];
                    new ImagePreprocessor(image, result.Of(type.Shape)).Write(frame, actual);
                    (int low, int high) = Requantize.Range(result.Type);
                    Assert.Equal(Array.ConvertAll(floats, value => unchecked((byte)Requantize.Quantize(value, result.Scale, result.ZeroPoint, low, high))), actual);

                    // The definition, and the kernel that takes over from a device.
                    var op = new ImageToTensor { Format = format, Width = targetWidth, Height = targetHeight, ChannelsFirst = !channelsLast, BlueFirst = true, Letterbox = true, Scale = Scale, Offset = Offset, Result = result };
                    var picture = new Tensor(new TensorType(DataType.U8, format.ShapeOf(frame.Width, frame.Height)));
                    frame.Pixels.CopyTo(picture.View.Bytes);
                    var defined = new Tensor(result.Of(type.Shape));
                    op.Evaluate([picture.View], [defined.View]);
                    Assert.Equal(defined.View.Bytes.ToArray(), actual);
                }
        }
    }

    [Fact]
    public void Floats_and_bytes_are_not_mistaken_for_each_other()
    {
        var image = new ImageInput { Input = "x" };
        var bytes = new TensorType(DataType.U8, new Shape(1, 8, 8, 3), new Quantization(1, 0));
        Assert.Throws<ArgumentException>(() => new ImagePreprocessor(image, bytes).Write(Noise(8, 8), new float[3 * 64]));
        Assert.Throws<ArgumentException>(() => new ImagePreprocessor(image, Input(8, 8, true)).Write(Noise(8, 8), new byte[3 * 64 * 4]));
        Assert.Throws<ArgumentException>(() => new ImagePreprocessor(image, bytes).Write(Noise(8, 8), new byte[3 * 64 - 1]));
        Assert.Equal(ErrorCode.WrongTask, Assert.Throws<EdgeException>(() => new ImagePreprocessor(image with { Channels = ChannelOrder.Grey }, bytes with { Shape = new Shape(1, 8, 8, 1) })).Code);
    }

    [Fact]
    public void Letterboxes_around_the_centre_and_says_what_it_covered()
    {
        var preprocessor = new ImagePreprocessor(new ImageInput { Input = "x" }, Input(128, 128, true));
        Frame frame = Uniform(640, 360, 200);
        var actual = new float[3 * 128 * 128];
        preprocessor.Write(frame, actual);

        Assert.Equal(new Region(0, -140, 640, 640), preprocessor.Covered);
        Assert.Equal(0, actual[3 * (27 * 128 + 64)]);
        Assert.Equal(200, actual[3 * (28 * 128 + 64)], 3);
        Assert.Equal(200, actual[3 * (99 * 128 + 64)], 3);
        Assert.Equal(0, actual[3 * (100 * 128 + 64)]);
    }

    [Theory]
    [InlineData(ImageFit.Letterbox)]
    [InlineData(ImageFit.Stretch)]
    public void A_dot_of_the_source_is_found_again_where_the_mapping_says(ImageFit fit)
    {
        foreach ((int width, int height) in ((int, int)[])[(640, 360), (361, 641), (97, 55)])
        {
            Frame frame = Uniform(width, height, 0);
            int dotX = width * 2 / 3, dotY = height / 4;
            for (int dy = -4; dy <= 4; dy++)
                for (int dx = -4; dx <= 4; dx++)
                    frame.Pixels.Slice(3 * ((dotY + dy) * width + dotX + dx), 3).Fill(255);
            var preprocessor = new ImagePreprocessor(new ImageInput { Input = "x", Fit = fit }, Input(128, 96, false));
            var actual = new float[3 * 128 * 96];
            preprocessor.Write(frame, actual);

            double sum = 0, sumX = 0, sumY = 0;
            for (int y = 0; y < 96; y++)
                for (int x = 0; x < 128; x++)
                {
                    double value = actual[y * 128 + x];
                    sum += value;
                    sumX += value * (x + 0.5);
                    sumY += value * (y + 0.5);
                }
            Region covered = preprocessor.Covered;
            // A slip by half an input pixel would be off by more.
            Assert.InRange(covered.X + sumX / sum * covered.Width / 128 - (dotX + 0.5), -0.2 * covered.Width / 128, 0.2 * covered.Width / 128);
            Assert.InRange(covered.Y + sumY / sum * covered.Height / 96 - (dotY + 0.5), -0.2 * covered.Height / 96, 0.2 * covered.Height / 96);
        }
    }

    [Fact]
    public void Fine_stripes_become_grey_instead_of_aliasing()
    {
        Frame frame = Uniform(1024, 1024, 0);
        for (int y = 0; y < 1024; y += 2) frame.Pixels.Slice(3 * 1024 * y, 3 * 1024).Fill(255);
        var preprocessor = new ImagePreprocessor(new ImageInput { Input = "x" }, Input(100, 100, true));
        var actual = new float[3 * 100 * 100];
        preprocessor.Write(frame, actual);
        Assert.All(actual, value => Assert.InRange(value, 115, 140));
    }

    [Fact]
    public void Another_region_of_a_frame_needs_no_other_memory()
    {
        Frame frame = Noise(320, 241);
        var target = new float[3 * 64 * 64];
        Assert.Equal(0, Allocations.LeastAfter(() =>
        {
            var preprocessor = new ImagePreprocessor(new ImageInput { Input = "x" }, Input(64, 64, true));
            for (int i = 0; i < 2; i++) preprocessor.Write(frame, new Region(100, 100, 10 + i, 10), target);
            return () =>
            {
                for (int i = 0; i < 100; i++) preprocessor.Write(frame, new Region(i - 10, 100 - i, 1 + 50 * i, 2 + 70 * i), target);
            };
        }));
    }

    [Fact]
    public void Frames_and_memory_of_impossible_sizes_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new Frame().Resize(32768, 32768));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Frame().Resize(0, 1));
        var preprocessor = new ImagePreprocessor(new ImageInput { Input = "x" }, Input(8, 8, true));
        Assert.Throws<ArgumentException>(() => preprocessor.Write(Noise(8, 8), new float[3 * 8 * 8 - 1]));
        Assert.Throws<ArgumentNullException>(() => preprocessor.Write(null!, new float[3 * 8 * 8]));
    }

    [Fact]
    public void Allocates_nothing_once_it_knows_the_size()
    {
        Frame frame = Noise(320, 241);
        var preprocessor = new ImagePreprocessor(new ImageInput { Input = "x" }, Input(64, 64, true));
        var target = new float[3 * 64 * 64];
        // The second frame is the first to compare sizes, which makes the runtime create a comparer once.
        for (int i = 0; i < 2; i++) preprocessor.Write(frame, target);
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (int i = 0; i < 100; i++) preprocessor.Write(frame, target);
        }));
    }

    [Fact]
    public void Refuses_inputs_that_are_no_pictures()
    {
        var image = new ImageInput { Input = "x" };
        foreach (TensorType type in (TensorType[])[
            new(DataType.F32, 1, 16, 16, 4), new(DataType.U8, 1, 16, 16, 3), new(DataType.F32, 2, 16, 16, 3),
            new(DataType.F32, 1, 0, 16, 3), new(DataType.F32, 1, 16, 3), new(DataType.F32, 1, Shape.Unknown, 16, 3)])
            Assert.Equal(ErrorCode.WrongTask, Assert.Throws<EdgeException>(() => new ImagePreprocessor(image, type)).Code);
        Assert.Equal(ErrorCode.WrongTask, Assert.Throws<EdgeException>(() => new ImagePreprocessor(image with { Scale = [1] }, Input(8, 8, true))).Code);
        var preprocessor = new ImagePreprocessor(image, Input(8, 8, true));
        Assert.Throws<EdgeException>(() => preprocessor.Write(Noise(8, 8), new Region(0, 0, 0, 5), new float[3 * 64]));
        Assert.Throws<EdgeException>(() => preprocessor.Write(Noise(8, 8), new Region(float.NaN, 0, 5, 5), new float[3 * 64]));
    }

    private static TensorType Input(int width, int height, bool channelsLast) =>
        channelsLast ? new(DataType.F32, 1, height, width, 3) : new(DataType.F32, 1, 3, height, width);

    private static Frame Noise(int width, int height)
    {
        var frame = new Frame();
        frame.Resize(width, height);
        new Random(width * 7919 + height).NextBytes(frame.Pixels);
        return frame;
    }

    private static Frame Uniform(int width, int height, byte value)
    {
        var frame = new Frame();
        frame.Resize(width, height);
        frame.Pixels.Fill(value);
        return frame;
    }

    /// <summary>Within a twentieth of one of 255 levels, doubled by the largest scale: weights have 14 binary places, and the mean of rows seven.</summary>
    private static void AssertClose(double[] expected, float[] actual)
    {
        for (int i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) < 0.1, $"element {i}: {actual[i]} instead of {expected[i]}");
    }

    /// <summary>Each target pixel as the mean over what it covers (shrinking), or as the mix of the two nearest (enlarging), by axis.</summary>
    private static double[] Definition(Frame frame, ImageInput image, Region region, int width, int height, bool channelsLast)
    {
        Region covered = image.Fit == ImageFit.Letterbox ? region.ExtendedTo(width, height) : region;
        var result = new double[3 * width * height];
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
                for (int channel = 0; channel < 3; channel++)
                {
                    double sum = 0;
                    for (int sy = 0; sy < frame.Height; sy++)
                    {
                        double wy = Weight(covered.Y, covered.Height / height, y, sy, frame.Height);
                        if (wy == 0) continue;
                        for (int sx = 0; sx < frame.Width; sx++)
                            sum += wy * Weight(covered.X, covered.Width / width, x, sx, frame.Width)
                                * frame.Pixels[3 * (sy * frame.Width + sx) + (image.Channels == ChannelOrder.Rgb ? channel : 2 - channel)];
                    }
                    int at = channelsLast ? 3 * (y * width + x) + channel : (channel * height + y) * width + x;
                    result[at] = sum * image.Scale[channel] + image.Offset[channel];
                }
        return result;
    }

    private static double Weight(double origin, double step, int target, int source, int size)
    {
        if (step > 1)
        {
            double from = origin + target * step, to = from + step;
            return Math.Max(0, Math.Min(to, source + 1) - Math.Max(from, source)) / step;
        }
        double centre = origin + (target + 0.5) * step;
        if (centre < 0 || centre > size) return 0;
        return Math.Max(0, 1 - Math.Abs(Math.Clamp(centre - 0.5, 0, size - 1) - source));
    }
}
