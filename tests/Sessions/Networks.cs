using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tests.Sessions;

/// <summary>Graphs for tests of sections.</summary>
internal static class Networks
{
    /// <summary>Eight branches, each an Abs and a product of matrices, and their sum.</summary>
    public static Graph Branches()
    {
        var builder = new GraphBuilder("branches");
        var random = new Random(5);
        Value x = builder.Input("x", new TensorType(DataType.F32, 4, 16));
        x = builder.Add1("scale", new MatMul(), x, Weights(builder, random));
        Value? sum = null;
        for (int i = 0; i < 8; i++)
        {
            Value branch = builder.Add1($"abs{i}", new Unary { Function = UnaryFunction.Abs }, x);
            branch = builder.Add1($"product{i}", new MatMul(), branch, Weights(builder, random));
            sum = sum is null ? branch : builder.Add1($"sum{i}", new Binary(), sum, branch);
        }
        builder.Output("y", sum!);
        return builder.Build();
    }

    /// <summary>A counter with a memory: state' = |state · W + x|, y = relu(state' · W); both are returned.</summary>
    public static Graph Recurrent()
    {
        var builder = new GraphBuilder("recurrent");
        var random = new Random(6);
        Value x = builder.Input("x", new TensorType(DataType.F32, 1, 16)), state = builder.Input("state", new TensorType(DataType.F32, 1, 16));
        Value mixed = builder.Add1("mix", new Binary(), builder.Add1("carry", new MatMul(), state, Weights(builder, random)), x);
        Value next = builder.Add1("next", new Unary { Function = UnaryFunction.Abs }, mixed);
        Value y = builder.Add1("y", new MatMul { Activation = new(UnaryFunction.Relu) }, next, Weights(builder, random));
        builder.Output("y", builder.Add1("flat", new Reshape { Target = [16] }, y));
        builder.Output("state", next);
        builder.Output("x seen", x);
        return builder.Build();
    }

    /// <summary>Element-wise steps, views, constants and outputs anywhere, over 12 elements.</summary>
    public static Graph Random(Random random)
    {
        var builder = new GraphBuilder("random");
        var values = new List<Value> { builder.Input("x", new TensorType(DataType.F32, 12)), builder.Constant("c", Tensor.Vector<float>(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)) };
        int nodes = random.Next(1, 25);
        for (int i = 0; i < nodes; i++)
        {
            Value a = values[random.Next(Math.Max(0, values.Count - 5), values.Count)], b = values[random.Next(values.Count)];
            values.Add(random.Next(4) switch
            {
                0 => builder.Add1($"view{i}", new Reshape { Target = [12] }, builder.Add1($"fold{i}", new Reshape { Target = [3, 4] }, a)),
                1 => builder.Add1($"abs{i}", new Unary { Function = UnaryFunction.Abs }, a),
                _ => builder.Add1($"max{i}", new Binary { Function = BinaryFunction.Max }, a, b),
            });
        }
        builder.Output("last", values[^1]);
        for (int i = random.Next(4); i > 0; i--) builder.Output($"out{i}", values[random.Next(values.Count)]);
        return builder.Build();
    }

    private static Value Weights(GraphBuilder builder, Random random)
    {
        var weights = new Tensor(new TensorType(DataType.F32, 16, 16));
        foreach (ref float w in weights.Span<float>()) w = (random.NextSingle() - 0.5f) / 4;
        return builder.Constant("w", weights);
    }
}
