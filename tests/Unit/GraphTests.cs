using EdgeRuntime.Diagnostics;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;
using Xunit;

namespace EdgeRuntime.Tests.Unit;

/// <summary>Patches, the verifier, folding and binding.</summary>
public class GraphTests
{
    private static readonly TensorType F32x4 = new(DataType.F32, 4);

    private static Unary Function(UnaryFunction function = UnaryFunction.Neg) => new() { Function = function };

    /// <summary>x → a → b → y.</summary>
    private static Graph Chain(int length = 2)
    {
        var builder = new GraphBuilder("chain");
        Value value = builder.Input("x", F32x4);
        for (int i = 0; i < length; i++) value = builder.Add1($"n{i}", Function(), value);
        builder.Output("y", value);
        return builder.Build();
    }

    [Fact]
    public void A_patch_redirects_readers_and_drops_what_nobody_reads()
    {
        Graph graph = Chain(3);
        Value old = graph.Nodes[1].Outputs[0];
        var patch = new GraphPatch();
        patch.Replace(old, patch.Add1("new", Function(UnaryFunction.Abs), graph.Inputs[0]));
        graph.Apply(patch);
        GraphVerifier.Verify(graph);
        Assert.Equal(["new", "n2"], graph.Nodes.Select(n => n.Name));
        Assert.Empty(old.Consumers);
    }

    [Fact]
    public void A_patch_may_wrap_what_it_replaces()
    {
        Graph graph = Chain();
        Value old = graph.Nodes[0].Outputs[0];
        var patch = new GraphPatch();
        patch.Replace(old, patch.Add1("around", Function(UnaryFunction.Abs), old));
        graph.Apply(patch);
        GraphVerifier.Verify(graph);
        Assert.Equal(["n0", "around", "n1"], graph.Nodes.Select(n => n.Name));
    }

    [Fact]
    public void Outputs_follow_a_patch_and_keep_their_names()
    {
        Graph graph = Chain();
        graph.Apply(new GraphPatch().Replace(graph.Outputs[0].Value, graph.Inputs[0]));
        GraphVerifier.Verify(graph);
        Assert.Empty(graph.Nodes);
        Assert.Equal(("y", graph.Inputs[0]), (graph.Outputs[0].Name, graph.Outputs[0].Value));
    }

    [Fact]
    public void A_value_read_twice_by_one_node_is_replaced_twice()
    {
        var builder = new GraphBuilder("twice");
        Value x = builder.Input("x", F32x4), z = builder.Input("z", F32x4);
        Value y = builder.Add1("y", new Binary { Function = BinaryFunction.Mul }, x, x);
        builder.Output("y", builder.Add1("w", Function(), builder.Add1("v", new Binary(), y, y)));
        Graph graph = builder.Build();
        graph.Apply(new GraphPatch().Replace(y, z));
        GraphVerifier.Verify(graph);
        Assert.Equal([z, z], graph.Nodes[0].Inputs);
        Assert.Equal(2, z.Consumers.Count);
    }

    [Fact]
    public void Cycles_are_refused()
    {
        Graph graph = Chain(4);
        EdgeException error = Assert.Throws<EdgeException>(() => graph.Apply(new GraphPatch().Replace(graph.Nodes[0].Outputs[0], graph.Nodes[2].Outputs[0])));
        Assert.Equal(ErrorCode.InvalidGraph, error.Code);
        Assert.Contains("depends on itself", error.Message);
    }

    [Theory]
    [InlineData(DataType.F16, 4)]
    [InlineData(DataType.F32, 5)]
    public void Another_type_is_refused_and_the_graph_left_alone(DataType type, int size)
    {
        Graph graph = Chain();
        string before = GraphText.Dump(graph);
        var patch = new GraphPatch();
        patch.Replace(graph.Nodes[0].Outputs[0], patch.Constant("c", new Tensor(new TensorType(type, size))));
        Assert.Equal(ErrorCode.InvalidGraph, Assert.Throws<EdgeException>(() => graph.Apply(patch)).Code);
        GraphVerifier.Verify(graph);
        Assert.Equal(before, GraphText.Dump(graph));
    }

