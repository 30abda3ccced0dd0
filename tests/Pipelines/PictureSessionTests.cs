using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Realtime.Pictures;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tests.Sessions;
using Xunit;

namespace EdgeRuntime.Tests.Pipelines;

/// <summary>Frames that are preprocessed on the model's device give what they give on the CPU.</summary>
public class PictureSessionTests
{
    [Fact]
    public void A_device_gets_bytes_and_finds_the_same_faces_in_frames_of_any_size_and_format()
    {
        using EdgeModel model = Shipped();
        using var device = new FakeBackend();
        using var there = new FaceDetector(model, new FaceDetectorOptions { Accelerator = device });
        using var here = new FaceDetector(model);
        Assert.True(there.PreprocessesOnDevice);
        Assert.False(here.PreprocessesOnDevice);
        foreach (Frame frame in (Frame[])[Astronaut(), Part(Astronaut(), 401, 300), Luma(Astronaut(), PixelFormat.Nv12), Luma(Part(Astronaut(), 302, 266), PixelFormat.Yuv420p), Astronaut()])
        {
            Detection[] expected = here.Process(frame).ToArray();
            Assert.Single(expected);
            AssertSame(expected, there.Process(frame).ToArray());
            Assert.Equal(frame.Format.ShapeOf(frame.Width, frame.Height), there.Session.Input(0).Shape);
            Assert.Equal(DataType.U8, there.Session.Input(0).DataType);
            Assert.Equal("fake_ImageToTensor", there.Session.Compiled!.Kernels[0]);
            Assert.Equal(1, device.LivePlans);
        }
    }

    [Fact]
    public void The_frame_in_which_a_device_fails_and_those_after_it_are_preprocessed_on_the_CPU()
    {
        using EdgeModel model = Shipped();
        using var device = new FakeBackend();
        using var there = new FaceDetector(model, new FaceDetectorOptions { Accelerator = device });
        Frame frame = Astronaut();
        Detection[] expected = there.Process(frame).ToArray();
        device.FailRunAfter(device.Runs, new EdgeException(ErrorCode.DeviceLost, "Gone."));
        AssertSame(expected, there.Process(frame).ToArray());
        AssertSame(expected, there.Process(frame).ToArray());
        Assert.Equal("image_to_tensor", there.Session.Compiled!.Kernels[0]);
        Assert.Single(there.Process(Part(frame, 300, 300)).ToArray());
        Assert.Equal(0, device.LivePlans);
    }

