using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Onnx.Operators;

/// <summary>Normalisations. Scale and bias become products and sums, which the passes fold into their neighbours.</summary>
internal static class Normalizations
{
    public static readonly (string Name, OnnxImport Import)[] All =
    [
        ("BatchNormalization", Batch),
        ("InstanceNormalization", Instance),
        ("GroupNormalization", Group),
        ("LayerNormalization", Layer),
        ("RMSNormalization", RootMeanSquare),
        ("LRN", LocalResponse),
        ("MeanVarianceNormalization", MeanVariance),
        ("LpNormalization", Lp),
        ("Softmax", n => Along(n, axis => new Softmax { Axis = axis })),
        ("LogSoftmax", n => Along(n, axis => new Softmax { Axis = axis, Logarithm = true })),
        ("Hardmax", n => Along(n, axis => new Hardmax { Axis = axis })),
    ];

    /// <summary>scale · (x - mean) / √(variance + ε) + bias, as one product and one sum for each channel.</summary>
    private static Value[] Batch(OnnxNode node)
    {
        if (node.Version < 14 && node.Wants(1)) throw node.Problem("it is in training mode, where it computes mean and variance of the batch");
        if (node.Version < 9 && !node.Attributes.Bool("spatial", true)) throw node.Problem("attribute 'spatial' is 0, which was never in wide use");
        Value x = node.Input(0);
        DataType type = x.Type.DataType;
        Value scale = node.Cast(node.Input(1), type), bias = node.Cast(node.Input(2), type), mean = node.Cast(node.Input(3), type), variance = node.Cast(node.Input(4), type);
        Value[] running = [];
        if (node.Attributes.Bool("training_mode", false)) (running, mean, variance) = OfBatch(node, x, mean, variance);
        Value deviation = node.Unary(UnaryFunction.Sqrt, node.Binary(BinaryFunction.Add, variance, node.Scalar(type, node.Attributes.Float("epsilon", 1e-5f))));
        Value factor = node.Binary(BinaryFunction.Div, scale, deviation);
        Value offset = node.Binary(BinaryFunction.Sub, bias, node.Binary(BinaryFunction.Mul, mean, factor));
        return [node.ChannelsLast(x, last => ScaleAndShift(node, last, factor, offset)), .. running];
    }

    /// <summary>In training, mean and variance are the batch's own, and the running ones are returned, moved a little towards them.</summary>
    private static (Value[] Running, Value Mean, Value Variance) OfBatch(OnnxNode node, Value x, Value mean, Value variance)
    {
        int rank = node.Rank(x);
        var ofChannel = new Reduce { Function = ReduceFunction.Mean, Axes = [0, .. Enumerable.Range(2, Math.Max(0, rank - 2)).Select(axis => (long)axis)] };
        Value own = node.Prepare(ofChannel, x);
        Value ownVariance = node.Prepare(ofChannel, node.Unary(UnaryFunction.Square, node.Binary(BinaryFunction.Sub, x, own)));
        (own, ownVariance) = (node.Reshape(own, -1), node.Reshape(ownVariance, -1));
        float momentum = node.Attributes.Float("momentum", 0.9f);
        return ([Moved(mean, own), Moved(variance, ownVariance)], own, ownVariance);

        Value Moved(Value old, Value now) => node.Binary(BinaryFunction.Add, Share(old, momentum), Share(now, 1 - momentum));
        Value Share(Value value, float share) => node.Binary(BinaryFunction.Mul, value, node.Scalar(value.Type.DataType, share));
    }

    private static Value[] Instance(OnnxNode node)
    {
        Value x = node.Input(0);
        int rank = node.Rank(x);
        if (rank < 3) throw node.Problem($"its input {x.Type} has no spatial axes");
        var op = new Normalize { Axes = [.. Enumerable.Range(1, rank - 2)], Epsilon = node.Attributes.Float("epsilon", 1e-5f) };
        return [node.ChannelsLast(x, last => ScaleAndShift(node, node.Add1(op, last), node.Input(1), node.Input(2)))];
    }

    private static Value[] Group(OnnxNode node)
    {
        Value x = node.Input(0);
        int rank = node.Rank(x), groups = node.Attributes.Int32("num_groups", 0), channels = rank > 1 ? x.Type.Shape[1] : 0;
        if (groups < 1 || channels < 1 || channels % groups != 0) throw node.Problem($"the channels of {x.Type} cannot be split into {groups} groups");
        var op = new GroupNorm { Groups = groups, Epsilon = node.Attributes.Float("epsilon", 1e-5f) };
        Value scale = node.Input(1), bias = node.Input(2);
        if (node.Version < 21) (scale, bias) = (Repeat(scale), Repeat(bias));
        return [node.ChannelsLast(x, last => ScaleAndShift(node, node.Add1(op, last), scale, bias))];

        // Until operator set 21 there was one factor for each group.
        Value Repeat(Value factors)
        {
            Tensor ones = new(new TensorType(factors.Type.DataType, 1, channels / groups));
            new Cast { To = factors.Type.DataType }.Evaluate([Tensor.From<float>(ones.Shape, [.. Enumerable.Repeat(1f, channels / groups)]).View], [ones.View]);
            Value spread = node.Binary(BinaryFunction.Mul, node.Reshape(factors, groups, 1), node.Constant(ones));
            return node.Reshape(spread, channels);
        }
    }

