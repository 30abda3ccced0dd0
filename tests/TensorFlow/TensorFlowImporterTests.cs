using System.Text.Json.Nodes;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Conversion;
using Xunit;

namespace EdgeRuntime.Tests.TensorFlow;

/// <summary>What the importer makes of inputs, outputs, names, weights and control flow; and where TensorFlow.js itself fails.</summary>
public class TensorFlowImporterTests
{
    [Fact]
    public void Inputs_and_outputs_have_the_names_of_the_signature()
    {
        using GraphModelFile file = Doubled();
        file.Root["signature"] = JsonNode.Parse("""{"inputs": {"image:0": {"name": "x:0"}}, "outputs": {"twice:0": {"name": "y:0"}, "same": {"name": "x"}}}""");
        using EdgeModel model = file.Import();
        Assert.Equal(["image"], model.Graph.Inputs.Select(i => i.Name));
        Assert.Equal(["twice", "same"], model.Graph.Outputs.Select(o => o.Name));
        Assert.Equal([2f, 4f, 6f], Run(model, 1f, 2f, 3f));
    }

    [Fact]
    public void Without_a_signature_what_nobody_reads_is_an_output()
    {
        using GraphModelFile file = Doubled().Node("checked", "NoOp", ["^y"]);
        using EdgeModel model = file.Import();
        Assert.Equal(["x"], model.Graph.Inputs.Select(i => i.Name));
        Assert.Equal(["y"], model.Graph.Outputs.Select(o => o.Name));
    }

    [Fact]
    public void An_open_batch_is_a_symbol_that_the_caller_may_fix()
    {
        using var file = new GraphModelFile();
        file.Input("x", [-1, 3]).Node("shape", "Shape", ["x"]).Constant<int>("b", [1], 0).Constant<int>("e", [1], 1).Constant<int>("s", [1], 1)
            .Node("batch", "StridedSlice", ["shape", "b", "e", "s"], """{"shrink_axis_mask": {"i": "1"}}""").Constant<int>("three", [], 3)
            .Node("target", "Pack", ["batch", "three"], """{"axis": {"i": "0"}}""").Node("y", "Reshape", ["x", "target"]);
        using EdgeModel open = file.Import();
        Assert.Equal("f32[batch x 3]", open.Graph.Inputs[0].Type.Format(open.Graph.Symbols));
        Assert.Equal([1f, 2, 3, 4, 5, 6], GraphInterpreter.Run(open.Graph, [Tensor.From<float>(new Shape(2, 3), 1, 2, 3, 4, 5, 6).View])[0].Span<float>().ToArray());
        using EdgeModel one = file.Import(("x", new Shape(1, 3)));
        Assert.Equal("f32[1x3]", one.Graph.Outputs[0].Value.Type.ToString());
    }

    [Theory]
    [InlineData("""{"dtype": "uint8", "scale": 0.5, "min": -1}""", new byte[] { 0, 2, 255 }, new[] { -1f, 0, 126.5f })]
    [InlineData("""{"dtype": "uint16", "scale": 0.25, "min": 1}""", new byte[] { 0, 0, 1, 0, 0, 1 }, new[] { 1f, 1.25f, 65f })]
    [InlineData("""{"dtype": "float16"}""", new byte[] { 0, 0x3C, 0, 0xC0, 0x66, 0x2E }, new[] { 1f, -2f, 0.0999755859375f })]
    public void Quantized_weights_are_widened(string quantization, byte[] stored, float[] expected)
    {
        using var file = new GraphModelFile();
        file.Input("x", [3]).Weight("w", "float32", [3], stored, quantization).Node("w", "Const", []).Node("y", "Add", ["x", "w"]);
        using EdgeModel model = file.Import();
        Assert.Equal(expected, Run(model, 0f, 0f, 0f));
    }

    [Fact]
    public void Weights_of_16_bits_stay_so_in_the_file_and_lose_nothing()
    {
        using var file = new GraphModelFile();
        byte[] halves = [.. Enumerable.Range(0, 1024).SelectMany(i => BitConverter.GetBytes((Half)(i / 7f)))];
        file.Input("x", [1, 32]).Weight("w", "float32", [32, 32], halves, """{"dtype": "float16"}""").Node("w", "Const", []).Node("y", "MatMul", ["x", "w"]);
        ConversionResult result = Converter.Convert(file.Write());
        using EdgeModel model = result.Model;
        Assert.Equal(1, result.HalfWeights);
        Value weight = Assert.Single(model.Graph.Constants);
        Assert.Equal(DataType.F16, weight.Type.DataType);
        Assert.Equal(halves, weight.Constant!.View.Bytes.ToArray());
    }

