using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Onnx.Proto;
using Xunit;
using static EdgeRuntime.Tests.Unit.OnnxModels;

namespace EdgeRuntime.Tests.Unit;

/// <summary>Choices and loops of ONNX models become operators with bodies that read nothing from around them but by inputs.</summary>
public class OnnxControlFlowTests
{
    private const int I64 = 7, Bool = 9;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_choice_captures_what_it_reads(bool condition)
    {
        ModelProto model = Model(Node("Relu", "relu", ["x"], "positive"), Choice("if", "c", "y",
            [Node("Add", "add", ["positive", "two"], "then out")],
            // What a branch inside a branch reads comes in by way of both.
            [Choice("inner", "c", "else out", [Node("Neg", "neg", ["positive"], "neg out")], [Node("Sub", "sub", ["x", "two"], "sub out")])]));
        model.Graph.Input.Add(Info("c", Bool));
        model.Graph.Initializer.Add(Floats("two", [], 2));
        Graph graph = Converted(model);
        Node choice = graph.Nodes.Single(n => n.Operator is If);
        Assert.Equal(["c", "positive", "x"], choice.Inputs.Select(i => i!.Name).Distinct().Order());

        float[] y = Run(graph, [Tensor.From<float>(new Shape(1, 3), -1, 2, 3), Tensor.Scalar(condition)]);
        Assert.Equal(condition ? [2f, 4, 5] : [-3f, 0, 1], y);
    }

    [Theory]
    [InlineData(3, false)]
    [InlineData(20, true)]
    public void Loops_of_few_runs_become_their_nodes(long runs, bool stays)
    {
        ModelProto model = Model(Loop("loop", ["runs", "", "x"], ["y"],
            Body([Info("i", I64), Info("c", Bool), Info("s", F32)], ["c", "next"],
                Node("Cast", "cast", ["i"], "number"), Node("Add", "add", ["s", "number"], "sum"), Node("Add", "again", ["sum", "x"], "next"))));
        ((NodeProto)model.Graph.Node[0].Attribute[0].G.Node[0]).Attribute.Add(Int("to", F32));
        model.Graph.Initializer.Add(new TensorProto { Name = "runs", DataType = I64, Int64Data = { runs } });
        Graph graph = Converted(model);
        Assert.Equal(stays, graph.Nodes.Any(n => n.Operator is Loop));
        Assert.Equal(new float[] { 1, 2, 3 }.Select(x => x * (runs + 1) + runs * (runs - 1) / 2), Run(graph, [Tensor.From<float>(new Shape(1, 3), 1, 2, 3)]));
    }

    [Fact]
    public void A_loop_whose_carried_shape_changes_knows_no_shape_inside()
    {
        // Shape of what is carried, which folding must not take for that of the first run.
        ModelProto model = Model(Loop("loop", ["runs", "", "x"], ["last"],
                Body([Info("i", I64), Info("c", Bool), Info("s", F32)], ["c", "next"], Node("Concat", "join", ["s", "x"], "next"))),
            Node("Shape", "shape", ["last"], "shape"), Node("Cast", "cast", ["shape"], "y"));
        model.Graph.Node[0].Attribute[0].G.Node[0].Attribute.Add(Int("axis", 0));
        model.Graph.Node[2].Attribute.Add(Int("to", F32));
        model.Graph.Input.Add(Info("runs", I64));
        Graph graph = Converted(model);
        Assert.Equal([8f, 3], Run(graph, [Tensor.From<float>(new Shape(2, 3), 1, 2, 3, 4, 5, 6), Tensor.Scalar(3L)]));
    }

    [Fact]
    public void A_branch_for_other_shapes_does_not_stand_in_the_way()
    {
        ModelProto model = Model(Choice("if", "c", "y", [Node("Relu", "relu", ["x"], "then out")], [Node("Add", "add", ["x", "five"], "else out")]));
        model.Graph.Input.Add(Info("c", Bool));
        model.Graph.Initializer.Add(Floats("five", [5], 1, 2, 3, 4, 5));
        model.Graph.Input[0] = Info("x", F32, 1, 3);
        Graph graph = Converted(model);
        Assert.Equal([0f, 2, 3], Run(graph, [Tensor.From<float>(new Shape(1, 3), -1, 2, 3), Tensor.Scalar(true)]));
        Assert.ThrowsAny<EdgeRuntime.Diagnostics.EdgeException>(() => Run(graph, [Tensor.From<float>(new Shape(1, 3), -1, 2, 3), Tensor.Scalar(false)]));
    }

    private static Graph Converted(ModelProto model) => Converter.Convert(model.AsRead()).Model.Graph;

    private static float[] Run(Graph graph, Tensor[] inputs)
    {
        using var session = new InferenceSession(graph, new SessionOptions { Threads = 1 });
        session.Run(Array.ConvertAll(inputs, i => i.View));
        return session.Output(0).Span<float>().ToArray();
    }

    private static NodeProto Choice(string name, string condition, string output, NodeProto[] then, NodeProto[] otherwise)
    {
        NodeProto node = Node("If", name, [condition], output);
        node.Attribute.Add(Sub("then_branch", Body([], [then[^1].Output[0]], then)));
        node.Attribute.Add(Sub("else_branch", Body([], [otherwise[^1].Output[0]], otherwise)));
        return node;
    }

    private static NodeProto Loop(string name, string[] inputs, string[] outputs, GraphProto body)
    {
        NodeProto node = Node("Loop", name, inputs, outputs);
        node.Attribute.Add(Sub("body", body));
        return node;
    }

    private static GraphProto Body(ValueInfoProto[] inputs, string[] outputs, params NodeProto[] nodes)
    {
        var graph = new GraphProto { Name = "body" };
        graph.Input.AddRange(inputs);
        graph.Node.AddRange(nodes);
        graph.Output.AddRange(outputs.Select(o => new ValueInfoProto { Name = o }));
        return graph;
    }

    private static AttributeProto Sub(string name, GraphProto graph) => new() { Name = name, G = graph, Type = AttributeProto.Types.AttributeType.Graph };
}