    [Fact]
    public void Random_patches_keep_a_graph_valid()
    {
        var random = new Random(11);
        for (int round = 0; round < 50; round++)
        {
            var builder = new GraphBuilder("random");
            var values = new List<Value> { builder.Input("x", F32x4) };
            for (int i = 0; i < 30; i++) values.Add(builder.Add1($"n{i}", new Binary(), values[random.Next(values.Count)], values[random.Next(values.Count)]));
            builder.Output("y", values[^1]);
            builder.Output("z", values[random.Next(values.Count)]);
            Graph graph = builder.Build();
            graph.RemoveDeadNodes();
            for (int edit = 0; edit < 20 && graph.Nodes.Count > 1; edit++)
            {
                int at = random.Next(1, graph.Nodes.Count);
                Value earlier = graph.Nodes[random.Next(at)].Outputs[0];
                var patch = new GraphPatch();
                patch.Replace(graph.Nodes[at].Outputs[0], random.Next(2) == 0 ? earlier : patch.Add1($"e{edit}", Function(), earlier));
                graph.Apply(patch);
                GraphVerifier.Verify(graph);
                Assert.All(graph.Nodes, n => Assert.True(n.Outputs[0].Consumers.Count > 0 || graph.IsOutput(n.Outputs[0])));
            }
        }
    }

    [Fact]
    public void The_verifier_names_each_kind_of_violation()
    {
        var x = new Value("x", F32x4);
        var stranger = new Value("stranger", F32x4);
        Node Step(string name, Value input) => GraphBuilder.Create(name, Function(), [input]);
        void Refused(string what, Graph graph) => Assert.Contains(what, Assert.Throws<EdgeException>(() => GraphVerifier.Verify(graph)).Message);

        Refused("an input is listed twice", new Graph("g", [x, x], [], [], []));
        Refused("two inputs are named 'x'", new Graph("g", [x, new Value("x", F32x4)], [], [], []));
        Refused("reads 'stranger' before anything writes it", new Graph("g", [x], [Step("n", stranger)], [], []));
        Node first = Step("first", x), second = Step("second", first.Outputs[0]);
        Refused("node 'second' reads 'first' before anything writes it", new Graph("g", [x], [second, first], [], []));
        Refused("nothing computes the output 'y'", new Graph("g", [x], [], [new GraphOutput("y", new Value("y", F32x4))], []));
        Node twice = Step("twice", x);
        Refused("'twice' is written by more than one node", new Graph("g", [x], [twice, twice], [], []));

        Node declared = Step("declared", new Value("i", F32x4));
        declared.Outputs[0].Type = new TensorType(DataType.F32, 5);
        Refused("is declared f32[5], but 'declared' (Unary) gives f32[4]", new Graph("g", [declared.Inputs[0]!], [declared], [], []));
        var none = new Node("none", Function(), [new Value("j", F32x4)], []);
        Refused("has 0 outputs, its operator gives 1", new Graph("g", [none.Inputs[0]!], [none], [], []));
        var refused = new Node("refused", new Concat { Axis = 7 }, [new Value("k", F32x4)], [new Value("l", F32x4)]);
        Refused("axis 7", new Graph("g", [refused.Inputs[0]!], [refused], [], []));
    }

    [Fact]
    public void The_verifier_notices_forgotten_and_false_readers()
    {
        Graph graph = Chain();
        Value x = graph.Inputs[0];
        x.ConsumerList.Clear();
        Assert.Contains("does not know its reader 'n0'", Assert.Throws<EdgeException>(() => GraphVerifier.Verify(graph)).Message);
        x.ConsumerList.AddRange([graph.Nodes[0], graph.Nodes[1]]);
        Assert.Contains("lists the reader 'n1'", Assert.Throws<EdgeException>(() => GraphVerifier.Verify(graph)).Message);
    }

