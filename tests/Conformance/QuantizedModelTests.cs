using EdgeRuntime.Operators;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tests.Media;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Evaluation;
using EdgeRuntime.Tools.Reference;
using EdgeRuntime.Tools.Verification;
using Xunit;

namespace EdgeRuntime.Tests.Conformance;

/// <summary>A real quantized model against ONNX Runtime as people run it, with its own integer kernels.</summary>
public class QuantizedModelTests
{
    private const string MobileNet = "mobilenet_v2_qdq_int8.onnx";

    /// <summary>A little more than the scale of the logits.</summary>
    private const float LogitStep = 0.0213f;

    /// <summary>
    /// How far logits may lie apart: ONNX Runtime computes some of these convolutions in floats (where two nodes read what it cannot turn into U8), which round the other way at a tie,
    /// and which do so depends on the processor.
    /// </summary>
    private const float Apart = 5 * LogitStep;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Mobilenet_gives_the_numbers_of_onnx_runtime(int seed)
    {
        string path = Repository.Data("models", MobileNet);
        Assert.SkipUnless(ReferenceRuntime.IsReady, "ONNX Runtime is not in the cache; `edgert verify MODEL` puts it there.");
        using LoadedModel loaded = ModelLoader.Load(path, stop: TestContext.Current.CancellationToken);
        Tensor[] inputs = RandomInput.For(loaded.Model.Graph, seed);
        using IReferenceModel reference = ReferenceRuntime.Load(stop: TestContext.Current.CancellationToken).Load(File.ReadAllBytes(path), null, 1, optimize: true);
        reference.SetInputs([(loaded.Model.Graph.Inputs[0].Name, inputs[0].View)]);
        float[] expected = reference.RunAndRead()["class_logits"].Span<float>().ToArray();
        using var session = new InferenceSession(loaded.Model.Graph, new SessionOptions { Threads = 1 });
        session.Run([inputs[0].View]);
        float[] actual = session.Output(0).Span<float>().ToArray();
        for (int i = 0; i < expected.Length; i++) Assert.InRange(actual[i] - expected[i], -Apart, Apart);
        Assert.Equal(Array.IndexOf(expected, expected.Max()), Array.IndexOf(actual, actual.Max()));
    }

    [Fact]
    public void Mobilenet_sees_in_pictures_what_onnx_runtime_sees()
    {
        string path = Repository.Data("models", MobileNet);
        MediaFiles.NeedFfmpeg();
        Assert.SkipUnless(ReferenceRuntime.IsReady, "ONNX Runtime is not in the cache; `edgert verify MODEL` puts it there.");
        using LoadedModel loaded = ModelLoader.Load(path, stop: TestContext.Current.CancellationToken);
        using var pictures = new PictureSamples(loaded.Model, Repository.Data("images"));
        using IReferenceModel reference = ReferenceRuntime.Load(stop: TestContext.Current.CancellationToken).Load(File.ReadAllBytes(path), null, 1, optimize: true);
        using var session = new InferenceSession(loaded.Model.Graph, new SessionOptions { Threads = 1 });
        Assert.InRange(pictures.Count, 10, 100);
        int sure = 0;
        for (int i = 0; i < pictures.Count; i++)
        {
            Tensor[] inputs = pictures.Inputs(i);
            reference.SetInputs([(loaded.Model.Graph.Inputs[0].Name, inputs[0].View)]);
            float[] expected = reference.RunAndRead()["class_logits"].Span<float>().ToArray();
            session.Run([inputs[0].View]);
            float[] actual = session.Output(0).Span<float>().ToArray();
            // Its author calibrated it badly: several classes may share the largest number, and rounding then says which of them is first.
            int best = Array.IndexOf(actual, actual.Max());
            Assert.True(expected[best] >= expected.Max() - Apart, $"{pictures.NameOf(i)}: {best}, ONNX Runtime {Array.IndexOf(expected, expected.Max())}");
            if (expected.Count(e => e >= expected.Max() - Apart) == 1) sure++;
            inputs[0].Dispose();
        }
        Assert.InRange(sure, 3, pictures.Count);
    }

    [Fact]
    public void Mobilenet_is_integers_from_end_to_end()
    {
        using LoadedModel loaded = ModelLoader.Load(Repository.Data("models", MobileNet), stop: TestContext.Current.CancellationToken);
        Assert.All(loaded.Model.Graph.Nodes, node => Assert.False(node.Operator is Conv { Result.IsNone: true } or MatMul { Result.IsNone: true }, node.ToString()));
        Assert.True(loaded.Model.Graph.Constants.Sum(c => c.Type.ByteCount) < 4_000_000, "weights stay 8-bit");
    }
}
