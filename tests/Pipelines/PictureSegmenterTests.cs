using EdgeRuntime.Backends;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Realtime.Pictures;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Reference;
using Xunit;

namespace EdgeRuntime.Tests.Pipelines;

public class PictureSegmenterTests
{
    private static readonly SegmenterOptions Options = new() { Threads = 1, Backend = BackendKind.Cpu };

    /// <summary>Places of the astronaut of 512 x 512 pixels, as seen by eye: her nose and her chest; two corners and the shuttle.</summary>
    [Theory]
    [InlineData("selfie")]
    [InlineData("meet")]
    [InlineData("selfie_segmentation_landscape.onnx")]
    public void A_person_is_told_from_what_is_behind(string name)
    {
        using LoadedModel model = name.EndsWith(".onnx", StringComparison.Ordinal) ? ModelLoader.Load(Repository.Data("models", name), stop: TestContext.Current.CancellationToken) : ZooModels.Load(name);
        using var segmenter = new PictureSegmenter(model.Model, Options);
        Frame frame = Picture("astronaut.png");
        byte[] mask = Mask(segmenter.Process(frame));
        Assert.Equal(("segment", "person", 512 * 512), (segmenter.Name, segmenter.Label, mask.Length));
        Assert.InRange(mask[120 * 512 + 225], 230, 255);
        Assert.InRange(mask[300 * 512 + 225], 150, 255);
        Assert.All([(505, 5), (430, 60), (20, 20)], p => Assert.InRange(mask[p.Item2 * 512 + p.Item1], 0, 25));
        Assert.True(segmenter.Mask.TryFind(0.5f, 0.001f, out Detection found));
        Assert.InRange(found.Score, 0.75f, 1);
        Assert.InRange(found.Y + found.Height, 500, 512);
    }

