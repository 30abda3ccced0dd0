using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Pipelines;

/// <summary>Puts preprocessing in front of a graph.</summary>
internal static class PictureGraph
{
    private static readonly int[] ChannelsLast = [0, 2, 3, 1];

    /// <summary>A copy of the graph whose picture input takes bytes; constants are shared with the original.</summary>
    /// <param name="graph">The graph; it is not changed.</param>
    /// <param name="input">Which input takes the picture: 1x3xHxW or 1xHxWx3 floats; of a grey one 1x1xHxW or 1xHxWx1.</param>
    /// <param name="picture">Shape of the bytes.</param>
    /// <param name="preprocessing">What makes the input of them; the order of its dimensions is set here.</param>
    /// <param name="grey">True when the input has one channel, the sum of the three that preprocessing makes.</param>
    public static Graph InFront(Graph graph, int input, in Shape picture, ImageToTensor preprocessing, bool grey = false)
    {
        var builder = new GraphBuilder(graph.Name);
        foreach (string symbol in graph.Symbols) builder.Symbol(symbol);
        var map = new Dictionary<Value, Value>();
        for (int i = 0; i < graph.Inputs.Count; i++)
            map[graph.Inputs[i]] = builder.Input(graph.Inputs[i].Name, i == input ? new TensorType(DataType.U8, picture) : graph.Inputs[i].Type);

        // A model whose first step is to put the channels last is given them so.
        Value given = graph.Inputs[input];
        bool first = grey ? given.Type.Shape[1] == 1 : given.Type.Shape[3] != 3;
        bool transposed = first && !grey && given.Consumers.Count > 0 && given.Consumers.All(IsChannelsLast) && !graph.IsOutput(given);
        preprocessing.ChannelsFirst = first && !transposed;
        Value result = builder.Add1("image_to_tensor", preprocessing, map[given]);
        if (grey) result = builder.Add1("image_to_tensor/grey", new Reduce { Function = ReduceFunction.Sum, Axes = [first ? 1 : 3] }, result);
        map[given] = result;
        foreach (Node node in graph.Nodes)
        {
            if (transposed && node.Input(0) == given)
            {
                map[node.Outputs[0]] = result;
                continue;
            }
            Value?[] operands = Array.ConvertAll(node.InputArray, v => v is null ? null : Of(v));
            Node copy = GraphBuilder.Create(node.Name, node.Operator, operands);
            builder.Add(copy);
            for (int i = 0; i < node.Outputs.Count; i++)
            {
                (copy.Outputs[i].Name, copy.Outputs[i].Type) = (node.Outputs[i].Name, node.Outputs[i].Type);
                map[node.Outputs[i]] = copy.Outputs[i];
            }
        }
        foreach (GraphOutput output in graph.Outputs) builder.Output(output.Name, Of(output.Value));
        return builder.Build();

        Value Of(Value value)
        {
            if (!map.TryGetValue(value, out Value? own)) map[value] = own = value.Copy();
            return own;
        }
    }

    private static bool IsChannelsLast(Node node) => node.Operator is Transpose { Permutation: var order } && order.AsSpan().SequenceEqual(ChannelsLast);
}
