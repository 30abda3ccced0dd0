using System.Runtime.InteropServices;
using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Planning;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tests.Conformance;
using Xunit;

namespace EdgeRuntime.Tests.Backends;

/// <summary>One source, three compilers, the same bytes: convolutions and products of bytes on each driver, in each compiled form, against their definitions.</summary>
public class Int8KernelTests
{
    /// <summary>What a compiler has that knows products of packed bytes, for one that does not.</summary>
    private const string PackedDot = """
        #define __opencl_c_integer_dot_product_input_4x8bit_packed 1
        int dot_4x8packed_us_int(uint a, uint b)
        {
            uchar4 x = as_uchar4(a);
            char4 w = as_char4(b);
            return x.x * w.x + x.y * w.y + x.z * w.z + x.w * w.w;
        }

        """;

    /// <summary>Cases that every form is tried on: each kernel, with and without signs, zero points of weights, channels in fours, functions and reals.</summary>
    private static readonly string[] Chosen =
    [
        "qconv 1x1 11->1 U8", "qconv 1x1 11->8 U8", "qconv 1x1 32->16 I8 relu", "qconv 1x1 32->17 F32 relu", "qconv 1x1 32->48 U8 relu", "qconv 3x3 5->8 U8 clip", "qconv 3x3 5->31 F32 clip", "qconv 3x3 s2 dilated 6->16 I8",
        "qconv bounded 3x3 s2 3->8", "qconv picture 3 U8", "qconv picture 1 I8", "qdepthwise 3x3 8 U8", "qdepthwise 3x3 s2 16 I8", "qdepthwise 5x5 dilated 24 U8", "qdepthwise 5x5 dilated 13 I8", "qconv 1x1 7->72 LeakyRelu U8", "qconv bounded 3x3 5->16 HardSwish I8 gain",
        "qdepthwise 3x3 72 Swish U8 gain", "qconv 3x3 u8 3->72 Swish I8", "qconv 3x3 u8 3->5 Swish U8", "qconv 3d", "qconv groups 3", "qconv wide", "qmatmul 12x37x50", "qmatmul 5x37x16", "qmatmul computed 64 13", "qmatmul computed 7 8 bias", "qmatmul computed 64 8 row",
    ];

