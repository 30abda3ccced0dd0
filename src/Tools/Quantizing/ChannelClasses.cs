using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Quantizing;

/// <summary>
/// Which channels of which values have to be scaled alike, so that a graph of products and of operators with f(s·x) = s·f(x) for positive s computes the same: a product absorbs a scale of each of its input and output
/// channels in its weights; what lies between passes it on. Channels that reach anything else are pinned: they keep their scale.
/// </summary>
internal sealed class ChannelClasses
{
    /// <summary>Larger values are not traced.</summary>
    private const long MostTraced = 1 << 22;

    private readonly Dictionary<Value, int> first = [];
    private readonly List<int> parents = [];
    private readonly HashSet<int> pinned = [];

    /// <summary>For values whose last dimension is not that of channels, such as in the middle of a channel shuffle: the channel of each element, counted from 1.</summary>
    private readonly Dictionary<Value, Tensor> scattered = [];

    /// <summary>Finds the classes of a graph.</summary>
    public ChannelClasses(Graph graph)
    {
        foreach (Value input in graph.Inputs) Pin(input);
        foreach (Node node in graph.Nodes) Visit(node);
        foreach (GraphOutput output in graph.Outputs) Pin(output.Value);
        foreach (Tensor tensor in scattered.Values) tensor.Dispose();
        scattered.Clear();
        pinned = [.. pinned.Select(Find)];
    }

    /// <summary>The class of a channel; -1 where it is pinned, or the value has no channels.</summary>
    public int Of(Value value, int channel) => first.TryGetValue(value, out int at) && Find(at + channel) is var found && !pinned.Contains(found) ? found : -1;

    /// <summary>Number of channels of a value: the last dimension; 0 where it is unknown.</summary>
    public static int Width(Value value) => value.Type.Shape is { IsUnranked: false, Rank: > 1 } shape && value.Type.DataType == DataType.F32 ? Math.Max(0, shape[-1]) : 0;

    private void Visit(Node node)
    {
        if (IsMovement(node))
        {
            Trace(node);
            return;
        }
        if (QuantizableNode.IsGain(node))
        {
            Start(node.Outputs[0]);
            return;
        }
        bool isScattered = false;
        foreach (Value? input in node.Inputs)
        {
            if (input is null || !scattered.ContainsKey(input)) continue;
            Pin(input);
            isScattered = true;
        }
        if (isScattered && !IsAbsorbing(node))
        {
            PinAll(node);
            return;
        }
        if (IsAbsorbing(node))
        {
            Start(node.Inputs[0]!);
            Start(node.Outputs[0]);
            return;
        }
        Value x = node.Inputs.Count > 0 ? node.Inputs[0]! : null!, y = node.Outputs.Count > 0 ? node.Outputs[0] : null!;
        switch (node.Operator)
        {
            case Unary { Function: UnaryFunction.Relu or UnaryFunction.LeakyRelu or UnaryFunction.Identity or UnaryFunction.Abs or UnaryFunction.Neg }:
            case Pool { Function: PoolFunction.Max or PoolFunction.Average } when node.Outputs.Count == 1 && Width(x) == Width(y):
            case Resize when node.Outputs.Count == 1 && Width(x) == Width(y):
            case Pad { Mode: not PadMode.Constant } when Width(x) == Width(y):
                Join(x, y);
                break;
            case Binary { Function: BinaryFunction.Add or BinaryFunction.Sub } sum when IsHomogeneous(sum.Activation) && node.Inputs[1] is { Constant: null } other && x.Constant is null
                && Width(x) == Width(y) && Width(other) == Width(y):
                Join(x, y);
                Join(other, y);
                break;
            case Concat concat when node.Inputs.All(i => i is { Constant: null }) && !y.Type.Shape.IsUnranked:
                bool alongChannels = concat.Axis == -1 || concat.Axis == y.Type.Shape.Rank - 1;
                int at = 0;
                foreach (Value? operand in node.Inputs)
                {
                    Join(operand!, y, alongChannels ? at : 0);
                    at += Width(operand!);
                }
                break;
            default:
                PinAll(node);
                break;
        }
    }

    private void PinAll(Node node)
    {
        foreach (Value? input in node.Inputs)
            if (input is not null) Pin(input);
        foreach (Value output in node.Outputs) Pin(output);
    }

