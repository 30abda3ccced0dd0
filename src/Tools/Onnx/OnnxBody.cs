using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Onnx.Proto;

namespace EdgeRuntime.Tools.Onnx;

/// <summary>
/// A node's subgraph on its way to becoming a body. What it reads from around the node becomes inputs after its own; constants are known inside, too.
/// </summary>
internal sealed class OnnxBody
{
    private static readonly Tensor True = Tensor.Scalar(true);

    private readonly OnnxImporter importer;
    private readonly GraphBuilder builder;
    private readonly List<Value> own = [];
    private readonly List<Value> captures = [];
    private readonly Dictionary<Value, Value> inside = [];
    private readonly bool forgetsSizes;
    private Value[] outputs = [];

    private OnnxBody(OnnxImporter importer, GraphBuilder builder, bool forgetsSizes) => (this.importer, this.builder, this.forgetsSizes) = (importer, builder, forgetsSizes);

    /// <summary>Values from around the node that the body reads.</summary>
    public IReadOnlyList<Value> Captures => captures;

    /// <summary>The types of what it computes.</summary>
    public TensorType[] OutputTypes => Array.ConvertAll(outputs, o => o.Type);

    /// <summary>Imports a subgraph.</summary>
    /// <param name="importer">The importer.</param>
    /// <param name="node">The node that has it.</param>
    /// <param name="attribute">Where it is.</param>
    /// <param name="inputs">The types that the operator gives to its inputs; a truth value is known to be true.</param>
    /// <param name="forgetsSizes">True to know nothing but the ranks of what it reads from around the node.</param>
    /// <exception cref="EdgeException">There is none, or it cannot be imported.</exception>
    public static OnnxBody Import(OnnxImporter importer, OnnxNode node, string attribute, ReadOnlySpan<TensorType> inputs, bool forgetsSizes = false)
    {
        GraphProto proto = node.Attributes.Graph(attribute) ?? throw node.Problem($"it has no subgraph '{attribute}'");
        if (node.Scope.Bodies >= EdgeFormat.DeepestBody) throw node.Problem($"subgraphs nest more than {EdgeFormat.DeepestBody} deep");
        if (proto.Input.Count != inputs.Length) throw node.Problem($"its subgraph '{attribute}' has {proto.Input.Count} inputs, expected {inputs.Length}");
        var body = new OnnxBody(importer, importer.Builder.Nested($"{node.Name}/{attribute}"), forgetsSizes);
        var scope = new OnnxScope(node.Scope, "", node.Scope.Opsets)
        {
            Arguments = node.Scope.Arguments, Calls = node.Scope.Calls, Depth = node.Scope.Depth + 1, Bodies = node.Scope.Bodies + 1, Adopt = body.Adopt,
        };
        for (int i = 0; i < inputs.Length; i++) scope.Define(proto.Input[i].Name, body.Declare(proto.Input[i], inputs[i]));
        body.outputs = importer.ImportInto(body.builder, proto, scope, name => node.Problem($"its subgraph '{attribute}' could not be imported: '{name}'"));
        if (node.OpType == "Loop") body.KeepOptional(proto);
        return body;
    }

    /// <summary>What a loop carries as an optional value stays one, also where a run gives the value itself.</summary>
    private void KeepOptional(GraphProto proto)
    {
        for (int i = Loop.FirstCarried; i < proto.Input.Count && i - 1 < outputs.Length; i++)
        {
            Value output = outputs[i - 1];
            if (!OnnxType.IsKept(proto.Input[i].Type) || importer.TypeOf(output) is not { } actual || OnnxType.From(proto.Input[i].Type).Depth != actual.Depth + 1) continue;
            outputs[i - 1] = builder.Add1($"{output.Name}/optional", new SequenceConstruct(), output);
        }
    }

    /// <summary>
    /// Imports a branch. One that was made for other shapes than those that are fixed now is imported for any: it will not be taken, and refuses them when it is.
    /// </summary>
    public static OnnxBody ImportBranch(OnnxImporter importer, OnnxNode node, string attribute)
    {
        int problems = importer.Problems.Count;
        try
        {
            OnnxBody body = Import(importer, node, attribute, []);
            if (importer.Problems.Count == problems) return body;
            importer.Problems.ForgetSince(problems);
        }
        catch (EdgeException) when (importer.Problems.Count > problems)
        {
            // The problems come up again where they are not of shapes.
            importer.Problems.ForgetSince(problems);
        }
        return Import(importer, node, attribute, [], forgetsSizes: true);
    }

    /// <summary>The values that any of the bodies reads.</summary>
    public static Value[] AllCaptures(params ReadOnlySpan<OnnxBody> bodies)
    {
        var all = new List<Value>();
        foreach (OnnxBody body in bodies) all.AddRange(body.captures);
        return [.. all.Distinct()];
    }

    /// <summary>The finished body; its inputs are its own and then those for the given values, whether it reads them or not.</summary>
    public GraphBody Finish(IReadOnlyList<Value> captured)
    {
        for (int i = 0; i < outputs.Length; i++) builder.Output(outputs[i].Name, outputs[i]);
        Graph graph = builder.Build([.. own, .. captured.Select(c => inside.GetValueOrDefault(c) ?? new Value(c.Name, c.Type))]);
        graph.RemoveDeadNodes();
        return new GraphBody(graph);
    }

    private Value Declare(ValueInfoProto declared, TensorType type)
    {
        Value input = builder.Input(declared.Name, type);
        own.Add(input);
        if (OnnxType.IsKept(declared.Type)) importer.SetType(input, OnnxType.From(declared.Type));
        Value seen = type.DataType == DataType.Bool && type.Shape.Rank == 0 ? builder.Constant(declared.Name, True) : input;
        // Some writers give the number of a run, and the condition, one dimension.
        return type.Shape.Rank == 0 && declared.Type?.TensorType?.Shape?.Dim.Count == 1 ? builder.Add1($"{declared.Name}/vector", new Reshape { Target = [1] }, seen) : seen;
    }

    private Value Adopt(Value outer)
    {
        if (inside.TryGetValue(outer, out Value? known)) return known;
        if (outer.Constant is null) captures.Add(outer);
        Value adopted = inside[outer] = outer.Constant is not null ? outer.Copy() : builder.Input(outer.Name, Seen(outer.Type));
        if (importer.TypeOf(outer) is { Element: not null } type) importer.SetType(adopted, type);
        return adopted;
    }

    private TensorType Seen(in TensorType outer) =>
        forgetsSizes && !outer.Shape.IsUnranked && outer.DataType != DataType.Sequence ? outer with { Shape = Shape.OfRank(outer.Shape.Rank) } : outer;
}
