using EdgeRuntime.Diagnostics;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

using EdgeRuntime.Tools.Onnx.Proto;
using EdgeRuntime.Tools.Reference;
using Xunit;
using static EdgeRuntime.Tests.Unit.OnnxModels;

namespace EdgeRuntime.Tests.Conformance;

/// <summary>Each operator in all element types that ONNX Runtime has it for.</summary>
public class ReferenceTypeTests(ITestOutputHelper output)
{
    private static readonly DataType[] Numbers =
    [
        DataType.F32, DataType.F64, DataType.F16, DataType.I8, DataType.U8, DataType.I16, DataType.U16, DataType.I32, DataType.U32, DataType.I64, DataType.U64,
    ];

    private static readonly DataType[] Every = [.. Numbers, DataType.Bool];

    private static readonly DataType[] Floats = [DataType.F32, DataType.F64, DataType.F16];

    public static TheoryData<string> Operators => [.. Families().Select(f => f.Name).Distinct()];

    [Theory]
    [MemberData(nameof(Operators))]
    public void All_types_that_onnx_runtime_has(string name)
    {
        Assert.SkipUnless(ReferenceRuntime.IsReady, "ONNX Runtime is not in the cache; `edgert verify MODEL` puts it there.");
        IReferenceRuntime reference = ReferenceRuntime.Load(stop: TestContext.Current.CancellationToken);
        List<string> wrong = [];
        int compared = 0;
        foreach (ReferenceCase one in Families().Where(f => f.Name == name).SelectMany(f => f.Cases))
        {
            try
            {
                if (one.CompareIfKnown(reference)) compared++;
            }
            catch (Exception e) when (e is EdgeException or Xunit.Sdk.XunitException)
            {
                wrong.Add(e.Message);
            }
        }
        output.WriteLine($"{compared} compared");
        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
    }