    private static Value[] Layer(OnnxNode node)
    {
        Value x = node.Input(0);
        int[] axes = LastAxes(node, x);
        float epsilon = node.Attributes.Float("epsilon", 1e-5f);
        Value y = ScaleAndShift(node, node.Add1(new Normalize { Axes = axes, Epsilon = epsilon }, x), node.Input(1), node.Optional(2));
        if (!node.Wants(1) && !node.Wants(2)) return [y];

        var meanOf = new Reduce { Function = ReduceFunction.Mean, Axes = [.. axes.Select(a => (long)a)] };
        Value mean = node.Prepare(meanOf, x);
        Value distance = node.Binary(BinaryFunction.Sub, x, mean);
        Value variance = node.Prepare(meanOf, node.Unary(UnaryFunction.Square, distance));
        Value deviation = node.Unary(UnaryFunction.Sqrt, node.Binary(BinaryFunction.Add, variance, node.Scalar(x.Type.DataType, epsilon)));
        return [y, mean, node.Unary(UnaryFunction.Reciprocal, deviation)];
    }

    private static Value[] RootMeanSquare(OnnxNode node)
    {
        Value x = node.Input(0);
        var op = new Normalize { Axes = LastAxes(node, x), Epsilon = node.Attributes.Float("epsilon", 1e-5f), Center = false };
        return [ScaleAndShift(node, node.Add1(op, x), node.Input(1), null)];
    }

    private static Value[] LocalResponse(OnnxNode node)
    {
        var op = new Lrn
        {
            Size = node.Attributes.Int32("size", 1),
            Alpha = node.Attributes.Float("alpha", 1e-4f),
            Beta = node.Attributes.Float("beta", 0.75f),
            Bias = node.Attributes.Float("bias", 1),
        };
        return [node.ChannelsLast(node.Input(0), x => node.Add1(op, x))];
    }

    private static Value[] MeanVariance(OnnxNode node)
    {
        // The published definition adds 1e-9 to the deviation; its square to the variance keeps constant inputs at zero as well.
        var op = new Normalize { Axes = node.Attributes.Int32s("axes", 0, 2, 3), Epsilon = 1e-18f };
        return [node.Add1(op, node.Input(0))];
    }

    private static Value[] Lp(OnnxNode node)
    {
        long p = node.Attributes.Int("p", 2);
        if (p is not (1 or 2)) throw node.Problem($"attribute 'p' is {p}; 1 and 2 are defined");
        Value x = node.Input(0);
        var op = new Reduce { Function = p == 1 ? ReduceFunction.L1 : ReduceFunction.L2, Axes = [node.Attributes.Int("axis", -1)] };
        // A vector of zeros stays zero.
        Value norm = node.Binary(BinaryFunction.Max, node.Add1(op, x), node.Scalar(x.Type.DataType, x.Type.DataType == DataType.F16 ? 6e-8 : 1e-37));
        return [node.Binary(BinaryFunction.Div, x, norm)];
    }

    /// <summary>Softmax and its kin: until operator set 13 over all axes from the given one on, as if they were one.</summary>
    private static Value[] Along(OnnxNode node, Func<int, Operator> make)
    {
        Value x = node.Input(0);
        if (node.Version >= 13) return [node.Add1(make(node.Attributes.Int32("axis", -1)), x)];
        int rank = node.Rank(x), axis = node.Attributes.Int32("axis", 1);
        if (axis < 0) axis += rank;
        if (axis < 0 || axis > rank) throw node.Problem($"attribute 'axis' is outside of rank {rank}");
        if (axis == rank) return [node.Add1(make(-1), node.Reshape(x, [.. Enumerable.Repeat(0L, rank), 1]))];
        if (axis == rank - 1) return [node.Add1(make(axis), x)];
        // A target of 0 keeps the input's own size, so that only the joined axes need be known.
        long[] kept = [.. Enumerable.Repeat(0L, axis)], joined = [.. x.Type.Shape.Span[axis..].ToArray().Select(size => size < 0 ? -1L : size)];
        if (joined.Count(size => size < 0) > 1) throw node.Problem($"the sizes of {x.Type} from axis {axis} on must be known");
        return [node.Reshape(node.Add1(make(axis), node.Reshape(x, [.. kept, -1])), [.. kept, .. joined])];
    }

    private static int[] LastAxes(OnnxNode node, Value x)
    {
        int rank = node.Rank(x), axis = node.Attributes.Int32("axis", -1);
        if (axis < 0) axis += rank;
        if (axis < 0 || axis >= rank) throw node.Problem($"attribute 'axis' is outside of rank {rank}");
        return [.. Enumerable.Range(axis, rank - axis)];
    }

    private static Value ScaleAndShift(OnnxNode node, Value x, Value factor, Value? offset)
    {
        Value scaled = node.Binary(BinaryFunction.Mul, x, node.Cast(factor, x.Type.DataType));
        return offset is null ? scaled : node.Binary(BinaryFunction.Add, scaled, node.Cast(offset, x.Type.DataType));
    }
}
