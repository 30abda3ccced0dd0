using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Reference;
using EdgeRuntime.Tools.Verification;
using EdgeRuntime.Tools.Zoo;
using Xunit;

namespace EdgeRuntime.Tests.Conversion;

public class BlazeFaceConversionTests
{
    public static TheoryData<string, int> Models => new() { { "blazeface-front", 37 }, { "blazeface-back", 69 } };

    [Theory]
    [MemberData(nameof(Models))]
    public void Nothing_is_left_but_convolutions_pools_and_reshapes(string name, int convolutions)
    {
        using EdgeModel model = Converter.Convert(Source(name)).Model;
        Dictionary<string, int> operators = Converter.CountOperators(model.Graph);
        Assert.Equal(["Conv", "Pool", "Reshape"], operators.Keys.Order());
        Assert.Equal(convolutions, operators["Conv"]);
        Assert.Equal(["Identity:0", "Identity_1:0", "Identity_2:0", "Identity_3:0"], model.Graph.Outputs.Select(o => o.Name).Order());
        Assert.Equal((name, "face-detection", "Apache-2.0"), (model.Metadata.Name, model.Metadata.Task, model.Metadata.License));
        Assert.Equal("blazeface", model.Metadata.Decoder?.Kind);
        // Every residual and each activation found its convolution.
        Assert.All(model.Graph.Nodes.Where(n => n.Operator is Conv && n.Input(Conv.Residual) is not null),
            n => Assert.Equal(UnaryFunction.Relu, ((Conv)n.Operator).Activation.Function));
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Each_layer_is_as_onnx_runtime_has_it(string name, int convolutions)
    {
        string source = Source(name);
        Assert.SkipUnless(ReferenceRuntime.IsReady, "ONNX Runtime is not in the cache; `edgert verify MODEL` puts it there.");
        using LoadedModel loaded = ModelLoader.Load(source, stop: TestContext.Current.CancellationToken);
        Tensor[] inputs = RandomInput.For(loaded.Model.Graph, seed: 3);
        IReadOnlyList<LayerResult> layers = LayerVerifier.Compare(loaded.Model.Graph, loaded.Onnx!, ReferenceRuntime.Load(stop: TestContext.Current.CancellationToken), inputs, tolerance: 1e-4, new SessionOptions { Threads = 1 });
        Assert.True(layers.Count >= convolutions + 4, $"only {layers.Count} values were compared");
        Assert.All(layers, l => Assert.True(l.Passed, $"{l.Name}: {l.Difference}"));
    }

    [Fact]
    public void A_wrong_weight_is_named()
    {
        string source = Source("blazeface-front");
        Assert.SkipUnless(ReferenceRuntime.IsReady, "ONNX Runtime is not in the cache; `edgert verify MODEL` puts it there.");
        using LoadedModel loaded = ModelLoader.Load(source, stop: TestContext.Current.CancellationToken);
        Node broken = loaded.Model.Graph.Nodes.Where(n => n.Operator is Conv).ElementAt(9);
        broken.Inputs[1]!.Constant!.Span<float>()[5] += 0.5f;
        IReadOnlyList<LayerResult> layers = LayerVerifier.Compare(loaded.Model.Graph, loaded.Onnx!, ReferenceRuntime.Load(stop: TestContext.Current.CancellationToken), RandomInput.For(loaded.Model.Graph, 3), 1e-4, new SessionOptions { Threads = 1 });
        // What comes after it differs too, but not when it is computed from right values.
        Assert.Equal([broken.Outputs[0].Name.Split('~')[0]], layers.Where(l => !l.Passed).Select(l => l.Name));
        Assert.Contains(layers, l => l.Alone is { Cause: DifferenceCause.Accumulation });
    }

    private static string Source(string name)
    {
        string? path = ModelCache.Default.Find(ModelZoo.Default.Get(name));
        Assert.SkipWhen(path is null, $"{name} is not in the cache; `edgert models pull {name}` puts it there.");
        return path!;
    }
}
