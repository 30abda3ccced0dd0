using EdgeRuntime.Diagnostics;
using EdgeRuntime.Tools.Onnx;
using EdgeRuntime.Tools.Onnx.Proto;
using Xunit;
using static EdgeRuntime.Tests.Unit.OnnxModels;

namespace EdgeRuntime.Tests.Unit;

/// <summary>Small models that ask for much: each was found by changing real ones at random.</summary>
public class ImporterBoundsTests
{
    [Fact]
    public void A_function_that_calls_itself_is_named_in_a_short_error()
    {
        ModelProto model = Model(Node("Loopy", "call", ["x"], "y"));
        var function = new FunctionProto { Name = "Loopy", Domain = "" };
        function.Input.Add("i");
        function.Output.Add("o");
        function.Node.Add(Node("Loopy", "first", ["i"], "m"));
        function.Node.Add(Node("Loopy", "second", ["m"], "o"));
        model.Functions.Add(function);
        EdgeException error = Assert.Throws<EdgeException>(() => OnnxImporter.Import(model.AsRead()));
        Assert.Contains("'Loopy' calls itself", error.Problem);
        Assert.InRange(error.Problem.Length, 0, 1000);
    }

    [Fact]
    public void Long_names_are_cut_in_errors()
    {
        EdgeException error = Assert.Throws<EdgeException>(() => OnnxImporter.Import(Model(Node("Relu", new string('n', 1_000_000), ["missing"], "y")).AsRead()));
        Assert.InRange(error.Problem.Length, 100, 2000);
        Assert.Contains("missing", error.Problem);
    }
}
