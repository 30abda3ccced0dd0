using EdgeRuntime.Backends.Cpu;
using EdgeRuntime.Backends.Cpu.Kernels;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Planning;
using EdgeRuntime.Tensors;
using Xunit;

namespace EdgeRuntime.Tests.Backends;

/// <summary>Products of bytes by every kind of instruction that this processor has, against their definition: the same bytes, whatever the weights are.</summary>
public sealed class ByteProductTests : IDisposable
{
    private readonly (ProductPath Path, int Threads, CpuBackend Backend)[] backends =
        [.. from path in ProductPaths.Supported from threads in (int[])[1, 3] select (path, threads, new CpuBackend(threads) { Products = path, SharesSmallSteps = true })];

    private static readonly QuantizedResult[] Results = [new(DataType.U8, 0.61f, 119), new(DataType.I8, 0.43f, -7), new(DataType.F32), new(DataType.U8, 30, 0), new(DataType.I8, 900, 127)];

    private static readonly (DataType Type, int Zero)[] Operands = [(DataType.U8, 0), (DataType.U8, 128), (DataType.U8, 255), (DataType.I8, -128), (DataType.I8, 0), (DataType.I8, 127)];

    private static readonly Activation[] Activations = [default, new(UnaryFunction.Relu), new(UnaryFunction.Clip, -3, 6)];

    public void Dispose() => Array.ForEach(backends, b => b.Backend.Dispose());

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Matrices_of_prime_sizes(int seed)
    {
        int number = seed;
        foreach (int k in (int[])[1, 2, 3, 5, 7, 31, 37, 64, 131])
            foreach (int n in (int[])[1, 3, 8, 17, 24, 33, 66])
                foreach (int m in (int[])[1, 2, 5, 13])
                    Check(new Draw(number * 7919 + seed, Pick(Enum.GetValues<Weights>(), number)), number++, new MatMul { Result = Pick(Results, number), Activation = Pick(Activations, number / 5) }, [m, k], [k, n]);
    }

