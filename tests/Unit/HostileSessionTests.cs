using EdgeRuntime.Diagnostics;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using Xunit;

namespace EdgeRuntime.Tests.Unit;

/// <summary>Graphs that a hostile file may hold, through planning, kernels and a run: a result or an error, never a crash.</summary>
public class HostileSessionTests
{
    private static readonly int[] Odd = [0, 1, 1, 1, 2, 3, 5, 1 << 15, (1 << 15) + 1, 1 << 28, (1 << 30) - 1, 1 << 30, int.MaxValue];

    [Theory]
    [InlineData("conv")]
    [InlineData("depthwise")]
    [InlineData("transposed")]
    [InlineData("pool")]
    public void Windows_of_any_stride_dilation_and_pad(string kind)
    {
        int ran = 0;
        for (int seed = 0; seed < 1500; seed++)
        {
            var random = new Random(seed);
            int axes = random.Next(1, 4), channels = random.Next(1, 20);
            int[] kernel = Draw(random, axes, 1, 4), sizes = Draw(random, axes, 1, 6);
            if (kind == "pool" && random.Next(3) == 0) kernel[0] = Pick(random);
            var window = new Window { Kernel = kernel, Strides = Some(random, axes), Dilations = Some(random, axes), Pads = Some(random, 2 * axes, 0), Ceil = random.Next(4) == 0 };
            int filters = kind == "depthwise" ? channels : random.Next(1, 20);
            try
            {
                var builder = new GraphBuilder("hostile");
                Value x = builder.Input("x", new TensorType(DataType.F32, [1, .. sizes, channels]));
                Value w = x;
                if (kind != "pool")
                {
                    var weight = new Tensor(new TensorType(DataType.F32, [filters, .. kernel, kind == "depthwise" ? 1 : channels]));
                    weight.Span<float>().Fill(0.5f);
                    w = builder.Constant("w", weight);
                }
                Value y = kind switch
                {
                    "pool" => builder.Add1("y", new Pool { Window = window, Function = (PoolFunction)random.Next(2) }, x),
                    "transposed" => builder.Add1("y", new ConvTranspose { Window = window, OutputPadding = new int[axes] }, x, w),
                    _ => builder.Add1("y", new Conv { Window = window, Groups = kind == "depthwise" ? channels : 1 }, x, w),
                };
                if (y.Type.ByteCount > 1 << 20 || y.Producer!.Operator.Cost([x.Type, w.Type], [y.Type]).Operations > 10_000_000) continue;
                builder.Output("y", y);
                Graph graph = builder.Build();
                using var session = new InferenceSession(graph, new SessionOptions { Threads = 1 });
                session.Input(0).Span<float>().Fill(1);
                session.Run();
                TensorView[] inputs = [session.Input(0)];
                float[] expected = GraphInterpreter.Run(graph, inputs)[0].Span<float>().ToArray(), actual = session.Output(0).Span<float>().ToArray();
                for (int i = 0; i < expected.Length; i++)
                    Assert.True(Math.Abs(expected[i] - actual[i]) <= 1e-3f * Math.Max(1, Math.Abs(expected[i])), $"seed {seed}: {y.Producer}: {expected[i]} and {actual[i]} at {i}");
                ran++;
            }
            catch (EdgeException)
            {
                // A proper error.
            }
        }
        Assert.True(ran > 50, $"only {ran} graphs ran");
    }

    private static int Pick(Random random) => Odd[random.Next(Odd.Length)];

    private static int[] Draw(Random random, int count, int low, int high)
    {
        int[] values = new int[count];
        foreach (ref int value in values.AsSpan()) value = random.Next(low, high);
        return values;
    }

    /// <summary>Mostly ordinary numbers, some extreme.</summary>
    private static int[] Some(Random random, int count, int low = 1)
    {
        int[] values = Draw(random, count, low, 3);
        foreach (ref int value in values.AsSpan())
            if (random.Next(5) == 0) value = Pick(random);
        return values;
    }
}
