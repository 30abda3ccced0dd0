using EdgeRuntime.Diagnostics;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Passes;

/// <summary>
/// Runs passes inside the bodies of operators, for the types that these are given: constants from around are known inside, shape arithmetic is folded, and what no body
/// reads any more is no input of the operator.
/// </summary>
/// <param name="passes">The passes.</param>
internal sealed class BodyPasses(IReadOnlyList<GraphPass> passes)
{
    /// <summary>The operators that are done, and the types of what they were given: narrower ones are worth another look.</summary>
    private readonly Dictionary<Operator, TensorType[]> done = [];

    /// <summary>Goes through the bodies of all nodes; how many nodes have others now.</summary>
    public int Run(Graph graph)
    {
        int changed = 0;
        foreach (Node node in graph.Nodes.Where(n => n.Operator.Bodies.Count > 0).ToArray())
        {
            if (done.TryGetValue(node.Operator, out TensorType[]? types) && types.SequenceEqual(node.InputTypes())) continue;
            GraphPatch patch = Rewrite(node);
            Node rewritten = patch.Nodes[0];
            done[rewritten.Operator] = rewritten.InputTypes();
            graph.Apply(patch);
            changed++;
        }
        if (changed > 0) GraphVerifier.Verify(graph);
        return changed;
    }

    private GraphPatch Rewrite(Node node)
    {
        Operand[] operands = Node.Operands(node.InputArray);
        IReadOnlyList<Body> before = node.Operator.Bodies;
        var after = new Graph[before.Count];
        for (int i = 0; i < after.Length; i++)
        {
            after[i] = Optimize((GraphBody)before[i], node.Operator, i, operands);
        }
        Value?[] inputs = DropUnread(node, after);
        Operator op = BodyExchange.Copy(node.Operator, after.Select(graph => new GraphBody(graph)));
        var patch = new GraphPatch();
        Value[] results = patch.Add(node.Name, op, inputs);
        for (int i = 0; i < results.Length; i++)
        {
            results[i].Name = node.Outputs[i].Name;
            patch.Replace(node.Outputs[i], results[i]);
        }
        return patch;
    }

    private Graph Optimize(GraphBody body, Operator op, int index, Operand[] operands)
    {
        Graph bound;
        try
        {
            bound = GraphBinding.Bind(body.Graph, op.BodyInputs(index, operands), keepGrowing: true);
        }
        catch (EdgeException) when (op is If)
        {
            // A branch that was made for other shapes. It says so itself when it is taken; until then it stays one for any.
            bound = GraphBinding.Bind(body.Graph, [.. body.Inputs.Select(type => new Operand(type))], keepGrowing: true);
        }
        PassPipeline.Run(bound, passes);
        return bound;
    }

    /// <summary>Drops captured inputs that no body reads; the inputs that are left.</summary>
    private static Value?[] DropUnread(Node node, Graph[] bodies)
    {
        List<Value?> inputs = [.. node.Inputs];
        int captures = node.Operator.Captures(inputs.Count);
        for (int fromEnd = 1, left = captures; left > 0; left--)
        {
            int at = fromEnd;
            if (Array.TrueForAll(bodies, b => b.Inputs[^at].Consumers.Count == 0 && !b.IsOutput(b.Inputs[^at])))
            {
                foreach (Graph body in bodies) body.DropInput(body.Inputs.Count - at);
                inputs.RemoveAt(inputs.Count - at);
            }
            else
            {
                fromEnd++;
            }
        }
        return [.. inputs];
    }
}