    public static TheoryData<string, string> Forms()
    {
        var forms = new TheoryData<string, string>();
        foreach (string driver in KernelRunner.Drivers)
            foreach (string form in driver == "pocl" ? (string[])["source", "source.dot"] : ["f32.tex", "f32.buf", "f32.tex.dot", "f32.buf.dot"]) forms.Add(driver, form);
        return forms;
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Awkward_shapes_give_the_bytes_of_the_definition(string driver, string form)
    {
        using KernelRunner runner = Open(driver, form);
        foreach (string name in Chosen)
        {
            OperatorCase @case = OperatorCases.All[name];
            Assert.True(Check(runner, form, name, @case.Graph(), @case.Feed()), $"{name} is rejected.");
        }
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Fixed_vectors_come_out(string driver, string form)
    {
        using KernelRunner runner = Open(driver, form);
        int done = 0;
        foreach (NumericVector vector in NumericVectors.All)
        {
            if (vector.Operator is not (Conv or MatMul)) continue;
            var builder = new GraphBuilder(vector.Name);
            Value[] operands = [.. vector.Inputs.Select((t, i) => i == 0 ? builder.Input("x", t.Type) : builder.Constant($"in{i}", t))];
            builder.Output("y", builder.Add1("node", vector.Operator, operands));
            if (Check(runner, form, vector.Name, builder.Build(), [vector.Inputs[0]])) done++;
        }
        Assert.InRange(done, 10, 100);
    }

    /// <summary>An input that is its zero point: each output is its bias, times what its scale makes the multiplier.</summary>
    [Theory]
    [MemberData(nameof(Forms))]
    public void Each_sum_is_rounded_as_defined(string driver, string form)
    {
        using KernelRunner runner = Open(driver, form);
        var random = new Random(5);
        var cases = new List<(int Sum, float Scale)>();
        int[] sums = [0, 1, -1, 2, -2, 3, -3, 127, -128, 255, -255, 1 << 24, (1 << 24) + 1, (1 << 24) + 3, -(1 << 24) - 1, -(1 << 24) - 3, int.MaxValue, int.MinValue, int.MaxValue - 1, int.MinValue + 1, int.MaxValue - 63, int.MaxValue - 64, int.MaxValue - 65];
        float[] scales = [1, 0.5f, 0.25f, 1 / 3f, 0.1f, 1e-3f, 1 / 16777216f, 1 / 16777215f, 5e-8f, 1e-9f, 3e-30f, 1e20f];
        foreach (int sum in sums)
            foreach (float scale in scales) cases.Add((sum, scale));
        // Halves, and their neighbours.
        for (int power = 1; power <= 20; power++)
            for (int odd = -9; odd <= 9; odd += 2)
                for (int beside = -1; beside <= 1; beside++) cases.Add((odd * (1 << (power - 1)) + beside, 1f / (1 << power)));
        for (int i = 0; i < 3000; i++)
        {
            float scale = (float)Math.Pow(2, -random.NextDouble() * 23);
            cases.Add(((int)Math.Clamp((random.NextDouble() * 300 - 150) / scale, int.MinValue, int.MaxValue), scale));
        }
        while (cases.Count % 4 != 0) cases.Add((0, 1));
        var x = new Tensor(new TensorType(DataType.U8, new Shape(1, 1, 2, 1), new Quantization(1, 128)));
        x.View.Bytes.Fill(128);
        var weight = new Tensor(new TensorType(DataType.I8, new Shape(cases.Count, 1, 1, 1), new Quantization([.. cases.Select(c => c.Scale)], new int[cases.Count], 0)));
        Tensor bias = Tensor.Vector<int>([.. cases.Select(c => c.Sum)]);
        foreach ((QuantizedResult result, Activation activation) in ((QuantizedResult, Activation)[])
            [
                (new(DataType.U8, 1, 128), default), (new(DataType.I8, 1, -128), default), (new(DataType.U8, 1, 0), new(UnaryFunction.Clip, 0, 99.5f)), (new(DataType.F32), default), (new(DataType.F32), new(UnaryFunction.Clip, -1, 1e6f)),
                (new(DataType.U8, 0.5f, 100), new(UnaryFunction.LeakyRelu, 0.1f)), (new(DataType.U8, 0.05f, 20), new(UnaryFunction.HardSwish, 1 / 6f, 0.5f)), (new(DataType.I8, 0.05f, -100), new(UnaryFunction.Swish, 1)),
            ])
        {
            var builder = new GraphBuilder("sums");
            Value[] operands = [builder.Input("x", x.Type), builder.Constant("weight", weight), builder.Constant("bias", bias)];
            builder.Output("y", builder.Add1("node", new Conv { Window = Window.Of(1, 1), Result = result, Activation = activation }, operands));
            Assert.True(Check(runner, form, $"sums as {result.Type} {activation.Function}", builder.Build(), [x]));
        }
    }

    private static KernelRunner Open(string driver, string form)
    {
        bool dot = form.EndsWith(".dot", StringComparison.Ordinal);
        KernelRunner runner = driver == "pocl" && dot ? new OpenClKernelRunner { Preamble = PackedDot } : KernelRunner.Open(driver);
        if (!dot || runner is not VulkanKernelRunner { HasPackedDot: false }) return runner;
        runner.Dispose();
        Assert.Skip($"{driver} has no product of packed bytes.");
        return runner;
    }

    /// <summary>Runs every way to execute a graph of one step; false when it is rejected.</summary>
    private static bool Check(KernelRunner runner, string form, string name, Graph graph, Tensor[] feed)
    {
        Tensor[] expected = GraphInterpreter.Run(graph, Array.ConvertAll(feed, t => t.View));
        ExecutionPlan plan = Planner.Plan(graph);
        var traits = new GpuTraits { Api = "test", Device = name, SubgroupSize = 8 };
        GpuLowering lowering = GpuKernels.Lower(plan, plan.Steps[0], traits, out GpuStep step);
        // Tiles are tried in one form, which is what operators' tests do on backends, too.
        foreach (GpuCandidate candidate in lowering.Candidates.Take(form is "f32.tex" or "source" ? 8 : 1))
        {
            Dispatch dispatch = Assert.Single(candidate.Dispatches);
            KernelInfo kernel = KernelManifest.All[dispatch.Kernel];
            var variant = new KernelVariant(false, false, form.Contains("tex", StringComparison.Ordinal), kernel.PackedDot && form.Contains("dot", StringComparison.Ordinal));
            runner.Prepare(dispatch, variant, Array.ConvertAll(dispatch.Buffers, Words));
            runner.Execute();
            bool real = expected[0].View.DataType == DataType.F32;
            int result = Enumerable.Range(0, kernel.Buffers.Count).Single(i => kernel.Buffers[i].Written && kernel.Buffers[i].Element == (real ? KernelElement.Float : KernelElement.UInt));
            byte[] bytes = MemoryMarshal.AsBytes(runner.Read(result).AsSpan()).ToArray();
            if (real) Assert.Equal(expected[0].Span<float>().ToArray(), MemoryMarshal.Cast<byte, float>(bytes)[..expected[0].Span<float>().Length].ToArray());
            else Assert.True(expected[0].View.Bytes.SequenceEqual(bytes.AsSpan(0, expected[0].View.Bytes.Length)), $"{name}, {candidate.Name}: {Difference(expected[0].View.Bytes, bytes)}");
        }
        return lowering.Rejection is null;

        uint[] Words(BufferRef buffer)
        {
            uint[] words = new uint[GpuProgram.Bytes(plan, step, buffer, traits) / 4];
            if (buffer.Kind == BufferKind.Packed) step.Packed[buffer.Index].Integers!(MemoryMarshal.Cast<uint, int>(words.AsSpan())[..step.Packed[buffer.Index].Count]);
            else if (plan.Slots[buffer.Index].Constant is { } constant) constant.View.Bytes.CopyTo(MemoryMarshal.AsBytes(words.AsSpan()));
            else if (plan.Inputs.Select((port, i) => (port, i)).FirstOrDefault(p => p.port.Slot == buffer.Index) is { port: not null } input) feed[input.i].View.Bytes.CopyTo(MemoryMarshal.AsBytes(words.AsSpan()));
            return words;
        }
    }

    private static string Difference(ReadOnlySpan<byte> expected, ReadOnlySpan<byte> actual)
    {
        int differ = 0, first = -1;
        for (int i = 0; i < expected.Length; i++)
        {
            if (expected[i] == actual[i]) continue;
            differ++;
            if (first < 0) first = i;
        }
        return differ == 0 ? "none differs" : $"{differ} of {expected.Length} bytes differ, the first at {first}: {actual[first]} instead of {expected[first]}";
    }
}
