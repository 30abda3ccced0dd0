using EdgeRuntime.Backends.Cpu;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Planning;
using EdgeRuntime.Tensors;
using Xunit;

namespace EdgeRuntime.Tests.Backends;

/// <summary>What becomes of bytes between products, against the definitions: the same bytes.</summary>
public sealed class ByteMovementTests
{
    /// <summary>Quotients whose rounding decides: halves and their neighbours, all over the range and beyond it.</summary>
    [Theory]
    [InlineData(0.0078125f, 0)]
    [InlineData(1 / 127.5f, 127)]
    [InlineData(0.49684992f, 36)]
    [InlineData(0.3333333f, 255)]
    [InlineData(1.9999999f, 3)]
    [InlineData(3e-30f, 128)]
    [InlineData(1e-19f, 128)]
    [InlineData(7e18f, 200)]
    public void Reals_to_bytes(float scale, int zero)
    {
        var reals = new List<float> { float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, float.MinValue, float.Epsilon, -float.Epsilon, 0, -0f };
        for (int half = -520; half <= 520; half++)
        {
            float x = (float)(half * 0.5 * scale);
            float below = x, above = x;
            for (int i = 0; i < 4; i++)
            {
                reals.Add(below);
                reals.Add(above);
                (below, above) = (MathF.BitDecrement(below), MathF.BitIncrement(above));
            }
        }
        var random = new Random(7);
        for (int i = 0; i < 60000; i++) reals.Add((float)((random.NextDouble() * 300 - 150) * scale));
        foreach (DataType type in (DataType[])[DataType.U8, DataType.I8])
            foreach (int length in (int[])[reals.Count, 63, 64, 65, 129])
            {
                var builder = new GraphBuilder("quantize");
                Tensor point = new(new TensorType(type)), x = Tensor.Vector<float>([.. reals.Take(length)]);
                point.View.Bytes[0] = unchecked((byte)(type == DataType.U8 ? zero : zero - 128));
                builder.Output("y", builder.Add1("node", new Quantize { To = type }, builder.Input("x", x.Type), builder.Constant("scale", Tensor.Scalar(scale)), builder.Constant("zero", point)));
                Check(builder.Build(), x, $"{scale} {zero} {type} {length}");
            }
    }

    /// <summary>Channels that are equally far apart, as shuffles take them, and some that are not.</summary>
    [Theory]
    [InlineData(0, 2)]
    [InlineData(1, 2)]
    [InlineData(0, 1)]
    [InlineData(2, 3)]
    [InlineData(-5, 2)]
    [InlineData(4, -1)]
    public void Channels_of_bytes(int first, int step)
    {
        foreach (int size in (int[])[10, 48, 116])
            foreach (int axis in (int[])[0, 2])
            {
                Shape shape = axis == 0 ? new Shape(size, 5, 3) : new Shape(5, 3, size);
                var places = new List<long>();
                for (int i = first; i < (first < 0 ? 0 : size) && i >= (first < 0 ? -size : 0); i += step) places.Add(i);
                Tensor x = new(new TensorType(DataType.U8, shape, new Quantization(1, 0)));
                new Random(size).NextBytes(x.View.Bytes);
                var builder = new GraphBuilder("gather");
                builder.Output("y", builder.Add1("node", new Gather { Axis = axis }, builder.Input("x", x.Type), builder.Constant("places", Tensor.Vector<long>([.. places]))));
                Check(builder.Build(), x, $"every {step} from {first} of {size}, axis {axis}");
            }
    }

    private static void Check(Graph graph, Tensor x, string what)
    {
        Tensor[] expected = GraphInterpreter.Run(graph, [x.View]);
        foreach (int threads in (int[])[1, 2])
        {
            using var backend = new CpuBackend(threads) { SharesSmallSteps = true };
            using ICompiledPlan compiled = backend.Compile(Planner.Plan(graph));
            x.View.Bytes.CopyTo(compiled.Input(0).Bytes);
            compiled.Run();
            int at = expected[0].View.Bytes.CommonPrefixLength(compiled.Output(0).Bytes);
            Assert.True(at == expected[0].View.Bytes.Length, $"{what}, {compiled.Kernels[0]}, {threads} threads: byte {at} differs.");
        }
    }
}
