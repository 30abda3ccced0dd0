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

    /// <summary>
    /// A stream in 8 bits with a memory: state' = conv(x + state), and a product of it in whole numbers as floats, which every device adds up to the same. Returned are the product, the state, what was joined and
    /// turned around, and the input as it came.
    /// </summary>
    public static Graph Integers()
    {
        var builder = new GraphBuilder("integers");
        var random = new Random(12);
        const int side = 12, channels = 16;
        TensorType type = Bytes(1, 0);
        Value x = builder.Input("x", type), state = builder.Input("state", type);
        Value sum = builder.Add1("sum", new Binary { Result = new QuantizedResult(DataType.U8, 1.5f, 100) }, x, state);
        Value wide = builder.Add1("wide", Conv(3, new QuantizedResult(DataType.U8, 20, 0)), sum, Filter("wide weight", 3), builder.Constant("bias", Bias()));
        Value next = builder.Add1("next", Conv(1, new QuantizedResult(DataType.I8, 1, 0)), wide, Filter("next weight", 1));
        Value joined = builder.Add1("joined", new Concat { Axis = 3 }, next, x);
        Value turned = builder.Add1("turned", new Transpose { Permutation = [0, 3, 1, 2] }, joined);
        Value whole = builder.Add1("whole", new Dequantize(), next, builder.Constant("one", Tensor.Vector(1f)));
        var weights = new Tensor(new TensorType(DataType.F32, channels, channels));
        foreach (ref float v in weights.Span<float>()) v = random.Next(-3, 4);
        Value product = builder.Add1("product", new MatMul(), whole, builder.Constant("product weight", weights));
        builder.Output("product", builder.Add1("size", new Unary { Function = UnaryFunction.Abs }, product));
        builder.Output("state", next);
        builder.Output("turned", turned);
        builder.Output("x seen", x);
        return builder.Build();

        TensorType Bytes(float scale, int zero) => new(DataType.I8, new Shape(1, side, side, channels), new Quantization(scale, zero));

        Conv Conv(int kernel, QuantizedResult result)
        {
            Window window = Window.Of(kernel, kernel);
            if (kernel > 1) window.Pads = [1, 1, 1, 1];
            return new Conv { Window = window, Result = result };
        }

        Value Filter(string name, int kernel)
        {
            var filter = new Tensor(new TensorType(DataType.I8, new Shape(channels, kernel, kernel, channels), new Quantization(0.5f, 0)));
            foreach (ref sbyte v in filter.Span<sbyte>()) v = (sbyte)random.Next(-60, 61);
            return builder.Constant(name, filter);
        }

        Tensor Bias()
        {
            var bias = new Tensor(new TensorType(DataType.I32, channels));
            foreach (ref int v in bias.Span<int>()) v = random.Next(-500, 500);
            return bias;
        }
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