    private static IEnumerable<(string Name, IEnumerable<ReferenceCase> Cases)> Families()
    {
        foreach (string op in (string[])["Abs", "Neg", "Sign", "Not", "BitwiseNot", "Relu", "Floor", "Ceil", "Round", "IsNaN", "IsInf", "Identity", "Shape", "Size", "NonZero", "Erf", "Reciprocal", "Exp", "Sigmoid", "Tanh", "Softplus", "Softsign",
            "Elu", "LeakyRelu", "HardSigmoid", "HardSwish", "Gelu", "Mish", "Celu", "Selu", "ThresholdedRelu", "Shrink", "Sin", "Cos", "Tan", "Atan", "Sinh", "Cosh", "Asinh", "Softmax", "LogSoftmax", "Hardmax", "Trilu", "GlobalAveragePool", "GlobalMaxPool"])
            yield return (op, Every.Select(t => Case(op, t, [], V(t, 2, 3, 4))));
        foreach (string op in (string[])["Sqrt", "Log", "Acosh"]) yield return (op, Floats.Select(t => Case(op, t, [], Positive(t, 3, 4))));
        foreach (string op in (string[])["Add", "Sub", "Mul", "Max", "Min", "Equal", "Greater", "Less", "GreaterOrEqual", "LessOrEqual", "And", "Or", "Xor", "BitwiseAnd", "BitwiseOr", "BitwiseXor", "Sum", "Mean", "PRelu"])
            yield return (op, Every.Select(t => Case(op, t, [], V(t, 2, 3, 4), V(t, 3, 1))));
        foreach (string op in (string[])["Div", "Pow"]) yield return (op, Numbers.Select(t => Case(op, t, [], V(t, 3, 4), Positive(t, 3, 4))));
        yield return ("Pow", Numbers.SelectMany(a => new[] { DataType.F32, DataType.I32, DataType.I64, DataType.F64 }.Where(b => a.IsFloat() || !b.IsFloat()).Select(b => Case("Pow", a, [], V(a, 3, 4), Positive(b, 3, 4)))));
        yield return ("Mod", Numbers.Select(t => Case("Mod", t, [Int("fmod", t.IsFloat() ? 1 : 0)], V(t, 3, 4), Positive(t, 3, 4))));
        yield return ("Mod", Numbers.Select(t => Case("Mod", t, [Int("fmod", 1)], V(t, 3, 4), Positive(t, 3, 4))));
        foreach (string way in (string[])["LEFT", "RIGHT"]) yield return ("BitShift", Numbers.Select(t => Case("BitShift", t, [Text("direction", way)], Positive(t, 3, 4), Positive(t, 3, 4))));
        foreach (string op in (string[])["ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceSumSquare", "ReduceLogSum", "ReduceLogSumExp"])
        {
            Func<DataType, Tensor> x = op == "ReduceLogSum" ? t => Positive(t, 2, 3, 4) : t => V(t, 2, 3, 4);
            yield return (op, Every.Select(t => Case(op, t, [], x(t), Tensor.Vector(1L))));
            yield return (op, Every.Select(t => Case(op, t, [Int("keepdims", 0)], x(t), Tensor.Vector(-1L, 0L)) with { Constants = [1] }));
            yield return (op, Floats.Select(t => Case(op, t, [Int("noop_with_empty_axes", 1)], x(t))));
            // Of integers, ONNX Runtime rounds sums of exponentials before it takes the logarithm.
            yield return (op, (op == "ReduceLogSumExp" ? Floats : Every).Select(t => Case(op, t, [], x(t))));
        }
        foreach (string op in (string[])["ArgMax", "ArgMin"]) yield return (op, Every.Select(t => Case(op, t, [Int("axis", 1), Int("select_last_index", 1)], V(t, 2, 3, 4))));
        foreach (int largest in (int[])[0, 1]) yield return ("TopK", Numbers.Select(t => Case("TopK", t, [Int("axis", 1), Int("largest", largest)], V(t, 2, 5, 3), Tensor.Vector(2L)) with { Outputs = 2 }));
        yield return ("CumSum", Numbers.Select(t => Case("CumSum", t, [Int("exclusive", 1), Int("reverse", 1)], V(t, 2, 5), Tensor.Scalar(1))));
        yield return ("Clip", Numbers.Select(t => Case("Clip", t, [], V(t, 3, 4), Of(t, 1), Of(t, 2))));
        yield return ("Clip", Numbers.Select(t => Case("Clip", t, [], V(t, 3, 4), null, Of(t, 2)) with { Constants = [2] }));
        yield return ("Where", Every.Select(t => Case("Where", t, [], V(DataType.Bool, 3, 1), V(t, 3, 4), V(t, 4))));
        Tensor indices = Tensor.From(new Shape(2, 2), 0L, -1, 1, 1);
        yield return ("Gather", Every.Select(t => Case("Gather", t, [Int("axis", 1)], V(t, 3, 4), indices)));
        yield return ("GatherElements", Every.Select(t => Case("GatherElements", t, [Int("axis", 1)], V(t, 2, 3), indices)));
        yield return ("GatherND", Every.Select(t => Case("GatherND", t, [], V(t, 3, 4), indices)));
        foreach (string reduction in (string[])["none", "add", "mul", "min", "max"])
        {
            yield return ("ScatterElements", Every.Select(t => Case("ScatterElements", t, [Text("reduction", reduction)], V(t, 3, 4), Tensor.From(new Shape(2, 2), 0L, -1, 1, 2), V(t, 2, 2))));
            yield return ("ScatterND", Every.Select(t => Case("ScatterND", t, [Text("reduction", reduction)], V(t, 4, 3), Tensor.From(new Shape(2, 1), 3L, 1), V(t, 2, 3))));
        }
        yield return ("OneHot", Numbers.SelectMany(i => Every.Select(t => Case("OneHot", t, [], Fill(i, n => n * 2 % 5, 3), Of(i, 5), Join(Of(t, 0), Of(t, 1))))));
        yield return ("Unique", Numbers.Select(t => Case("Unique", t, [], V(t, 9)) with { Outputs = 4 }));
        yield return ("Compress", Every.Select(t => Case("Compress", t, [Int("axis", 1)], V(t, 2, 3), Tensor.Vector(true, false, true))));
        yield return ("Range", Numbers.Select(t => Case("Range", t, [], Of(t, 1), Of(t, 9), Of(t, 3))));
        yield return ("Tile", Every.Select(t => Case("Tile", t, [], V(t, 2, 3), Tensor.Vector(2L, 2L))));
        yield return ("Expand", Every.Select(t => Case("Expand", t, [], V(t, 3, 1), Tensor.Vector(2L, 1L, 4L))));
        foreach (string mode in (string[])["constant", "reflect", "edge", "wrap"]) yield return ("Pad", Every.Select(t => Case("Pad", t, [Text("mode", mode)], V(t, 3, 4), Tensor.Vector(1L, 2L, 0L, 1L), mode == "constant" ? Of(t, 1) : null)));
        yield return ("Slice", Every.Select(t => Case("Slice", t, [], V(t, 4, 5), Tensor.Vector(3L, 0L), Tensor.Vector(0L, 9L), Tensor.Vector(0L, 1L), Tensor.Vector(-2L, 2L))));
        yield return ("Concat", Every.Select(t => Case("Concat", t, [Int("axis", 1)], V(t, 2, 3), V(t, 2, 1))));
        yield return ("Split", Every.Select(t => Case("Split", t, [Int("axis", 1), Int("num_outputs", 2)], V(t, 2, 5)) with { Outputs = 2 }));
        yield return ("Transpose", Every.Select(t => Case("Transpose", t, [], V(t, 2, 3, 4))));
        foreach (string mode in (string[])["nearest", "linear", "cubic"])
            yield return ("Resize", Numbers.Select(t => Case("Resize", t, [Text("mode", mode)], Positive(t, 1, 1, 3, 4), null, Tensor.Vector(1f, 1f, 2f, 1.5f)) with { Constants = [2] }));
        yield return ("DepthToSpace", Every.Select(t => Case("DepthToSpace", t, [Int("blocksize", 2)], V(t, 1, 4, 2, 3))));
        yield return ("SpaceToDepth", Every.Select(t => Case("SpaceToDepth", t, [Int("blocksize", 2)], V(t, 1, 1, 4, 2))));
        yield return ("EyeLike", Every.Select(t => Case("EyeLike", t, [Int("k", 1)], V(t, 3, 4))));
        yield return ("ReverseSequence", Every.Select(t => Case("ReverseSequence", t, [], V(t, 4, 2, 3), Tensor.Vector(1L, 4L))));
        yield return ("Einsum", Numbers.Select(t => Case("Einsum", t, [Text("equation", "ij,kj->ik")], V(t, 2, 3), V(t, 4, 3))));
        yield return ("MatMul", Numbers.Select(t => Case("MatMul", t, [], V(t, 2, 3, 4), V(t, 4, 5))));
        yield return ("Gemm", Numbers.Select(t => Case("Gemm", t, [Int("transB", 1)], V(t, 3, 4), V(t, 5, 4), V(t, 5))));
        yield return ("MaxPool", Numbers.Select(t => Case("MaxPool", t, [Ints("kernel_shape", 2, 2)], V(t, 1, 2, 4, 5))));
        yield return ("AveragePool", Floats.Select(t => Case("AveragePool", t, [Ints("kernel_shape", 2, 2)], V(t, 1, 2, 4, 5))));
        yield return ("Conv", Floats.Select(t => Case("Conv", t, [], V(t, 1, 2, 4, 5), V(t, 3, 2, 2, 2), V(t, 3))));
        yield return ("ConvTranspose", Floats.Select(t => Case("ConvTranspose", t, [], V(t, 1, 2, 4, 5), V(t, 2, 3, 2, 2), V(t, 3))));
        yield return ("BatchNormalization", Floats.Select(t => Case("BatchNormalization", t, [], V(t, 1, 2, 3), V(t, 2), V(t, 2), V(t, 2), Positive(t, 2))));
        yield return ("LayerNormalization", Floats.Select(t => Case("LayerNormalization", t, [], V(t, 2, 3, 4), V(t, 4), V(t, 4))));
        yield return ("InstanceNormalization", Floats.Select(t => Case("InstanceNormalization", t, [], V(t, 2, 3, 4), V(t, 3), V(t, 3))));
        yield return ("Det", Floats.Select(t => Case("Det", t, [], V(t, 2, 3, 3))));
        yield return ("GridSample", Floats.Select(t => Case("GridSample", t, [], V(t, 1, 2, 3, 4), V(t, 1, 2, 2, 2))));
        yield return ("Cast", Every.SelectMany(from => Every.Select(to => Case("Cast", from, [Int("to", ReferenceCase.OnnxType(to))], to == DataType.U8 || to == DataType.U16 || to == DataType.U32 || to == DataType.U64 ? Positive(from, 3, 4) : V(from, 3, 4)))));
        yield return ("CastLike", Every.Select(to => Case("CastLike", DataType.F32, [], Positive(DataType.F32, 3, 4), V(to, 1))));
    }

