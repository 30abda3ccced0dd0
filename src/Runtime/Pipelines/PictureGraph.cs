using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Pipelines;

/// <summary>Puts preprocessing in front of a graph.</summary>
internal static class PictureGraph
{
    /// <summary>A copy of the graph whose picture input takes bytes; constants are shared with the original.</summary>
    /// <param name="graph">The graph; it is not changed.</param>
    /// <param name="input">Which input takes the picture: 1x3xHxW or 1xHxWx3 floats; of a grey one 1x1xHxW or 1xHxWx1.</param>
    /// <param name="picture">Shape of the bytes.</param>
    /// <param name="preprocessing">What makes the input of them; the order of its dimensions and its quantization are set here.</param>
    /// <param name="grey">True when the input has one channel, the sum of the three that preprocessing makes.</param>
    public static Graph InFront(Graph graph, int input, in Shape picture, ImageToTensor preprocessing, bool grey = false)
    {
        var readers = new PictureReaders(graph, input, grey);
        (preprocessing.ChannelsFirst, preprocessing.Result) = (readers.ChannelsFirst, readers.Result);
        return InFront(graph, input, new TensorType(DataType.U8, picture), readers, (builder, bytes) =>
        {
            Value made = builder.Add1("image_to_tensor", preprocessing, bytes);
            return grey ? builder.Add1("image_to_tensor/grey", new Reduce { Function = ReduceFunction.Sum, Axes = [readers.ChannelsFirst ? 1 : 3] }, made) : made;
        });
    }

    /// <summary>A copy of the graph whose picture input takes what its first nodes make of it, without these; constants are shared with the original. The graph itself where there are none.</summary>
    public static Graph Behind(Graph graph, int input, PictureReaders readers) =>
        readers.Any ? InFront(graph, input, readers.Type, readers, (_, given) => given) : graph;

    /// <summary>A copy of the graph whose picture input takes floats, which are rounded to the integers that it wants; constants are shared with the original.</summary>
    public static Graph TakingFloats(Graph graph, int input)
    {
        TensorType type = graph.Inputs[input].Type;
        return InFront(graph, input, type with { DataType = DataType.F32 }, null, (builder, floats) =>
            builder.Add1("pixels", new Cast { To = type.DataType }, builder.Add1("pixels/rounded", new Unary { Function = UnaryFunction.Round }, floats)));
    }

    /// <summary>A copy of the graph with something in front of an input.</summary>
    /// <param name="graph">The graph; it is not changed.</param>
    /// <param name="input">The input.</param>
    /// <param name="type">What the copy's input is.</param>
    /// <param name="readers">Nodes whose work is done by what is put in front, so that they are left out; null for none.</param>
    /// <param name="make">Makes what the input was of what it is now.</param>
    private static Graph InFront(Graph graph, int input, in TensorType type, PictureReaders? readers, Func<GraphBuilder, Value, Value> make)
    {
        var builder = new GraphBuilder(graph.Name);
        foreach (string symbol in graph.Symbols) builder.Symbol(symbol);
        var map = new Dictionary<Value, Value>();
        for (int i = 0; i < graph.Inputs.Count; i++) map[graph.Inputs[i]] = builder.Input(graph.Inputs[i].Name, i == input ? type : graph.Inputs[i].Type);
        Value result = make(builder, map[graph.Inputs[input]]);
        foreach (Value value in readers?.Values ?? [graph.Inputs[input]]) map[value] = result;
        foreach (Node node in graph.Nodes)
        {
            if (readers is not null && readers.Absorb(node)) continue;
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
}
