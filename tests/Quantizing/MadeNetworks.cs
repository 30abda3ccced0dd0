using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tests.Quantizing;

/// <summary>Small networks whose behaviour in few bits is known from how they are made.</summary>
internal static class MadeNetworks
{
    /// <summary>Inputs of each product.</summary>
    public const int Inputs = 64;

    private const int Rows = 4, Outputs = 24;

    /// <summary>
    /// Five products. Three read an input in which one element is ten thousand times as large as the others, and hardly look at it: no range of 8 bits holds both. The two others read a tame input.
    /// </summary>
    public static Graph WithWildInput()
    {
        var b = new GraphBuilder("wild");
        Value wild = b.Input(MadeSamples.Wild, new TensorType(DataType.F32, Rows, Inputs)), tame = b.Input("tame", new TensorType(DataType.F32, Rows, Inputs));
        for (int i = 0; i < 5; i++)
        {
            bool isWild = i is 0 or 2 or 3;
            Tensor weights = Random(i + 1, Inputs, Outputs);
            if (isWild) weights.Span<float>()[..Outputs].Clear();
            for (int column = 0; isWild && column < Outputs; column++) weights.Span<float>()[column] = 1e-6f * (column + 1);
            b.Output($"y{i}", b.Add1(isWild ? $"bad{i}" : $"good{i}", new MatMul(), isWild ? wild : tame, b.Constant($"w{i}", weights)));
        }
        return b.Build();
    }

    /// <summary>Two large products with a function between, and one with a bias and a function of its own.</summary>
    public static Graph Perceptron()
    {
        var b = new GraphBuilder("perceptron");
        Value x = b.Input("x", new TensorType(DataType.F32, Rows, Inputs));
        Value h = b.Add1("relu", new Unary { Function = UnaryFunction.Relu }, b.Add1("first", new MatMul(), x, b.Constant("w1", Random(1, Inputs, 256))));
        Value g = b.Add1("sigmoid", new Unary { Function = UnaryFunction.Sigmoid }, b.Add1("second", new MatMul(), h, b.Constant("w2", Random(2, 256, 128)), b.Constant("b2", Random(3, 128))));
        b.Output("y", b.Add1("third", new MatMul { TransposeB = true }, g, b.Constant("w3", Random(4, 16, 128))));
        return b.Build();
    }

    private static Tensor Random(int seed, params int[] shape)
    {
        var random = new Random(seed);
        var tensor = new Tensor(new TensorType(DataType.F32, shape));
        foreach (ref float x in tensor.Span<float>()) x = (2 * random.NextSingle() - 1) / 8;
        return tensor;
    }
}
