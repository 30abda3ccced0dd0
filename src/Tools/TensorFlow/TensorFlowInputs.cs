using EdgeRuntime.Diagnostics;
using EdgeRuntime.Graphs;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Conversion;

namespace EdgeRuntime.Tools.TensorFlow;

/// <summary>Declares the model's inputs: those of the signature, else its placeholders. What is open gets a symbol, unless the caller fixes it.</summary>
/// <param name="model">The model.</param>
/// <param name="builder">Receives the inputs.</param>
/// <param name="problems">Told what is wrong.</param>
internal sealed class TensorFlowInputs(TensorFlowModel model, GraphBuilder builder, ImportProblems problems)
{
    /// <summary>Adds the inputs to the graph; the values by the name of their node, null for those that make no sense.</summary>
    /// <param name="reachable">The nodes that outputs depend on.</param>
    /// <param name="fixedShapes">Shapes that the caller fixes, by input name.</param>
    public Dictionary<string, Value?> Import(IReadOnlySet<string> reachable, IReadOnlyDictionary<string, Shape> fixedShapes)
    {
        List<SignaturePort> ports = [.. model.Inputs];
        foreach (NodeDefinition node in model.Nodes.Values)
            if (node.Operator == "Placeholder" && reachable.Contains(node.Name) && !ports.Exists(p => p.Source.Node == node.Name))
                ports.Add(new SignaturePort(node.Name, new NodeReference(node.Name, 0), Shape.Unranked));
        foreach (string name in fixedShapes.Keys.Where(name => ports.TrueForAll(p => p.Name != name)))
            problems.Add($"a shape is given for the input '{name}', which the model has not; it has {string.Join(", ", ports.Select(p => $"'{p.Name}'"))}");

        var values = new Dictionary<string, Value?>(StringComparer.Ordinal);
        foreach (SignaturePort port in ports)
        {
            Value? value = null;
            try
            {
                value = builder.Input(port.Name, TypeOf(port, fixedShapes, only: ports.Count == 1));
            }
            catch (EdgeException e)
            {
                problems.Add($"input '{port.Name}': {e.Problem.TrimEnd('.')}");
            }
            if (!values.TryAdd(port.Source.Node, value)) problems.Add($"input '{port.Name}': the signature has its node '{port.Source.Node}' twice");
        }
        return values;
    }

    private TensorType TypeOf(SignaturePort port, IReadOnlyDictionary<string, Shape> fixedShapes, bool only)
    {
        if (!model.Nodes.TryGetValue(port.Source.Node, out NodeDefinition? node) || node.Operator is not ("Placeholder" or "PlaceholderWithDefault"))
            throw TensorFlowTypes.Malformed($"the model has no placeholder '{port.Source.Node}'");
        var attributes = new TensorFlowAttributes(node.Attributes);
        DataType type = attributes.Type("dtype", DataType.F32);
        Shape shape = Narrower(attributes.Shape("shape"), port.Shape);
        if (attributes.Problems.Count > 0) throw TensorFlowTypes.Malformed(attributes.Problems[0]);
        if (fixedShapes.TryGetValue(port.Name, out Shape given))
        {
            if (!shape.Accepts(given)) throw new EdgeException(ErrorCode.UnsupportedTensorFlow, $"the shape {given} does not fit the model's {shape}");
            shape = given;
        }
        for (int axis = 0; axis < shape.Rank; axis++)
        {
            // The first axis of one picture, and of several, is what TensorFlow calls the batch.
            string symbol = only && axis == 0 ? "batch" : $"{port.Name}_{axis}";
            if (shape[axis] < 0) shape = shape.With(axis, builder.Symbol(symbol));
        }
        return new TensorType(type, shape);
    }

    /// <summary>What either of two declarations of a shape knows.</summary>
    private static Shape Narrower(Shape node, Shape signature)
    {
        if (node.IsUnranked || signature.IsUnranked) return node.IsUnranked ? signature : node;
        if (!node.Accepts(signature)) throw TensorFlowTypes.Malformed($"its shape is {node} in the graph and {signature} in the signature");
        for (int axis = 0; axis < node.Rank; axis++)
            if (node[axis] < 0) node = node.With(axis, signature[axis]);
        return node;
    }
}