    [Fact]
    public void Weights_of_8_bits_stay_so_in_the_file()
    {
        using var file = new GraphModelFile();
        byte[] integers = [.. Enumerable.Range(0, 2048).Select(i => (byte)(i * 7))];
        file.Input("x", [1, 32]).Weight("w", "float32", [32, 64], integers, """{"dtype": "uint8", "scale": 0.0123456789, "min": -1.2345678900000001}""").Node("w", "Const", []).Node("y", "MatMul", ["x", "w"]);
        ConversionResult result = Converter.Convert(file.Write());
        using EdgeModel model = result.Model;
        Assert.Equal(1, result.ByteWeights);
        Assert.Equal(integers, model.Graph.Constants.Single(c => c.Type.DataType == DataType.U8 && c.Type.Shape.Count > 1).Constant!.View.Bytes.ToArray());
        Tensor x = Tensor.From<float>(new Shape(1, 32), [.. Enumerable.Range(0, 32).Select(i => i == 3 ? 1f : 0f)]);
        float[] y = GraphInterpreter.Run(model.Graph, [x.View])[0].Span<float>().ToArray();
        for (int i = 0; i < 64; i++) Assert.Equal((float)(integers[3 * 64 + i] * 0.0123456789 - 1.2345678900000001), y[i], 1e-6f);
    }

    [Fact]
    public void A_loop_of_known_turns_is_unrolled()
    {
        using GraphModelFile file = Loop(turns: 3);
        using EdgeModel model = file.Import();
        // x, doubled in each turn.
        Assert.Equal([8f, 16f, 24f], Run(model, 1f, 2f, 3f));
        Assert.Equal(3, model.Graph.Nodes.Count);
    }

    [Theory]
    [InlineData(1_000_000, "turns")]
    [InlineData(-1, "")]
    public void A_loop_that_is_too_long_is_refused_and_one_of_no_turns_passes_its_input(int turns, string problem)
    {
        using GraphModelFile file = Loop(turns);
        if (problem.Length > 0) Assert.Contains(problem, Assert.Throws<EdgeException>(() => file.Import()).Problem);
        else Assert.Equal([1f, 2f, 3f], Run(file.Import(), 1f, 2f, 3f));
    }

    [Fact]
    public void A_branch_with_a_constant_condition_is_decided_and_one_that_depends_on_data_refused()
    {
        using var file = new GraphModelFile();
        file.Input("x", [3]).Input("p", [], "DT_BOOL").Constant<bool>("yes", [], true).Constant<float>("two", [], 2)
            .Node("switch", "Switch", ["x", "yes"]).Node("no", "Neg", ["switch"]).Node("taken", "Mul", ["switch:1", "two"]).Node("y", "Merge", ["no", "taken"]);
        using EdgeModel model = file.Import();
        Assert.Equal([2f, 4f, 6f], Run(model, 1f, 2f, 3f));
        file.Nodes.First(n => (string)n!["name"]! == "switch")!["input"]![1] = "p";
        EdgeException error = Assert.Throws<EdgeException>(() => file.Import());
        Assert.Equal(ErrorCode.UnsupportedTensorFlow, error.Code);
        Assert.Contains("Switch, Merge", error.Problem);
    }

    [Fact]
    public void Lists_collect_what_loops_compute()
    {
        using var file = new GraphModelFile();
        file.Input("x", [2, 3]).Constant<int>("shape", [1], 3).Constant<int>("n", [], 2).Constant<int>("zero", [], 0).Constant<int>("one", [], 1)
            .Node("from", "TensorListFromTensor", ["x", "shape"]).Node("list", "TensorListReserve", ["shape", "n"])
            .Node("a", "TensorListGetItem", ["from", "zero", "shape"]).Node("b", "TensorListGetItem", ["from", "one", "shape"])
            .Node("l1", "TensorListSetItem", ["list", "one", "a"]).Node("l2", "TensorListSetItem", ["l1", "zero", "b"]).Node("y", "TensorListStack", ["l2", "shape"]);
        using EdgeModel model = file.Import();
        Assert.Equal([4f, 5, 6, 1, 2, 3], GraphInterpreter.Run(model.Graph, [Tensor.From<float>(new Shape(2, 3), 1, 2, 3, 4, 5, 6).View])[0].Span<float>().ToArray());
    }

    // x[1, ..., None, ::2] and x[5:1], at which TensorFlow.js 4.22.0 itself fails, and a vector that selects rows.
    [Fact]
    public void Slices_with_an_ellipsis_and_a_new_axis()
    {
        using var file = new GraphModelFile();
        file.Input("x", [2, 3, 4]).Constant<int>("b", [4], 1, 0, 0, 0).Constant<int>("e", [4], 2, 0, 0, 0).Constant<int>("s", [4], 1, 1, 1, 2)
            .Node("y", "StridedSlice", ["x", "b", "e", "s"], """{"shrink_axis_mask": {"i": "1"}, "ellipsis_mask": {"i": "2"}, "new_axis_mask": {"i": "4"}, "begin_mask": {"i": "8"}, "end_mask": {"i": "8"}}""");
        using EdgeModel model = file.Import();
        Tensor y = GraphInterpreter.Run(model.Graph, [Tensor.From<float>(new Shape(2, 3, 4), [.. Enumerable.Range(0, 24).Select(i => (float)i)]).View])[0];
        Assert.Equal("f32[3x1x2]", y.Type.ToString());
        Assert.Equal([12f, 14, 16, 18, 20, 22], y.Span<float>().ToArray());
    }

