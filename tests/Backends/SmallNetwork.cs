using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Planning;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tests.Backends;

/// <summary>A small network for tests of plans on devices: two branches of 1x1 convolutions and their sigmoids, both returned.</summary>
internal static class SmallNetwork
{
    public const int Height = 5, Width = 7, Channels = 8;

    public static ExecutionPlan Plan(int size = 1) => Planner.Plan(Graph(size));

    public static Graph Graph(int size = 1)
    {
        var builder = new GraphBuilder("small network");
        var random = new Random(3);
        Value x = builder.Input("x", new TensorType(DataType.F32, 1, Height * size, Width * size, Channels));
        Value stem = Conv(builder, random, "stem", x, Channels, 16);
        for (int branch = 0; branch < 2; branch++)
        {
            Value y = Conv(builder, random, $"first{branch}", stem, 16, 12);
            y = Conv(builder, random, $"second{branch}", y, 12, 4);
            builder.Output($"y{branch}", builder.Add1($"sigmoid{branch}", new Unary { Function = UnaryFunction.Sigmoid }, y));
        }
        return builder.Build();
    }

    /// <summary>An input, the same for the same seed.</summary>
    public static Tensor Input(int seed, int size = 1)
    {
        var random = new Random(seed);
        var tensor = new Tensor(new TensorType(DataType.F32, 1, Height * size, Width * size, Channels));
        foreach (ref float v in tensor.Span<float>()) v = random.NextSingle() * 2 - 1;
        return tensor;
    }

    /// <summary>The network lowered, each step in the way that is likely the best.</summary>
    public static GpuProgram Program(GpuTraits traits, int size = 1) => GpuProgram.Build(Plan(size), traits, (_, lowering) => lowering.Candidates[0]);

    private static Value Conv(GraphBuilder builder, Random random, string name, Value x, int inputs, int outputs)
    {
        var weight = new Tensor(new TensorType(DataType.F32, outputs, 1, 1, inputs));
        var bias = new Tensor(new TensorType(DataType.F32, outputs));
        foreach (ref float v in weight.Span<float>()) v = random.NextSingle() - 0.5f;
        foreach (ref float v in bias.Span<float>()) v = random.NextSingle() - 0.5f;
        return builder.Add1(name, new Conv { Window = Window.Of(1, 1), Activation = new Activation(UnaryFunction.Relu) }, x,
            builder.Constant($"{name} weight", weight), builder.Constant($"{name} bias", bias));
    }
}
