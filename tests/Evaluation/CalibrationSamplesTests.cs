using System.Runtime.InteropServices;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tests.Media;
using EdgeRuntime.Tools.Evaluation;
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

    private void Put(string name, int[] shape)
    {
        float[] elements = new float[shape.Aggregate(1, (a, b) => a * b)];
        elements.AsSpan().Fill(0.25f);
        File.WriteAllBytes(folder[name], NumpyFileTests.Array("<f4", $"({string.Join(", ", shape)})", MemoryMarshal.AsBytes<float>(elements).ToArray()));
    }
}