    /// <summary>True where the elements of an input are moved to places that can be told.</summary>
    private bool IsMovement(Node node) => node.Operator is Reshape or Flatten or Squeeze or Unsqueeze or Slice or Split or Transpose or Pad { Mode: PadMode.Constant, Value: 0 } && node.Inputs[0] is { Constant: null, Type: { DataType: DataType.F32, Shape.IsStatic: true } } x && (Width(x) > 0 || scattered.ContainsKey(x)) && x.Type.Shape.Count <= MostTraced
        && node.Inputs.Skip(1).All(v => v is null or { Constant: not null }) && node.Outputs.All(o => o.Type.Shape is { IsStatic: true, Count: > 0 and <= MostTraced });

    /// <summary>Moves the numbers of channels as the node moves elements, to see where each channel goes.</summary>
    private void Trace(Node node)
    {
        Value x = node.Inputs[0]!;
        if (!scattered.TryGetValue(x, out Tensor? channels))
        {
            int width = Width(x), at = Start(x);
            channels = new Tensor(new TensorType(DataType.I32, x.Type.Shape));
            Span<int> numbers = channels.Span<int>();
            for (int i = 0; i < numbers.Length; i++) numbers[i] = 1 + at + i % width;
            scattered[x] = channels;
        }
        TensorView[] operands = [channels.View, .. node.Inputs.Skip(1).Select(v => v?.Constant?.View ?? default)];
        Tensor[] moved = GraphInterpreter.Execute(node, operands);
        for (int o = 0; o < moved.Length; o++)
        {
            Value y = node.Outputs[o];
            ReadOnlySpan<int> numbers = moved[o].Span<int>();
            int width = Width(y);
            bool areColumns = width > 0;
            for (int i = width; areColumns && i < numbers.Length; i++) areColumns = numbers[i] == numbers[i - width];
            if (!areColumns)
            {
                scattered[y] = moved[o];
                continue;
            }
            int at = Start(y);
            // Channels of zeros, which padding adds, are bound to nothing.
            for (int c = 0; c < width; c++)
                if (numbers[c] > 0) Unite(at + c, numbers[c] - 1);
            moved[o].Dispose();
        }
    }

    /// <summary>True for products whose weights take up the scales of both sides; that of the results is a gain where a function is in between.</summary>
    public static bool IsAbsorbing(Node node) => QuantizableNode.KindOf(node) == NodeKind.Product && node.Operator switch
    {
        Conv conv => (IsHomogeneous(conv.Activation) || AppliedFunction.Has(conv.Activation)) && IsWhole(node.Input(Conv.Bias), node),
        MatMul product => IsHomogeneous(product.Activation) && IsWhole(node.Input(MatMul.Bias), node),
        _ => false,
    };

    private static bool IsWhole(Value? bias, Node node) => Width(node.Inputs[0]!) > 0 && Width(node.Outputs[0]) > 0 && (bias is null || bias.Type.Shape.Count == Width(node.Outputs[0]));

    /// <summary>True for f(s·x) = s·f(x) for positive s; of functions with an upper bound while that is not reached, see <see cref="BoundOf"/>.</summary>
    public static bool IsHomogeneous(in Activation activation) => activation.IsNone || activation.Function is UnaryFunction.Relu or UnaryFunction.LeakyRelu || float.IsFinite(BoundOf(activation));

    /// <summary>What results of a ReLU with an upper bound must stay below so that channels may be scaled; infinite for other functions.</summary>
    public static float BoundOf(in Activation activation) => activation is { Function: UnaryFunction.Clip, Alpha: 0, Beta: > 0 } ? activation.Beta : float.PositiveInfinity;

    private int Start(Value value)
    {
        if (first.TryGetValue(value, out int at)) return at;
        first[value] = at = parents.Count;
        for (int i = 0; i < Width(value); i++) parents.Add(at + i);
        return at;
    }

    private void Pin(Value value)
    {
        if (scattered.TryGetValue(value, out Tensor? channels))
            foreach (int number in channels.Span<int>())
                if (number > 0) pinned.Add(number - 1);
        int at = Start(value);
        for (int i = 0; i < Width(value); i++) pinned.Add(at + i);
    }

    private void Join(Value a, Value b, int offset = 0)
    {
        (int atA, int atB) = (Start(a), Start(b) + offset);
        for (int i = 0; i < Math.Min(Width(a), Width(b) - offset); i++) Unite(atA + i, atB + i);
    }

    private void Unite(int a, int b)
    {
        (int rootA, int rootB) = (Find(a), Find(b));
        parents[rootA] = rootB;
        if (pinned.Contains(rootA)) pinned.Add(rootB);
    }

    private int Find(int channel)
    {
        while (parents[channel] != channel) channel = parents[channel] = parents[parents[channel]];
        return channel;
    }
}
