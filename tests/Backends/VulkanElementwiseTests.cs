using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Backends.Vulkan;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Planning;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tests.Conformance;
using EdgeRuntime.Tests.Unit;
using Xunit;

namespace EdgeRuntime.Tests.Backends;

/// <summary>Element-wise operators on Vulkan devices at the corners of what elements can be: every candidate, against the definition.</summary>
public class VulkanElementwiseTests
{
    private static readonly float[] Floats =
    [
        0, -0f, 0.5f, -0.5f, 1, -1, 2, -2, 3, -3, 1.5f, 2.5f, -2.5f, 7, -7, 0.1f, -0.1f, 0.99999994f, 1.0000001f, 16777216, -16777215, 2147483520, 2147483648, -2147483648, 1e10f,
        -1e10f, 1e-30f, -1e-30f, 1.17549435e-38f, 1e38f, -1e38f, float.MaxValue, float.MinValue, float.PositiveInfinity, float.NegativeInfinity, float.NaN,
    ];

    private static readonly int[] Integers = [0, 1, -1, 2, -2, 3, -3, 7, -7, 100, -100, 46341, 65536, 16777217, -16777217, int.MaxValue, int.MinValue, int.MinValue + 1];

    public static TheoryData<string, string> FloatFunctions => Cases(f => f <= BinaryFunction.LessOrEqual);

    public static TheoryData<string, string> IntegerFunctions =>
        Cases(f => f is <= BinaryFunction.LessOrEqual and not BinaryFunction.Pow or >= BinaryFunction.BitwiseAnd);

    public static TheoryData<string, string> TruthFunctions => Cases(f => f is BinaryFunction.Equal or BinaryFunction.And or BinaryFunction.Or or BinaryFunction.Xor);

    public static TheoryData<string> Drivers => [.. VulkanDrivers.Names];

    /// <summary>Every number with every other, by broadcasting and as two tensors of one shape, and numbers of all magnitudes.</summary>
    [Theory]
    [MemberData(nameof(FloatFunctions))]
    public void Floats_of_all_kinds(string driver, string function)
    {
        var op = new Binary { Function = Enum.Parse<BinaryFunction>(function) };
        Check(driver, op, Tensor.From<float>(new Shape(Floats.Length, 1), Floats), Tensor.Vector<float>(Floats));
        var random = new Random(7);
        float[] many = new float[30_011], others = new float[many.Length];
        for (int i = 0; i < many.Length; i++)
        {
            many[i] = i % 3 == 0 ? Any(random) : MathF.Exp((random.NextSingle() - 0.5f) * 20) * (i % 2 == 0 ? 1 : -1);
            others[i] = i % 5 == 0 ? Any(random) : i % 5 < 3 ? random.Next(-9, 9) : (random.NextSingle() - 0.5f) * 60;
        }
        Check(driver, op, Tensor.Vector<float>(many), Tensor.Vector<float>(others));
    }

    [Theory]
    [MemberData(nameof(IntegerFunctions))]
    public void Integers_of_all_kinds(string driver, string function) =>
        Check(driver, new Binary { Function = Enum.Parse<BinaryFunction>(function) }, Tensor.From<int>(new Shape(Integers.Length, 1), Integers), Tensor.Vector<int>(Integers));

    [Theory]
    [MemberData(nameof(TruthFunctions))]
    public void Truth(string driver, string function) => Check(driver, new Binary { Function = Enum.Parse<BinaryFunction>(function) }, Bools(3, 1, 5), Bools(7, 1));

