using EdgeRuntime.Graphs;
using EdgeRuntime.Planning;
using EdgeRuntime.Tests.Unit;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Onnx.Proto;
using Xunit;

namespace EdgeRuntime.Tests.Conversion;

/// <summary>Models of many nodes, most of which are edited: the number of rounds must not grow with the number of nodes.</summary>
public class LargeModelTests
{
    private const int Many = 2_000;

    [Fact]
    public void A_long_chain_is_converted_and_planned()
    {
        var nodes = new List<NodeProto>();
        string at = "x";
        while (nodes.Count < Many)
        {
            // Of these eight, six vanish: the identity, the transposes in pairs, and what is fused.
            Add("Identity");
            Add("Transpose", OnnxModels.Ints("perm", 1, 0));
            Add("Sigmoid");
            Add("Transpose", OnnxModels.Ints("perm", 1, 0));
            AddSecond("Mul", "two");
            Add("Relu");
            AddSecond("Add", "two");
            Add("Tanh");
        }
        ModelProto proto = Model(nodes, at);
        Graph graph = Converter.Convert(proto.AsRead()).Model.Graph;
        GraphVerifier.Verify(graph);
        Assert.DoesNotContain(graph.Nodes, n => n.Operator.Name is "Transpose");
        Assert.InRange(graph.Nodes.Count, Many / 4, Many / 8 * 5);

        // Two tensors are alive at a time, whatever the length.
        Graph bound = GraphBinding.Bind(graph, [new(2, 3)]);
        Assert.InRange(Planner.Plan(bound).ArenaBytes, ExecutionPlan.Alignment, ExecutionPlan.Alignment * 8);

        void Add(string op, params AttributeProto[] attributes)
        {
            NodeProto node = OnnxModels.Node(op, $"n{nodes.Count}", [at], at = $"v{nodes.Count}");
            node.Attribute.AddRange(attributes);
            nodes.Add(node);
        }

        void AddSecond(string op, string second) => nodes.Add(OnnxModels.Node(op, $"n{nodes.Count}", [at, second], at = $"v{nodes.Count}"));
    }

    [Fact]
    public void A_value_with_many_readers_is_converted_and_planned()
    {
        var nodes = new List<NodeProto> { OnnxModels.Node("Identity", "hub", ["x"], "hub") };
        var results = new List<string>();
        for (int i = 0; i < Many / 4; i++)
        {
            NodeProto node = OnnxModels.Node("LeakyRelu", $"a{i}", ["hub"], $"a{i}");
            node.Attribute.Add(OnnxModels.Float("alpha", i * 0.001f));
            nodes.Add(node);
            nodes.Add(OnnxModels.Node("Identity", $"b{i}", [$"a{i}"], $"b{i}"));
            results.Add($"b{i}");
        }
        nodes.Add(OnnxModels.Node("Sum", "sum", [.. results], "y"));
        Graph graph = Converter.Convert(Model(nodes, "y").AsRead()).Model.Graph;
        GraphVerifier.Verify(graph);
        Assert.DoesNotContain(graph.Nodes, n => n.Name.StartsWith('b'));
        Planner.Plan(GraphBinding.Bind(graph, [new(2, 3)]));
    }

    private static ModelProto Model(List<NodeProto> nodes, string output)
    {
        ModelProto proto = OnnxModels.Model([.. nodes]);
        proto.Graph.Initializer.Add(OnnxModels.Floats("two", [1], 2));
        proto.Graph.Output[0].Name = output;
        return proto;
    }
}
