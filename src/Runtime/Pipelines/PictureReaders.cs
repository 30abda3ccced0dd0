using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Pipelines;

/// <summary>
/// What the first nodes of a model do to its picture input and preprocessing can do at once: quantizing it, and putting its channels last.
/// </summary>
internal sealed class PictureReaders
{
    private static readonly int[] ChannelsLast = [0, 2, 3, 1];

    private readonly HashSet<Node> absorbed = [];

    /// <summary>Finds them.</summary>
    /// <param name="graph">The model.</param>
    /// <param name="input">Which input takes the picture: 1x3xHxW or 1xHxWx3 floats; of a grey one 1x1xHxW or 1xHxWx1.</param>
    /// <param name="grey">True when the input has one channel; then there are none.</param>
    public PictureReaders(Graph graph, int input, bool grey)
    {
        Value given = graph.Inputs[input];
        Type = given.Type;
        ChannelsFirst = grey ? given.Type.Shape[1] == 1 : given.Type.Shape[3] != 3;
        Value[] values = [given];
        while (!grey)
        {
            Node[] readers = [.. values.SelectMany(value => value.Consumers).Distinct()];
            if (values.Any(value => value.Consumers.Count == 0 || graph.IsOutput(value))) break;
            if (ChannelsFirst && readers.All(IsChannelsLast)) ChannelsFirst = false;
            else if (Result.IsNone && Quantized(readers) is { IsNone: false } result) Result = result;
            else break;
            absorbed.UnionWith(readers);
            values = [.. readers.Select(reader => reader.Outputs[0])];
            Type = values[0].Type;
        }
        Values = values;
    }

    /// <summary>Type of what preprocessing should make.</summary>
    public TensorType Type { get; }

    /// <summary>Whether its channels come first.</summary>
    public bool ChannelsFirst { get; }

    /// <summary>How it is quantized; none for floats.</summary>
    public QuantizedResult Result { get; }

    /// <summary>The values of the graph that are what preprocessing makes.</summary>
    public IReadOnlyList<Value> Values { get; }

    /// <summary>True when there is such a node.</summary>
    public bool Any => absorbed.Count > 0;

    /// <summary>Whether preprocessing does what a node does.</summary>
    public bool Absorb(Node node) => absorbed.Contains(node);

    private static bool IsChannelsLast(Node node) => node.Operator is Transpose { Permutation: var order } && order.AsSpan().SequenceEqual(ChannelsLast);

    /// <summary>The one result of nodes that all quantize in the same way; none where they do not.</summary>
    private static QuantizedResult Quantized(Node[] readers)
    {
        QuantizedResult result = QuantizedResult.Like(readers[0].Outputs[0].Type);
        return readers.All(reader => reader.Operator is Quantize && QuantizedResult.Like(reader.Outputs[0].Type) == result) && result.Type is DataType.U8 or DataType.I8 && result.Problem is null ? result : default;
    }
}