    [Fact]
    public void A_slice_may_be_empty_and_its_bounds_computed()
    {
        using var file = new GraphModelFile();
        file.Input("x", [4]).Input("at", [1], "DT_INT32").Constant<int>("five", [1], 5).Constant<int>("one", [1], 1)
            .Node("none", "StridedSlice", ["x", "five", "one", "one"]).Node("y", "StridedSlice", ["x", "at", "at", "one"], """{"shrink_axis_mask": {"i": "1"}}""");
        using EdgeModel model = file.Import();
        foreach ((int at, float expected) in ((int, float)[])[(0, 1), (2, 3), (-1, 4)])
        {
            Tensor[] results = GraphInterpreter.Run(model.Graph, [Tensor.Vector<float>(1, 2, 3, 4).View, Tensor.Vector(at).View]);
            Assert.Equal("f32[0]", results[0].Type.ToString());
            Assert.Equal([expected], results[1].Span<float>().ToArray());
        }
    }

    [Fact]
    public void A_vector_of_conditions_selects_rows()
    {
        using var file = new GraphModelFile();
        file.Input("x", [2, 2]).Constant<bool>("rows", [2], true, false).Constant<float>("zero", [2, 2], 0, 0, 0, 0).Node("y", "Select", ["rows", "x", "zero"]);
        using EdgeModel model = file.Import();
        Assert.Equal([1f, 2, 0, 0], GraphInterpreter.Run(model.Graph, [Tensor.From<float>(new Shape(2, 2), 1, 2, 3, 4).View])[0].Span<float>().ToArray());
    }

    [Fact]
    public void Everything_that_cannot_be_imported_is_listed_at_once()
    {
        using var file = new GraphModelFile();
        file.Input("x", [2]).Node("a", "HashTableV2", []).Node("b", "StringSplit", ["x"]).Node("c", "StringSplit", ["b:1"]).Node("d", "Relu", ["nowhere"])
            .Node("e", "Softplus", ["x"]).Node("f", "Cast", ["x"], """{"DstT": {"type": "DT_STRING"}}""").Node("g", "Transpose", ["x", "x"]).Constant<float>("w", [2], 1, 2).Node("h", "GatherV2", ["x", "w", "w"]);
        EdgeException error = Assert.Throws<EdgeException>(() => file.Import());
        Assert.Equal(ErrorCode.UnsupportedTensorFlow, error.Code);
        foreach (string part in (string[])["StringSplit (2×)", "HashTableV2 (1×)", "'nowhere'", "'DstT'", "'g'", "'h'"]) Assert.Contains(part, error.Problem);
        Assert.DoesNotContain("'e'", error.Problem);
    }

    [Fact]
    public void Nodes_that_depend_on_themselves_are_found()
    {
        using var file = new GraphModelFile();
        file.Input("x", [2]).Node("a", "Add", ["x", "b"]).Node("b", "Relu", ["a"]).Node("y", "Neg", ["b"]);
        Assert.Contains("depends on itself", Assert.Throws<EdgeException>(() => file.Import()).Problem);
    }

    [Fact]
    public void A_chain_deeper_than_the_stack_is_imported()
    {
        using var file = new GraphModelFile();
        file.Input("n0", [2]);
        for (int i = 1; i <= 20_000; i++) file.Node($"n{i}", "Neg", [$"n{i - 1}"]);
        using EdgeModel model = file.Import();
        Assert.Equal(20_000, model.Graph.Nodes.Count);
    }

    private static GraphModelFile Doubled() => new GraphModelFile().Input("x", [3]).Constant<float>("two", [], 2).Node("y", "Mul", ["x", "two"]);

    /// <summary>for (i = 0; i &lt; turns; i++) x = 2 · x, as the first version of control flow has it.</summary>
    private static GraphModelFile Loop(int turns) => new GraphModelFile()
        .Input("x", [3]).Constant<int>("zero", [], 0).Constant<int>("turns", [], turns).Constant<int>("one", [], 1).Constant<float>("two", [], 2)
        .Node("enter_i", "Enter", ["zero"], Frame).Node("enter_x", "Enter", ["x"], Frame)
        .Node("merge_i", "Merge", ["enter_i", "next_i"]).Node("merge_x", "Merge", ["enter_x", "next_x"])
        .Node("less", "Less", ["merge_i", "turns"]).Node("loop", "LoopCond", ["less"])
        .Node("switch_i", "Switch", ["merge_i", "loop"]).Node("switch_x", "Switch", ["merge_x", "loop"])
        .Node("add", "Add", ["switch_i:1", "one"]).Node("double", "Mul", ["switch_x:1", "two"])
        .Node("next_i", "NextIteration", ["add"]).Node("next_x", "NextIteration", ["double"]).Node("y", "Exit", ["switch_x"]);

    private const string Frame = """{"frame_name": {"s": "bG9vcA=="}}""";

    private static float[] Run(EdgeModel model, params ReadOnlySpan<float> x) =>
        GraphInterpreter.Run(model.Graph, [Tensor.Vector(x).View, .. model.Graph.Inputs.Skip(1).Select(i => new Tensor(i.Type).View)])[0].Span<float>().ToArray();
}