    [Theory]
    [MemberData(nameof(Drivers))]
    public void Choices(string driver)
    {
        Tensor floats = Tensor.Vector<float>(Floats), integers = Tensor.Vector<int>(Integers);
        Check(driver, new Where(), Bools(Floats.Length), floats, Tensor.Scalar(0.25f));
        Check(driver, new Where(), Bools(Floats.Length), Tensor.Scalar(float.NaN), floats);
        Check(driver, new Where(), Bools(Integers.Length), integers, Tensor.Scalar(-5));
        Check(driver, new Where(), Bools(5, 1, 1), Tensor.From<float>(new Shape(Floats.Length, 1), Floats), Tensor.Vector<float>(1, 2, 3));
        Check(driver, new Where(), Bools(), Tensor.From<int>(new Shape(3, 1, Integers.Length), [.. Integers, .. Integers, .. Integers]), integers);
    }

    [Theory]
    [MemberData(nameof(Drivers))]
    public void Conversions(string driver)
    {
        Tensor floats = Tensor.Vector<float>(Floats), integers = Tensor.Vector<int>(Integers), bytes = Tensor.Vector<byte>(0, 1, 2, 127, 128, 255, 3);
        foreach (Tensor from in (Tensor[])[floats, integers, Bools(13), bytes])
            foreach (DataType to in (DataType[])[DataType.F32, DataType.I32, DataType.Bool])
                if (from.Type.DataType != to) Check(driver, new Cast { To = to }, from);
        Check(driver, new Unary { Function = UnaryFunction.IsNaN }, floats);
        foreach ((float negative, float positive) in ((float, float)[])[(1, 1), (0, 1), (1, 0)])
            Check(driver, new Unary { Function = UnaryFunction.IsInf, Alpha = negative, Beta = positive }, floats);
        Check(driver, new Unary { Function = UnaryFunction.Not }, Bools(13));
        Check(driver, new Unary { Function = UnaryFunction.BitwiseNot }, integers);
    }

    /// <summary>A float of any magnitude, but no denormal: devices may take those for zero.</summary>
    private static float Any(Random random)
    {
        float value = BitConverter.Int32BitsToSingle(random.Next(int.MinValue, int.MaxValue));
        return float.IsSubnormal(value) ? 0 : value;
    }

    private static Tensor Bools(params int[] shape)
    {
        var tensor = new Tensor(new TensorType(DataType.Bool, shape));
        Span<byte> values = tensor.Span<byte>();
        for (int i = 0; i < values.Length; i++) values[i] = (byte)(i * i % 3 % 2);
        return tensor;
    }

    private static TheoryData<string, string> Cases(Predicate<BinaryFunction> select)
    {
        var cases = new TheoryData<string, string>();
        foreach (string driver in VulkanDrivers.Names)
            foreach (BinaryFunction function in Enum.GetValues<BinaryFunction>())
                if (select(function)) cases.Add(driver, function.ToString());
        return cases;
    }

    private static void Check(string driver, Operator op, params Tensor[] inputs)
    {
        VulkanBackend backend = VulkanDrivers.Open(driver);
        var builder = new GraphBuilder("elementwise");
        var operands = new Value[inputs.Length];
        for (int i = 0; i < inputs.Length; i++) operands[i] = builder.Input($"x{i}", inputs[i].Type);
        builder.Output("y", builder.Add("node", op, operands)[0]);
        ExecutionPlan plan = Planner.Plan(builder.Build());
        Tensor expected = new OperatorSample(op, inputs).Evaluate()[0];
        GpuLowering lowering = GpuProgram.Lower(plan, plan.Steps[0], backend.GpuTraits, out _);
        Assert.True(lowering.Rejection is null, $"{op}: {lowering.Rejection}");
        foreach (string name in lowering.Candidates.Select(c => c.Name))
        {
            using VulkanPlan compiled = backend.Compile(GpuProgram.Build(plan, backend.GpuTraits, (_, ways) => ways.Candidates.Single(c => c.Name == name)));
            for (int i = 0; i < inputs.Length; i++) inputs[i].View.Bytes.CopyTo(compiled.Input(i).Bytes);
            compiled.Run();
            Closeness.Check(expected.View, compiled.Output(0), op.Tolerance, $"{op} of {inputs[0].Type}, {name}, {driver}");
        }
        Assert.Empty(backend.Messages);
    }
}