    private static ReferenceCase Case(string op, DataType type, AttributeProto[] attributes, params Tensor?[] inputs) =>
        new($"{op} of {string.Join(" and ", inputs.Select(i => i?.Type.ToString() ?? "none"))}{(attributes.Length > 0 ? $" ({string.Join(", ", attributes.Select(a => $"{a.Name} {a.I} {a.S?.ToStringUtf8()}"))})" : "")}", op, 20, attributes, inputs)
        {
            Tolerance = type == DataType.F16 ? 2e-2 : 1e-5,
        };

    private static Tensor Positive(DataType type, params ReadOnlySpan<int> dimensions) => Fill(type, i => type.IsFloat() ? 0.25 + i * 7 % 12 / 4.0 : 1 + i * 7 % 4, dimensions);

    /// <summary>Small numbers, some negative where the type has such.</summary>
    private static Tensor V(DataType type, params ReadOnlySpan<int> dimensions) =>
        Fill(type, i => type.IsFloat() ? (i * 7 % 13 - 6) / 4.0 : type is DataType.Bool ? i * 7 % 3 % 2 : type is DataType.I8 or DataType.I16 or DataType.I32 or DataType.I64 ? i * 7 % 11 - 5 : i * 7 % 11, dimensions);

    private static Tensor Of(DataType type, double value) => Fill(type, _ => value);

    private static Tensor Join(Tensor a, Tensor b)
    {
        var both = new Tensor(new TensorType(a.Type.DataType, 2));
        a.View.Bytes.CopyTo(both.View.Bytes);
        b.View.Bytes.CopyTo(both.View.Bytes[a.View.Bytes.Length..]);
        return both;
    }

    private static Tensor Fill(DataType type, Func<int, double> value, params ReadOnlySpan<int> dimensions)
    {
        var tensor = new Tensor(new TensorType(type, dimensions));
        double[] values = [.. Enumerable.Range(0, (int)tensor.Shape.Count).Select(value)];
        if (type == DataType.Bool)
            for (int i = 0; i < values.Length; i++) tensor.View.Bytes[i] = (byte)(values[i] != 0 ? 1 : 0);
        else Elements.Write(tensor.View, values);
        return tensor;
    }
}