    [Fact]
    public void Allocates_nothing_per_frame()
    {
        using EdgeModel model = Shipped();
        using var device = new FakeBackend();
        using var there = new FaceDetector(model, new FaceDetectorOptions { Accelerator = device });
        Frame frame = Luma(Astronaut(), PixelFormat.Yuv420p);
        for (int i = 0; i < 100; i++) there.Process(frame);
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (int i = 0; i < 200; i++) there.Process(frame);
        }));
    }

    [Fact]
    public void A_model_that_puts_its_channels_last_first_thing_is_given_them_so()
    {
        var builder = new GraphBuilder("g");
        Value x = builder.Input("x", new TensorType(DataType.F32, 1, 3, 5, 7));
        Value last = builder.Add1("last", new Transpose { Permutation = [0, 2, 3, 1] }, x);
        builder.Output("y", builder.Add1("twice", new Binary { Function = BinaryFunction.Add }, last, last));
        Graph graph = builder.Build();
        Graph bytes = PictureGraph.InFront(graph, 0, new Shape(10, 12, 3), new ImageToTensor { Width = 7, Height = 5 });
        Assert.Equal(["ImageToTensor", "Binary"], bytes.Nodes.Select(n => n.Operator.Name));
        Assert.Equal(new Shape(1, 5, 7, 3), bytes.Nodes[0].Outputs[0].Type.Shape);
        Assert.Equal(["Transpose", "Binary"], graph.Nodes.Select(n => n.Operator.Name));
        Assert.Equal("x", bytes.Inputs[0].Name);
    }

    [Fact]
    public void A_model_that_reads_its_channels_first_too_keeps_them()
    {
        var builder = new GraphBuilder("g");
        Value x = builder.Input("x", new TensorType(DataType.F32, 1, 3, 5, 7));
        Value last = builder.Add1("last", new Transpose { Permutation = [0, 2, 3, 1] }, x);
        builder.Output("y", last);
        builder.Output("z", builder.Add1("negative", new Unary { Function = UnaryFunction.Neg }, x));
        Graph bytes = PictureGraph.InFront(builder.Build(), 0, new Shape(10, 12, 3), new ImageToTensor { Width = 7, Height = 5 });
        Assert.Equal(["ImageToTensor", "Transpose", "Unary"], bytes.Nodes.Select(n => n.Operator.Name));
        Assert.Equal(new Shape(1, 3, 5, 7), bytes.Nodes[0].Outputs[0].Type.Shape);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_model_that_begins_with_quantizing_is_given_bytes(bool transposes)
    {
        Graph graph = Quantizing(transposes, second: (0.5f, 3));
        Graph device = PictureGraph.InFront(graph, 0, new Shape(10, 12, 3), new ImageToTensor { Width = 7, Height = 5 });
        Assert.Equal(["ImageToTensor", "Dequantize"], device.Nodes.Select(n => n.Operator.Name));
        var wanted = new TensorType(DataType.U8, new Shape(1, 5, 7, 3), new Quantization(0.5f, 3));
        Assert.Equal(wanted, device.Nodes[0].Outputs[0].Type);
        var readers = new PictureReaders(graph, 0, grey: false);
        Graph host = PictureGraph.Behind(graph, 0, readers);
        Assert.Equal(["Dequantize"], host.Nodes.Select(n => n.Operator.Name));
        Assert.Equal(wanted, host.Inputs[0].Type);
        Assert.Equal(wanted, readers.Type);
    }

    [Fact]
    public void A_model_that_quantizes_in_two_ways_is_given_floats()
    {
        var readers = new PictureReaders(Quantizing(transposes: false, second: (0.5f, 4)), 0, grey: false);
        Assert.False(readers.Any);
        Assert.True(readers.Result.IsNone);
    }

    /// <summary>A graph that quantizes its input twice, once by 0.5 and 3, and puts channels last if wanted; where both are the same, converters join them, which is done here by hand.</summary>
    private static Graph Quantizing(bool transposes, (float Scale, byte Zero) second)
    {
        var builder = new GraphBuilder("g");
        Value x = builder.Input("x", transposes ? new TensorType(DataType.F32, 1, 3, 5, 7) : new TensorType(DataType.F32, 1, 5, 7, 3));
        Value scale = builder.Constant("scale", Tensor.Scalar(0.5f)), zero = builder.Constant("zero", Tensor.Scalar((byte)3));
        Value bytes = builder.Add1("quantized", new Quantize(), x, scale, zero);
        if (transposes) bytes = builder.Add1("last", new Transpose { Permutation = [0, 2, 3, 1] }, bytes);
        builder.Output("y", builder.Add1("reals", new Dequantize(), bytes, scale, zero));
        if (second != (0.5f, (byte)3))
        {
            Value other = builder.Add1("other", new Quantize(), x, builder.Constant("scale2", Tensor.Scalar(second.Scale)), builder.Constant("zero2", Tensor.Scalar(second.Zero)));
            builder.Output("z", builder.Add1("others", new Dequantize(), other, scale, zero));
        }
        return builder.Build();
    }

    /// <summary>Boxes and points within a twentieth of a pixel, scores within a thousandth.</summary>
    internal static void AssertSame(Detection[] expected, Detection[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i].Score, actual[i].Score, 1e-3f);
            foreach ((float a, float b) in ((float, float)[])[(expected[i].X, actual[i].X), (expected[i].Y, actual[i].Y), (expected[i].Width, actual[i].Width), (expected[i].Height, actual[i].Height)])
                Assert.Equal(a, b, 0.05f);
            Assert.Equal(expected[i].PointCount, actual[i].PointCount);
            for (int p = 0; p < expected[i].PointCount; p++)
            {
                Assert.Equal(expected[i].Points[p].X, actual[i].Points[p].X, 0.05f);
                Assert.Equal(expected[i].Points[p].Y, actual[i].Points[p].Y, 0.05f);
            }
        }
    }

    internal static EdgeModel Shipped() => EdgeReader.Read(Repository.File("models", "blazeface-front.edge"));

    internal static Frame Astronaut()
    {
        var frame = new Frame();
        PictureFile.Read(Repository.File("models", "astronaut.png"), frame);
        return frame;
    }

    /// <summary>The upper part of a picture around the astronaut's face.</summary>
    internal static Frame Part(Frame frame, int width, int height)
    {
        var part = new Frame();
        part.Resize(width, height);
        for (int y = 0; y < height; y++) frame.Pixels.Slice(3 * (y * frame.Width + 50), 3 * width).CopyTo(part.Pixels[(3 * y * width)..]);
        return part;
    }

    /// <summary>A picture as luma and chroma, the chroma of each square of four being that of one of them.</summary>
    internal static Frame Luma(Frame rgb, PixelFormat format)
    {
        var frame = new Frame();
        frame.Resize(rgb.Width, rgb.Height, format);
        int plane = rgb.Width * rgb.Height;
        for (int y = 0; y < rgb.Height; y++)
            for (int x = 0; x < rgb.Width; x++)
            {
                ReadOnlySpan<byte> pixel = rgb.Pixels.Slice(3 * (y * rgb.Width + x), 3);
                double luma = 0.299 * pixel[0] + 0.587 * pixel[1] + 0.114 * pixel[2];
                frame.Pixels[y * rgb.Width + x] = (byte)Math.Round(16 + luma * 219 / 255);
                if (x % 2 + y % 2 > 0) continue;
                int pair = y / 2 * (rgb.Width / 2) + x / 2;
                (int u, int v) = format == PixelFormat.Nv12 ? (2 * pair, 2 * pair + 1) : (pair, plane / 4 + pair);
                frame.Pixels[plane + u] = (byte)Math.Round(128 + (pixel[2] - luma) / 1.772 * 224 / 255);
                frame.Pixels[plane + v] = (byte)Math.Round(128 + (pixel[0] - luma) / 1.402 * 224 / 255);
            }
        return frame;
    }
}
