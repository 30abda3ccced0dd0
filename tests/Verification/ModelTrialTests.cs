using EdgeRuntime.Diagnostics;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tests.Unit;
using EdgeRuntime.Tools.Onnx.Proto;
using EdgeRuntime.Tools.Verification;
using EdgeRuntime.Tools.Zoo;
using Google.Protobuf;
using Xunit;
using static EdgeRuntime.Tests.Unit.OnnxModels;

namespace EdgeRuntime.Tests.Verification;

/// <summary>Whole models tried against a reference: shapes, inputs, state that is fed back, and what counts as different.</summary>
public class ModelTrialTests
{
    [Fact]
    public void An_open_model_is_tried_at_two_shapes()
    {
        ModelProto model = Model(Node("Relu", "relu", ["x"], "y"));
        model.Graph.Input[0] = Info("x", F32, "batch", "length", 3);
        TrialResult result = Try(model, new InterpretedReference());
        Assert.Equal(TrialStatus.Passed, result.Result);
        Assert.Equal(2, result.Shapes.Distinct().Count());
        Assert.Equal(6, result.Inputs);
        Assert.Equal(1, result.Steps);
        Assert.Equal(0, result.MaxRel);
        Assert.True(result.ArgMaxEqual);
        Assert.Null(result.IntegersEqual);
    }

    [Fact]
    public void State_is_fed_back_by_both_sides()
    {
        // s' = s + x and y = x * s, of which only the first comes back. A reference that forgets is found at the second step.
        ModelProto model = Model(Node("Add", "add", ["x", "state"], "next"), Node("Mul", "mul", ["x", "state"], "y"));
        model.Graph.Input[0] = Info("x", F32, 1, 4);
        model.Graph.Input.Add(Info("state", F32, 1, 4));
        model.Graph.Output.Clear();
        foreach (string name in (string[])["y", "next"]) model.Graph.Output.Add(Info(name, F32, 1, 4));
        var facts = new TrialFacts { Cases = [new TrialCase()], State = { ["state"] = "next" } };
        TrialResult right = Try(model, new InterpretedReference(), facts);
        Assert.Equal((TrialStatus.Passed, 7, 21), (right.Result, right.Steps, right.Inputs));
        TrialResult wrong = Try(model, new InterpretedReference((name, value) => name == "next" ? new Tensor(value.Type) : value), facts);
        Assert.Equal(TrialStatus.Failed, wrong.Result);
        Assert.Equal("next", wrong.FirstBadLayer);
        Assert.True(wrong.MaxRel > 0.1);
    }

    [Fact]
    public void A_wrong_layer_is_named()
    {
        ModelProto model = Model(Node("Relu", "relu", ["x"], "r"), Node("Sigmoid", "sigmoid", ["r"], "s"), Node("Exp", "exp", ["s"], "y"));
        TrialResult result = Try(model, new InterpretedReference((name, value) => name is "s" or "y" ? Scaled(value, name == "s" ? 2 : 1.5f) : value));
        Assert.Equal(TrialStatus.Failed, result.Result);
        Assert.Equal("s", result.FirstBadLayer);
    }

    [Fact]
    public void What_cannot_be_converted_fails_with_its_reason()
    {
        TrialResult result = Try(Model(Node("NoSuchOperator", "n", ["x"], "y")), new InterpretedReference());
        Assert.Equal(TrialStatus.Failed, result.Result);
        Assert.Contains("NoSuchOperator", result.Reason);
    }

    [Fact]
    public void What_the_reference_does_not_take_is_skipped()
    {
        TrialResult result = Try(Model(Node("Relu", "relu", ["x"], "y")), new InterpretedReference((_, _) => throw new EdgeException(ErrorCode.UnsupportedOnnx, "no")));
        Assert.Equal(TrialStatus.Skipped, result.Result);
    }

    [Fact]
    public void Inputs_that_the_reference_does_not_take_prove_nothing()
    {
        ModelProto model = Model(Node("Relu", "relu", ["x"], "y"));
        model.Graph.Input[0] = Info("x", F32, 1, 3);
        TrialResult result = Try(model, new InterpretedReference((_, _) => throw new EdgeException(ErrorCode.UnsupportedOnnx, "not with these")));
        Assert.Equal((TrialStatus.Skipped, "not with these"), (result.Result, result.Reason));
    }

    [Fact]
    public void Indices_are_rows_of_their_table()
    {
        ModelProto model = Model(Node("Gather", "table", ["rows", "i"], "y"));
        model.Graph.Input[0] = Info("i", 7, 1, 40);
        model.Graph.Initializer.Add(Floats("rows", [5, 2], [.. Enumerable.Range(0, 10).Select(v => (float)v)]));
        Assert.Equal(TrialStatus.Passed, Try(model, new InterpretedReference()).Result);
        using var imported = Tools.Onnx.OnnxImporter.Import(model.AsRead());
        Tensor[] made = new TrialInputs(imported.Graph, new TrialCase()).Make([new Shape(1, 40)], 1, 0);
        Assert.Equal(4, made[0].Span<long>().ToArray().Max());
        Assert.Equal(0, made[0].Span<long>().ToArray().Min());
    }

    [Theory]
    [InlineData("past.*.key", "past.0.key", "0")]
    [InlineData("past.*.key", "past.0.value", null)]
    [InlineData("x", "x", "")]
    [InlineData("x", "y", null)]
    [InlineData("ab*ba", "aba", null)]
    public void Patterns_hold_one_star(string pattern, string name, string? text) => Assert.Equal(text, TrialFacts.Match(pattern, name));

    [Fact]
    public void Ties_may_be_broken_either_way()
    {
        Assert.True(Compared([1, 1.0000001f, 0], [1.0000001f, 1, 0]).Passed);
        Assert.False(Compared([1, 1.0005f, 0], [1.0005f, 1, 0]).Passed);
        Assert.False(Compared([1, 2, 0], [1, 2.1f, 0]).Passed);
        var shapes = new OutputComparison();
        shapes.Add("y", Tensor.Vector(1f).View, Tensor.Vector(1f, 2f).View);
        Assert.Contains("'y'", shapes.Problem);
    }

    private static OutputComparison Compared(float[] actual, float[] expected)
    {
        var comparison = new OutputComparison();
        comparison.Add("y", Tensor.Vector<float>(actual).View, Tensor.Vector<float>(expected).View);
        return comparison;
    }

    private static Tensor Scaled(Tensor value, float by)
    {
        Tensor scaled = value.Clone();
        foreach (ref float x in scaled.Span<float>()) x *= by;
        return scaled;
    }

    private static TrialResult Try(ModelProto model, InterpretedReference reference, TrialFacts? facts = null)
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "model.onnx");
        File.WriteAllBytes(path, model.ToByteArray());
        return new ModelTrial(reference, new SessionOptions { Threads = 1 }, 7, null, _ => { }, TestContext.Current.CancellationToken).Run("model", path, path, facts);
    }
}