    [Fact]
    public void Many_rows_and_long_ones()
    {
        int number = 0;
        foreach (Weights weights in Enum.GetValues<Weights>())
            foreach ((int m, int k, int n) in ((int, int, int)[])[(131, 40, 35), (49, 515, 16), (61, 30, 96), (7, 4099, 5), (101, 1024, 3)])
                Check(new Draw(number, weights), number++, new MatMul { Result = Pick(Results, number) }, [m, k], [k, n]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Convolutions(int seed)
    {
        int number = seed;
        foreach (Weights weights in Enum.GetValues<Weights>())
            foreach ((int[] x, int[] w, Window window, int groups) in ((int[], int[], Window, int)[])
                [
                    ([1, 5, 7, 12], [17, 1, 1, 12], Window.Of(1, 1), 1),
                    ([2, 3, 5, 7], [5, 1, 1, 7], Window.Of(1, 1), 1),
                    ([1, 9, 7, 8], [33, 1, 1, 8], Window.Of(1, 1) with { Strides = [2, 3] }, 1),
                    ([1, 13, 17, 3], [32, 3, 3, 3], Window.Of(3, 3) with { Strides = [2, 2], Pads = [0, 0, 1, 1] }, 1),
                    ([2, 11, 5, 5], [3, 3, 3, 5], Window.Of(3, 3) with { Pads = [1, 1, 1, 1] }, 1),
                    ([1, 7, 11, 4], [24, 5, 5, 4], Window.Of(5, 5) with { Pads = [2, 2, 2, 2], Dilations = [1, 2] }, 1),
                    ([1, 9, 8, 25], [35, 3, 2, 5], Window.Of(3, 2) with { Pads = [3, 1, 0, 2] }, 5),
                    ([3, 31, 5], [1, 7, 5], Window.Of(7) with { Pads = [3, 9], Strides = [2] }, 1),
                    ([2, 4, 5, 6, 3], [7, 2, 3, 2, 3], Window.Of(2, 3, 2) with { Pads = [1, 1, 0, 0, 1, 1] }, 1),
                ])
                Check(new Draw(number * 31 + seed, weights), number++, new Conv { Window = window, Groups = groups, Result = Pick(Results, number), Activation = Pick(Activations, number / 5) }, x, w);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Depthwise_convolutions(int seed)
    {
        int number = seed;
        foreach (Weights weights in Enum.GetValues<Weights>())
            foreach (int channels in (int[])[1, 2, 7, 8, 13, 16, 24, 33, 64, 67])
                foreach ((int[] size, Window window) in ((int[], Window)[])
                    [
                        ([1, 7, 9], Window.Of(3, 3) with { Pads = [1, 1, 1, 1] }),
                        ([2, 8, 11], Window.Of(3, 3) with { Strides = [2, 2], Pads = [0, 0, 1, 1] }),
                        ([1, 12, 5], Window.Of(5, 5) with { Pads = [2, 2, 2, 2] }),
                        ([1, 6, 13], Window.Of(2, 4) with { Dilations = [3, 2], Strides = [1, 3], Pads = [2, 5, 4, 1] }),
                        ([2, 3, 4, 5], Window.Of(2, 1, 3) with { Pads = [1, 0, 1, 0, 0, 1] }),
                        ([1, 19], Window.Of(4) with { Pads = [1, 2] }),
                        ([2, 9, 12], Window.Of(7, 3) with { Pads = [3, 1, 3, 1], Strides = [2, 1] }),
                        ([1, 3, 1201], Window.Of(3, 3) with { Pads = [1, 3, 1, 3], Dilations = [1, 3] }),
                        ([1, 5, 1], Window.Of(6, 2) with { Pads = [3, 4, 3, 4] }),
                    ])
                    Check(new Draw(number * 17 + seed, weights), number++, new Conv { Window = window, Groups = channels, Result = Pick(Results, number), Activation = Pick(Activations, number / 5) }, [.. size, channels], [channels, .. window.Kernel, 1]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Plain_integers(int seed)
    {
        int number = seed;
        foreach (Weights weights in Enum.GetValues<Weights>())
            foreach ((int m, int k, int n) in ((int, int, int)[])[(1, 37, 33), (13, 7, 17), (5, 64, 3), (61, 31, 48)])
                foreach ((DataType type, int zero) in Operands)
                {
                    var draw = new Draw(number * 13 + seed, weights);
                    var builder = new GraphBuilder("integers");
                    Tensor x = draw.Bytes(new TensorType(type, m, k), number++), zeroX = new(new TensorType(type));
                    zeroX.View.Bytes[0] = unchecked((byte)zero);
                    builder.Output("y", builder.Add1("node", new MatMulInteger(), builder.Input("x", x.Type), builder.Constant("w", draw.Weight([k, n], 1, conv: false)), builder.Input("zero", zeroX.Type)));
                    Check(builder.Build(), [x, zeroX], $"{weights} {m}x{k}x{n} {type} {zero}");
                }
    }

    [Fact]
    public void Bounded_weights_are_multiplied_in_quads_and_others_where_that_is_exact()
    {
        foreach (ProductPath path in ProductPaths.Supported.Where(p => p != ProductPath.Automatic))
        {
            Assert.Equal(path is not (ProductPath.Shorts1 or ProductPath.Shorts128 or ProductPath.Shorts256 or ProductPath.Shorts512), IsInQuads(path, Weights.Bounded));
            Assert.Equal(path is ProductPath.Quads1 or ProductPath.QuadsVnni or ProductPath.QuadsVnni512 or ProductPath.QuadsDot, IsInQuads(path, Weights.Any));
        }

        static bool IsInQuads(ProductPath path, Weights weights)
        {
            using var backend = new CpuBackend(1) { Products = path };
            using ICompiledPlan compiled = backend.Compile(Planner.Plan(Product(new Draw(1, weights), 1, new MatMul { Result = Results[0] }, [3, 8], [8, 40])));
            return compiled.Kernels[0].Contains(path == ProductPath.QuadsVnni512 ? "_vnni_" : "_quads_");
        }
    }

    /// <summary>Sums from all over the function's range, and far beyond it: in a row of each are as many as there are bytes.</summary>
    [Theory]
    [InlineData("Swish")]
    [InlineData("HardSwish")]
    [InlineData("LeakyRelu")]
    public void Functions_of_sums(string name)
    {
        var function = Enum.Parse<UnaryFunction>(name);
        var random = new Random(3);
        int[] extremes = [int.MinValue, int.MaxValue, int.MinValue + 1, 1 << 24, -(1 << 24) - 1, 0, 1, -1];
        foreach (int channels in (int[])[7, 16, 24, 31, 96])
            foreach (QuantizedResult result in (QuantizedResult[])[new(DataType.U8, 0.04f, 20), new(DataType.I8, 0.07f, -100), new(DataType.U8, 1e-3f, 255), new(DataType.U8, 1e-8f, 7)])
                foreach (bool depthwise in (bool[])[false, true])
                {
                    float[] scales = [.. Enumerable.Range(0, channels).Select(i => (float)Math.Pow(2, -6 - random.NextDouble() * 16))];
                    Tensor bias = Tensor.Vector<int>([.. scales.Select((scale, i) => i % 9 == 3 ? extremes[i / 9 % extremes.Length] : (int)((random.NextDouble() * 24 - 12) / scale))]);
                    Tensor gain = Tensor.Vector<float>([.. scales.Select(_ => (float)(0.5 + random.NextDouble()))]);
                    var weight = new Tensor(new TensorType(DataType.I8, depthwise ? new Shape(channels, 2, 1, 1) : new Shape(channels, 1, 1, 1), new Quantization(scales, new int[channels], 0)));
                    foreach (ref sbyte w in weight.Span<sbyte>()) w = (sbyte)random.Next(-64, 64);
                    var x = new Tensor(new TensorType(DataType.U8, new Shape(1, 5, 53, depthwise ? channels : 1), new Quantization(1, 128)));
                    random.NextBytes(x.View.Bytes);
                    var builder = new GraphBuilder("functions");
                    Value[] operands = [builder.Input("x", x.Type), builder.Constant("w", weight), builder.Constant("bias", bias), builder.Constant("gain", gain)];
                    var conv = new Conv { Window = depthwise ? Window.Of(2, 1) with { Pads = [1, 0, 0, 0] } : Window.Of(1, 1), Groups = depthwise ? channels : 1, Result = result, Activation = new Activation(function, function == UnaryFunction.Swish ? 1 : 0.2f, 0.5f) };
                    builder.Output("y", builder.Add1("node", conv, operands));
                    Check(builder.Build(), [x], $"{function} of {channels} channels as {result.Type} {result.Scale}");
                }
    }

    private void Check(Draw draw, int number, Operator op, int[] x, int[] w)
    {
        Graph graph = Product(draw, number, op, x, w);
        Check(graph, [draw.Bytes(graph.Inputs[0].Type, number)], $"{op.GetType().Name} {draw.Kind} [{string.Join(' ', x)}] [{string.Join(' ', w)}], number {number}");
    }

    private static Graph Product(Draw draw, int number, Operator op, int[] x, int[] w)
    {
        bool conv = op is Conv;
        int outputs = conv ? w[0] : w[^1];
        (DataType type, int zero) = Pick(Operands, number);
        var builder = new GraphBuilder("product");
        builder.Output("y", builder.Add1("node", op, builder.Input("x", new TensorType(type, new Shape(x), new Quantization(0.02f, zero))), builder.Constant("w", draw.Weight(w, outputs, conv)),
            number % 7 == 0 ? null : builder.Constant("bias", draw.Biases(outputs))));
        return builder.Build();
    }

    private void Check(Graph graph, Tensor[] feed, string what)
    {
        Tensor[] expected = GraphInterpreter.Run(graph, Array.ConvertAll(feed, t => t.View));
        ExecutionPlan plan = Planner.Plan(graph);
        foreach ((ProductPath path, int threads, CpuBackend backend) in backends)
        {
            using ICompiledPlan compiled = backend.Compile(plan);
            Assert.NotEqual("evaluate", compiled.Kernels[0]);
            for (int i = 0; i < feed.Length; i++) feed[i].View.Bytes.CopyTo(compiled.Input(i).Bytes);
            // Twice: the second run finds what the first left in scratch memory.
            compiled.Run();
            compiled.Run();
            int at = expected[0].View.Bytes.CommonPrefixLength(compiled.Output(0).Bytes);
            Assert.True(at == expected[0].View.Bytes.Length, $"{what}, {path}, {compiled.Kernels[0]}, {threads} threads: byte {at} differs.");
        }
    }

    private static T Pick<T>(T[] choices, int number) => choices[number % choices.Length];

    /// <summary>Kinds of weights.</summary>
    private enum Weights
    {
        /// <summary>Random pairs within the bound, and those at its ends.</summary>
        Bounded,

        /// <summary>Only pairs whose sum is exactly the bound, all of one sign: the sums are as large as they can be.</summary>
        Ends,

        /// <summary>All that bytes hold.</summary>
        Any,
    }

    /// <summary>Random operands.</summary>
    private sealed class Draw(int seed, Weights kind)
    {
        private readonly Random random = new(seed);

        public Weights Kind => kind;

        /// <summary>Activations: random, or all at an end of the range.</summary>
        public Tensor Bytes(TensorType type, int number)
        {
            var tensor = new Tensor(type);
            Span<byte> bytes = tensor.View.Bytes;
            random.NextBytes(bytes);
            if (number % 5 == 1) bytes.Fill(255);
            else if (number % 5 == 2) bytes.Clear();
            else if (number % 5 == 3) bytes.Fill(type.DataType == DataType.U8 ? (byte)255 : (byte)127);
            return tensor;
        }

        public Tensor Weight(int[] shape, int outputs, bool conv)
        {
            float[] scales = [.. Enumerable.Range(0, outputs).Select(i => 0.003f + 0.0007f * i)];
            var tensor = new Tensor(new TensorType(DataType.I8, new Shape(shape), outputs == 1 ? new Quantization(scales[0], 0) : new Quantization(scales, new int[outputs], conv ? 0 : shape.Length - 1)));
            Span<sbyte> weights = tensor.Span<sbyte>();
            if (kind == Weights.Any)
            {
                foreach (ref sbyte weight in weights) weight = (sbyte)random.Next(4) switch { 0 => sbyte.MinValue, 1 => sbyte.MaxValue, _ => (sbyte)random.Next(-128, 128) };
                return tensor;
            }
            int columns = conv ? shape[0] : shape[^1], inner = weights.Length / columns, step = conv ? 1 : columns;
            for (int column = 0; column < columns; column++)
            {
                int sign = random.Next(2) == 0 ? -1 : 1;
                for (int k = 0; k < inner; k += 2)
                {
                    int first = random.Next(6) switch { 0 => 127, 1 => 1, 2 => 64, 3 => 0, _ => random.Next(0, 128) }, room = Math.Min(127, 128 - first), second = kind == Weights.Ends || random.Next(3) == 0 ? room : random.Next(room + 1);
                    if (first == 0 && random.Next(2) == 0) (first, second, sign) = (128, 0, kind == Weights.Ends ? sign : -1);
                    int at = conv ? column * inner + k : k * columns + column;
                    weights[at] = (sbyte)Math.Clamp(sign * first, -128, 127);
                    if (kind == Weights.Bounded) sign = random.Next(2) == 0 ? -1 : 1;
                    if (k + 1 < inner) weights[at + step] = (sbyte)(sign * second);
                }
            }
            Assert.True(conv ? PairBound.OfConv(tensor.View) : PairBound.OfMatrix(tensor.View));
            return tensor;
        }

        public Tensor Biases(int count)
        {
            var tensor = new Tensor(new TensorType(DataType.I32, count));
            foreach (ref int bias in tensor.Span<int>())
                bias = random.Next(5) switch { 0 => (1 << 30) + random.Next(-5, 6), 1 => -(1 << 30) + random.Next(-5, 6), _ => random.Next(-20000, 20000) };
            return tensor;
        }
    }
}