    [Fact]
    public void The_cells_are_what_another_runtime_gives()
    {
        Assert.SkipUnless(ReferenceRuntime.IsReady, "ONNX Runtime is not in the cache; `edgert verify MODEL` puts it there.");
        string path = Repository.Data("models", "selfie_segmentation_landscape.onnx");
        using LoadedModel model = ModelLoader.Load(path, stop: TestContext.Current.CancellationToken);
        using var segmenter = new PictureSegmenter(model.Model, Options);
        Frame frame = Picture("people.jpg");
        ReadOnlySpan<float> cells = segmenter.Process(frame).Cells;

        Value input = model.Model.Graph.Inputs[0];
        using var picture = new Tensor(input.Type);
        new ImagePreprocessor(model.Model.Metadata.Image!, input.Type).Write(frame, picture.Span<float>());
        using IReferenceModel reference = ReferenceRuntime.Load(stop: TestContext.Current.CancellationToken).Load(File.ReadAllBytes(path), null, 1, optimize: true);
        reference.SetInputs([(input.Name, picture.View)]);
        float[] expected = reference.RunAndRead()["segment_back"].Span<float>().ToArray();
        Assert.Equal(expected.Length, cells.Length);
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], cells[i], 1e-3f);
    }

    /// <summary>Against the formula, pixel by pixel in doubles: pictures wider and higher than the grid, smaller and larger, stretched and with bars.</summary>
    [Theory]
    [InlineData(ImageFit.Stretch, 64, 40)]
    [InlineData(ImageFit.Stretch, 3, 2)]
    [InlineData(ImageFit.Stretch, 1, 1)]
    [InlineData(ImageFit.Letterbox, 50, 21)]
    [InlineData(ImageFit.Letterbox, 7, 90)]
    public void Between_cells_the_mask_is_linear(ImageFit fit, int width, int height)
    {
        const int Columns = 6, Rows = 5;
        using var segmenter = new PictureSegmenter(Model(Columns, Rows, fit), Options);
        Frame frame = Noise(width, height);
        SegmentationMask mask = segmenter.Process(frame);
        byte[] pixels = Mask(mask);
        Region covered = mask.Covered;
        Assert.Equal(fit == ImageFit.Stretch ? new Region(0, 0, width, height) : new Region(0, 0, width, height).ExtendedTo(Columns, Rows), covered);
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
            {
                double u = Math.Clamp((x + 0.5 - covered.X) / covered.Width * Columns - 0.5, 0, Columns - 1), v = Math.Clamp((y + 0.5 - covered.Y) / covered.Height * Rows - 0.5, 0, Rows - 1);
                int left = (int)u, top = (int)v, right = Math.Min(left + 1, Columns - 1), bottom = Math.Min(top + 1, Rows - 1);
                double upper = Cell(left, top) + (u - left) * (Cell(right, top) - Cell(left, top)), lower = Cell(left, bottom) + (u - left) * (Cell(right, bottom) - Cell(left, bottom));
                Assert.InRange(pixels[y * width + x], 255 * (upper + (v - top) * (lower - upper)) - 0.51, 255 * (upper + (v - top) * (lower - upper)) + 0.51);
            }

        double Cell(int x, int y) => segmenter.Mask.Cells[y * Columns + x];
    }

    [Fact]
    public void What_is_unsure_changes_slowly_and_what_is_sure_at_once()
    {
        using var segmenter = new PictureSegmenter(Model(2, 1, ImageFit.Stretch), Options with { Smoothing = TimeSpan.FromMilliseconds(100) });
        Frame frame = Noise(2, 1);
        Assert.Equal([1, 0.6f], Next(0, 255, 153));
        // Sure: there at once. Unsure, 0.4: of 0.96 a share of exp(-0.4) stays.
        float[] second = Next(40, 0, 102);
        Assert.Equal(0, second[0]);
        Assert.Equal(0.4 + 0.96 * Math.Exp(-0.4) * 0.2, second[1], 5);
        // What trembles around ½ trembles less.
        float[] values = [.. Enumerable.Range(2, 20).Select(i => Next(40 * i, 255, (byte)(i % 2 == 0 ? 153 : 102))[1])];
        Assert.InRange(values.TakeLast(6).Max() - values.TakeLast(6).Min(), 0, 0.1);
        // After a pause, going back in time, and when told so, nothing is left of before.
        Assert.Equal(0.4f, Next(5000, 0, 102)[1], 1e-6f);
        Assert.Equal(0.6f, Next(100, 0, 153)[1], 1e-6f);
        segmenter.Reset();
        Assert.Equal(0, segmenter.Mask.Width);
        Assert.Equal(0.4f, Next(140, 0, 102)[1], 1e-6f);

        float[] Next(int milliseconds, byte first, byte second)
        {
            frame.Time = TimeSpan.FromMilliseconds(milliseconds);
            (frame.Pixels[0], frame.Pixels[3]) = (first, second);
            return segmenter.Process(frame).Cells.ToArray();
        }
    }

    [Fact]
    public void Two_scores_become_a_probability()
    {
        // Green and red of a pixel as the scores of a person and of what is behind.
        var builder = new GraphBuilder("g");
        Value x = builder.Input("x", new TensorType(DataType.F32, 1, 1, 1, 3));
        builder.Output("y", builder.Add1("two", new Slice { Axes = [3], Starts = [0], Ends = [2] }, x));
        var model = new EdgeModel(builder.Build(), Metadata(ImageFit.Stretch, new Dictionary<string, double[]> { ["softmax"] = [1] }));
        using var segmenter = new PictureSegmenter(model, Options);
        Frame frame = Noise(1, 1);
        (frame.Pixels[0], frame.Pixels[1]) = (255, 0);
        Assert.Equal(1 / (1 + MathF.E), segmenter.Process(frame).Cells[0], 5);
    }

    [Fact]
    public void Allocates_nothing_per_frame()
    {
        using LoadedModel model = ZooModels.Load("selfie");
        using var segmenter = new PictureSegmenter(model.Model, Options with { Smoothing = TimeSpan.FromMilliseconds(150) });
        Frame frame = Noise(320, 240);
        var target = new byte[320 * 240];
        for (int i = 0; i < 5; i++) segmenter.Process(frame).CopyTo(target);
        Assert.Equal(0, Allocations.Least(() =>
        {
            frame.Time += TimeSpan.FromMilliseconds(40);
            segmenter.Process(frame).CopyTo(target);
            segmenter.Mask.TryFind(0.5f, 0, out _);
        }));
    }

    [Fact]
    public void Refuses_models_that_are_for_something_else()
    {
        EdgeModel model = Model(2, 1, ImageFit.Stretch);
        AssertRefused(model.Metadata with { Task = "pose" }, "for pose, not for segmentation");
        AssertRefused(model.Metadata with { Decoder = null }, "how its outputs are read");
        AssertRefused(model.Metadata with { Decoder = model.Metadata.Decoder! with { Kind = "yolox" } }, "'mask' is");
        AssertRefused(model.Metadata with { Decoder = model.Metadata.Decoder! with { Outputs = new Dictionary<string, string>() } }, "'mask'");
        AssertRefused(Metadata(ImageFit.Stretch, new Dictionary<string, double[]> { ["softmax"] = [1] }), "height x width x 2");

        void AssertRefused(ModelMetadata metadata, string part)
        {
            EdgeException error = Assert.Throws<EdgeException>(() => new PictureSegmenter(new EdgeModel(model.Graph, metadata), Options));
            Assert.Equal(ErrorCode.WrongTask, error.Code);
            Assert.Contains(part, error.Problem);
        }
    }

    /// <summary>The red of the picture is the mask.</summary>
    private static EdgeModel Model(int columns, int rows, ImageFit fit)
    {
        var builder = new GraphBuilder("g");
        Value x = builder.Input("x", new TensorType(DataType.F32, 1, rows, columns, 3));
        builder.Output("y", builder.Add1("red", new Slice { Axes = [3], Starts = [0], Ends = [1] }, x));
        return new EdgeModel(builder.Build(), Metadata(fit, []));
    }

    private static ModelMetadata Metadata(ImageFit fit, Dictionary<string, double[]> parameters) => new()
    {
        Name = "red",
        Task = PictureSegmenter.Task,
        Image = new ImageInput { Input = "x", Fit = fit, Scale = [1 / 255f, 1 / 255f, 1 / 255f] },
        Decoder = new DecoderInfo { Kind = "mask", Parameters = parameters, Outputs = new Dictionary<string, string> { ["mask"] = "y" } },
    };

    private static byte[] Mask(SegmentationMask mask)
    {
        var pixels = new byte[mask.Width * mask.Height];
        mask.CopyTo(pixels);
        return pixels;
    }

    private static Frame Noise(int width, int height)
    {
        var frame = new Frame();
        frame.Resize(width, height);
        new Random(width + height).NextBytes(frame.Pixels);
        return frame;
    }

    private static Frame Picture(string name)
    {
        var frame = new Frame();
        PictureFile.Read(Repository.Data("images", name), frame);
        return frame;
    }
}