    [Fact]
    public void Constants_are_folded_and_growth_is_not()
    {
        var builder = new GraphBuilder("fold");
        Value one = builder.Constant("one", Tensor.From<float>(new Shape(1, 1), 1));
        Value column = builder.Constant("column", new Tensor(new TensorType(DataType.F32, 300, 1)));
        Value row = builder.Constant("row", new Tensor(new TensorType(DataType.F32, 1, 300)));
        Value minus = builder.Add1("minus", Function(), one);
        Value grown = builder.Add1("grown", new Binary(), column, row);
        builder.Output("minus", minus);
        builder.Output("grown", grown);
        Graph graph = builder.Build();
        FoldAll(graph, keepGrowing: true);
        Assert.Equal(["grown"], graph.Nodes.Select(n => n.Name));
        Assert.Equal([-1f], graph.Outputs[0].Value.Constant!.Span<float>().ToArray());
        FoldAll(graph, keepGrowing: false);
        Assert.Empty(graph.Nodes);
    }

    private static void FoldAll(Graph graph, bool keepGrowing)
    {
        foreach (Node node in graph.Nodes.ToArray())
            if (ConstantFolding.Fold(node, keepGrowing) is { } patch) graph.Apply(patch);
    }

    [Fact]
    public void Binding_gives_symbols_one_size()
    {
        var builder = new GraphBuilder("symbols");
        int n = builder.Symbol("n");
        Value a = builder.Input("a", new TensorType(DataType.F32, n, 2)), b = builder.Input("b", new TensorType(DataType.F32, n, 2));
        builder.Output("y", builder.Add1("y", new Concat { Axis = 0 }, a, b));
        Graph graph = builder.Build();

        Graph bound = GraphBinding.Bind(graph, [new Shape(3, 2), new Shape(3, 2)]);
        Assert.Equal(new Shape(6, 2), bound.Outputs[0].Value.Type.Shape);
        Assert.False(graph.IsStatic);
        EdgeException error = Assert.Throws<EdgeException>(() => GraphBinding.Bind(graph, [new Shape(3, 2), new Shape(4, 2)]));
        Assert.Equal(ErrorCode.InputMismatch, error.Code);
        Assert.Contains("'n' is 3", error.Message);
        Assert.Throws<EdgeException>(() => GraphBinding.Bind(graph, [new Shape(3, 5), new Shape(3, 5)]));
    }

    [Fact]
    public void Binding_keeps_quantization()
    {
        var quantization = new Quantization(0.5f, 3);
        var builder = new GraphBuilder("quantized");
        Value y = builder.Add1("y", new Binary { Function = BinaryFunction.Max }, builder.Input("a", new TensorType(DataType.U8, 4)), builder.Input("b", new TensorType(DataType.U8, 4)));
        y.Type = y.Type with { Quantization = quantization };
        builder.Output("y", y);
        Graph bound = GraphBinding.Bind(builder.Build(), [new Shape(4), new Shape(4)]);
        Assert.Equal(quantization, bound.Outputs[0].Value.Type.Quantization);
    }

    [Fact]
    public void Thousands_of_nodes_are_no_trouble()
    {
        Graph graph = Chain(5000);
        Assert.Equal(5000, GraphBinding.Bind(graph, [new Shape(4)]).Nodes.Count);
        foreach (Node node in graph.Nodes.ToArray())
        {
            var patch = new GraphPatch();
            graph.Apply(patch.Replace(node.Outputs[0], patch.Add1("r", Function(UnaryFunction.Abs), node.Inputs[0])));
        }
        GraphVerifier.Verify(graph);
        Assert.All(graph.Nodes, n => Assert.Equal("r", n.Name));
    }
}
