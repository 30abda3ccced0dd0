using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Realtime.Sounds;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Quantizing;
using Xunit;

namespace EdgeRuntime.Tests.Quantizing;

/// <summary>What of a graph is a power spectrum, which stays in floats.</summary>
public class PowerSpectrumTests
{
    [Fact]
    public void The_spectrum_of_the_keyword_model_is_found_and_none_of_its_layers_that_were_trained()
    {
        using LoadedModel loaded = ModelLoader.Load(Repository.File("models", "keywords.onnx"), stop: TestContext.Current.CancellationToken);
        HashSet<Node> spectrum = PowerSpectrum.Of(loaded.Model.Graph);
        Assert.Equal(2, spectrum.Count(n => n.Operator is Conv or MatMul));
        Assert.Contains(spectrum, n => n.Operator is Unary { Function: UnaryFunction.Log });
        Assert.All(spectrum, n => Assert.DoesNotContain("recogniser", n.Name));
    }

    [Fact]
    public void Its_weights_in_8_bits_change_no_result_that_anybody_looks_at()
    {
        using LoadedModel plain = ModelLoader.Load(Repository.File("models", "keywords.onnx"), stop: TestContext.Current.CancellationToken), narrowed = ModelLoader.Load(Repository.File("models", "keywords.onnx"), stop: TestContext.Current.CancellationToken);
        PowerSpectrum.NarrowWeights(narrowed.Model.Graph);
        Assert.Equal(2, narrowed.Model.Graph.Nodes.Count(n => n.Operator is Dequantize && n.Inputs[0]!.Type.DataType == DataType.I8));
        using SoundClassifier first = new(plain.Model), second = new(narrowed.Model);
        foreach (string sound in Directory.GetFiles(Repository.File("models", "samples", "keywords"), "*.wav", SearchOption.AllDirectories))
        {
            float[] samples = SoundFile.Read(sound, first.SampleRate);
            Classification a = first.Process(samples)[0], b = second.Process(samples)[0];
            Assert.Equal(a.Label, b.Label);
            Assert.InRange(b.Score, a.Score - 0.2f, a.Score + 0.2f);
        }
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 4)]
    public void A_logarithm_after_an_activation_is_no_spectrum(bool activation, int nodes)
    {
        var builder = new GraphBuilder("g");
        Value x = builder.Input("x", new TensorType(DataType.F32, 2, 3));
        Value y = builder.Add1("product", new MatMul(), x, builder.Constant("w", new Tensor(new TensorType(DataType.F32, 3, 4))));
        if (activation) y = builder.Add1("relu", new Unary { Function = UnaryFunction.Relu }, y);
        Value squares = builder.Add1("square", new Unary { Function = UnaryFunction.Square }, y);
        Value log = builder.Add1("log", new Unary { Function = UnaryFunction.Log }, builder.Add1("sum", new Binary { Function = BinaryFunction.Add }, squares, squares));
        builder.Output("y", log);
        Assert.Equal(nodes, PowerSpectrum.Of(builder.Build()).Count);
    }

    [Fact]
    public void A_logarithm_of_the_input_itself_is_none()
    {
        var builder = new GraphBuilder("g");
        builder.Output("y", builder.Add1("log", new Unary { Function = UnaryFunction.Log }, builder.Input("x", new TensorType(DataType.F32, 2, 3))));
        Assert.Empty(PowerSpectrum.Of(builder.Build()));
    }
}
