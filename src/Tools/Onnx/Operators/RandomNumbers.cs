using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Onnx.Operators;

/// <summary>
/// Random numbers. They come of a seed by our own generator, the same in each run; other runtimes have others, as the standard leaves the generator
/// open. A node without a seed gets one of its name, so that two nodes do not draw the same numbers.
/// </summary>
internal static class RandomNumbers
{
    public static readonly (string Name, OnnxImport Import)[] All =
    [
        ("RandomUniform", n => [Values(n, RandomDistribution.Uniform, OfShape(n), DataType.F32)]),
        ("RandomUniformLike", n => [Values(n, RandomDistribution.Uniform, n.Input(0), n.Input(0).Type.DataType)]),
        ("RandomNormal", n => [Values(n, RandomDistribution.Normal, OfShape(n), DataType.F32)]),
        ("RandomNormalLike", n => [Values(n, RandomDistribution.Normal, n.Input(0), n.Input(0).Type.DataType)]),
        ("Bernoulli", Bernoulli),
        ("Multinomial", Multinomial),
    ];

    /// <summary>Numbers from 0 up to 1 in the shape of a value.</summary>
    public static Value Fractions(OnnxNode node, Value like) => node.Prepare(new RandomValues { Seed = Seed(node) }, like);

    private static Value Values(OnnxNode node, RandomDistribution distribution, Value like, DataType type)
    {
        bool uniform = distribution == RandomDistribution.Uniform;
        DataType to = node.Attributes.DataType("dtype", type);
        var random = new RandomValues
        {
            Distribution = distribution,
            Alpha = uniform ? node.Attributes.Float("low", 0) : node.Attributes.Float("mean", 0),
            Beta = uniform ? node.Attributes.Float("high", 1) : node.Attributes.Float("scale", 1),
            Seed = Seed(node),
            To = to == DataType.BF16 ? DataType.F32 : to,
        };
        return node.Cast(node.Add1(random, like), to);
    }

    /// <summary>Nothing but the shape of this is read.</summary>
    private static Value OfShape(OnnxNode node) => node.Prepare(new Expand { Target = node.Attributes.Ints("shape") }, node.Scalar(DataType.U8, 0));

    /// <summary>1 with the probability that the input gives, else 0.</summary>
    private static Value[] Bernoulli(OnnxNode node)
    {
        Value x = node.Input(0);
        Value drawn = node.Binary(BinaryFunction.Less, Fractions(node, x), node.Cast(x, DataType.F32));
        return [node.Cast(drawn, node.Attributes.DataType("dtype", x.Type.DataType))];
    }

    /// <summary>For each row of logarithms of probabilities, as many classes as are wanted: those where the running sum passes a random number.</summary>
    private static Value[] Multinomial(OnnxNode node)
    {
        Value x = node.Cast(node.Input(0), DataType.F32);
        int samples = node.Attributes.Int32("sample_size", 1);
        if (samples < 1 || node.Rank(x) != 2) throw node.Problem($"{samples} samples cannot be drawn from {x.Type}");
        Value sums = node.Prepare(new CumSum(), node.Prepare(new Softmax(), x), node.Scalar(DataType.I64, 1));
        Value rows = node.Prepare(new ShapeOf { End = 1 }, x);
        Value target = node.Prepare(new Concat(), rows, node.Integers(samples, 1));
        Value drawn = Fractions(node, node.Prepare(new Expand(), node.Scalar(DataType.U8, 0), target));
        Value passed = node.Cast(node.Binary(BinaryFunction.LessOrEqual, node.Prepare(new Unsqueeze { Axes = [1] }, sums), drawn), DataType.I64);
        Value index = node.Prepare(new Reduce { Function = ReduceFunction.Sum, Axes = [2], KeepDims = false }, passed);
        // Rounding may leave the whole sum a little under 1.
        Value last = node.Binary(BinaryFunction.Sub, node.Prepare(new ShapeOf { Start = 1 }, x), node.Scalar(DataType.I64, 1));
        return [node.Cast(node.Binary(BinaryFunction.Min, index, last), node.Attributes.DataType("dtype", DataType.I32))];
    }

    private static long Seed(OnnxNode node)
    {
        if (node.Attributes.Has("seed"))
            return node.Attributes.IsInt("seed") ? node.Attributes.Int("seed", 0) : BitConverter.SingleToInt32Bits(node.Attributes.Float("seed", 0));
        ulong hash = 14695981039346656037;
        foreach (char letter in node.Name) hash = unchecked((hash ^ letter) * 1099511628211);
        return (long)(hash >> 1);
    }
}
