using EdgeRuntime.Diagnostics;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Graphs;

/// <summary>Builds a graph node by node, inferring types on the way. Importers, the file reader and tests use it.</summary>
internal sealed class GraphBuilder(string name)
{
    private readonly List<Value> inputs = [];
    private readonly List<Node> nodes = [];
    private readonly List<GraphOutput> outputs = [];
    private readonly List<string> symbols = [];

    /// <summary>A builder of a graph inside an operator, which has the symbols known so far.</summary>
    public GraphBuilder Nested(string graphName)
    {
        var nested = new GraphBuilder(graphName);
        nested.symbols.AddRange(symbols);
        return nested;
    }

    /// <summary>The dimension for a symbol's name, the same for the same name.</summary>
    public int Symbol(string symbol)
    {
        int index = symbols.IndexOf(symbol);
        if (index < 0)
        {
            index = symbols.Count;
            symbols.Add(symbol);
        }
        return Shape.Symbol(index);
    }

    /// <summary>Adds a graph input.</summary>
    public Value Input(string valueName, TensorType type)
    {
        var value = new Value(valueName, type);
        inputs.Add(value);
        return value;
    }

    /// <summary>A constant; it belongs to the graph once a node reads it.</summary>
    public Value Constant(string valueName, Tensor tensor) => new(valueName, tensor.Type, tensor);

    /// <summary>Adds a node and infers the types of its outputs.</summary>
    /// <exception cref="EdgeException">The operator refuses its operands; the message names the node.</exception>
    public Value[] Add(string nodeName, Operator op, params ReadOnlySpan<Value?> operands)
    {
        Node node = Create(nodeName, op, operands);
        nodes.Add(node);
        return [.. node.Outputs];
    }

    /// <summary>Adds a node made by <see cref="Create"/>.</summary>
    public void Add(Node node) => nodes.Add(node);

    /// <summary>Adds a node of one output.</summary>
    public Value Add1(string nodeName, Operator op, params ReadOnlySpan<Value?> operands) => Add(nodeName, op, operands)[0];

    /// <summary>Declares a result.</summary>
    public void Output(string outputName, Value value) => outputs.Add(new GraphOutput(outputName, value));

    /// <summary>The finished graph, verified.</summary>
    /// <param name="isInferred">True when each node came from <see cref="Create"/> with values that were there before it: then its types hold, and nothing can be read before it is written.</param>
    public Graph Build(bool isInferred = false) => Build(inputs, isInferred);

    /// <summary>The finished graph with its inputs in another order, and perhaps some that nothing reads.</summary>
    public Graph Build(List<Value> inputOrder, bool isInferred = false)
    {
        var graph = new Graph(name, inputOrder, nodes, outputs, symbols);
        if (isInferred) GraphVerifier.VerifyInputs(graph);
        else GraphVerifier.Verify(graph);
        return graph;
    }

    /// <summary>A node with inferred outputs, not yet part of a graph.</summary>
    internal static Node Create(string nodeName, Operator op, ReadOnlySpan<Value?> operands)
    {
        TensorType[] types;
        Operand[] known = Node.Operands(operands);
        try
        {
            types = op.Infer(known);
        }
        catch (EdgeException e)
        {
            throw new EdgeException(e.Code, $"node '{nodeName}': {e.Problem}", e.Remedy, e);
        }
        catch (OverflowException e)
        {
            throw new EdgeException(ErrorCode.InvalidShape, $"node '{nodeName}' ({op.Name}): a dimension exceeds 2^31.", null, e);
        }
        var outputs = new Value[types.Length];
        for (int i = 0; i < types.Length; i++) outputs[i] = new Value(i == 0 ? nodeName : $"{nodeName}:{i}", types[i]);
        if (outputs.Length == 1) outputs[0].Elements = ShapeElements.Of(op, known, types[0]);
        return new Node(nodeName, op, operands.ToArray(), outputs);
    }
}
