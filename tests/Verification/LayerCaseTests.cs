using EdgeRuntime.Operators;
using EdgeRuntime.Planning;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tests.Unit;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Onnx;
using EdgeRuntime.Tools.Onnx.Proto;
using EdgeRuntime.Tools.Verification;
using Xunit;
using static EdgeRuntime.Tests.Unit.OnnxModels;

namespace EdgeRuntime.Tests.Verification;

/// <summary>A kernel is wrong: its layer is named, and the case that is written of it fails with this kernel and passes with the right one.</summary>
public class LayerCaseTests
{
    [Fact]
    public void The_first_bad_layer_becomes_a_case_that_reproduces_it()
    {
        using var folder = new TemporaryFolder();
        OnnxModel source = Source();
        string path = SaveFirstBad(folder.Path, source, s => s.Operator is Unary { Function: UnaryFunction.Sigmoid }, "s");
        Assert.Equal(path, Assert.Single(Directory.GetDirectories(folder.Path)));
        Assert.Equal(["model.onnx"], Directory.GetFiles(path).Select(Path.GetFileName));
        ModelProto written = OnnxReader.Read(Path.Combine(path, "model.onnx")).Proto;
        Assert.Equal("Sigmoid", Assert.Single(written.Graph.Node).OpType);
        Assert.Equal(17, Assert.Single(written.OpsetImport).Version);
        AssertReproduces(path, s => s.Operator is Unary { Function: UnaryFunction.Sigmoid });
    }

    [Fact]
    public void Weights_and_constants_are_in_the_case_and_all_nodes_that_became_one_step()
    {
        using var folder = new TemporaryFolder();
        string path = SaveFirstBad(folder.Path, Source(), s => s.Operator is MatMul, "y");
        ModelProto written = OnnxReader.Read(Path.Combine(path, "model.onnx")).Proto;
        Assert.Equal(["MatMul", "Add"], written.Graph.Node.Select(n => n.OpType));
        Assert.Equal(["c", "w"], written.Graph.Initializer.Select(i => i.Name).Order());
        Assert.Single(written.Graph.Input);
        AssertReproduces(path, s => s.Operator is MatMul);
    }

    [Fact]
    public void A_case_of_the_same_name_is_replaced()
    {
        using var folder = new TemporaryFolder();
        string first = SaveFirstBad(folder.Path, Source(), s => s.Operator is MatMul, "y");
        File.WriteAllText(Path.Combine(first, "old"), "");
        Assert.Equal(first, SaveFirstBad(folder.Path, Source(), s => s.Operator is MatMul, "y"));
        Assert.False(File.Exists(Path.Combine(first, "old")));
    }

    /// <summary>r = relu(x), s = sigmoid(r), m = s W, y = m + 1: an activation, and a product with weights that takes a constant as its bias.</summary>
    private static OnnxModel Source()
    {
        NodeProto constant = Node("Constant", "one", [], "c");
        constant.Attribute.Add(Float("value_float", 1));
        ModelProto model = Model(Node("Relu", "relu", ["x"], "r"), Node("Sigmoid", "sigmoid", ["r"], "s"), Node("MatMul", "product", ["s", "w"], "m"), constant, Node("Add", "add", ["m", "c"], "y"));
        model.Graph.Input[0] = Info("x", F32, 2, 3);
        model.Graph.Initializer.Add(Floats("w", [3, 1], 1, -2, 3));
        return model.AsRead();
    }

    private static string SaveFirstBad(string folder, OnnxModel source, Func<PlanStep, bool> isWrong, string name)
    {
        using var backend = new WrongBackend(isWrong);
        var reference = new InterpretedReference();
        using var model = Converter.Convert(source).Model;
        Tensor[] inputs = RandomInput.For(model.Graph, 1);
        IReadOnlyList<LayerResult> layers = LayerVerifier.Compare(model.Graph, source, reference, inputs, TensorDifference.FloatTolerance, new SessionOptions { Threads = 1, Accelerator = backend });
        LayerResult bad = layers.First(l => !l.Passed);
        Assert.Equal(name, bad.Name);
        return new LayerCase(source, reference, layers.Select(l => l.Name).ToHashSet()).Save(folder, bad.Name, [("x", inputs[0].View)]);
    }

    private static void AssertReproduces(string path, Func<PlanStep, bool> isWrong)
    {
        using var wrong = new WrongBackend(isWrong);
        OnnxTestResult failed = new OnnxTestCase(path) { Convert = Converter.Optimize, Options = new SessionOptions { Threads = 1, Accelerator = wrong } }.Run();
        Assert.True(failed.Status == OnnxTestStatus.Failed, failed.Reason);
        OnnxTestResult passed = new OnnxTestCase(path) { Convert = Converter.Optimize }.Run();
        Assert.True(passed.Status == OnnxTestStatus.Passed, passed.Reason);
    }
}
