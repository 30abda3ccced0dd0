using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Conversion;
using Xunit;

namespace EdgeRuntime.Tests.Passes;

/// <summary>Operators between dequantized operands and a quantization, before and after the passes that make them operators of integers.</summary>
public class QuantizationTests
{
    [Fact]
    public void A_convolution_between_quantizations_is_one_of_integers()
    {
        Graph after = Check(b =>
        {
            Value x = Dequantized(b, "x", Quantized(b, "q", b.Input("in", new TensorType(DataType.F32, 1, 4, 5, 6)), 0.01f, 100), 0.01f, 100);
            // As imported: weights and activations are turned to channels last behind the dequantization.
            Value w = b.Add1("w/last", new Transpose { Permutation = [0, 2, 3, 1] }, PerChannel(b, "w", 7, 4, 3, 3));
            Value bias = b.Constant("bias", Tensor.Vector(Enumerable.Range(0, 7).Select(i => 0.01f * i).ToArray()));
            Value y = b.Add1("conv", new Conv { Window = Window.Of(3, 3), Activation = new(UnaryFunction.Relu) }, b.Add1("x/last", new Transpose { Permutation = [0, 2, 3, 1] }, x), w, bias);
            return Dequantized(b, "y", Quantized(b, "r", b.Add1("y/first", new Transpose { Permutation = [0, 3, 1, 2] }, y), 0.02f, 7), 0.02f, 7);
        });
        Assert.Equal(["Conv", "Dequantize", "Quantize", "Transpose", "Transpose"], PassCheck.Operators(after).Order(StringComparer.Ordinal));
        Conv conv = Assert.IsType<Conv>(after.Nodes.Single(n => n.Operator is Conv).Operator);
        Assert.Equal(new QuantizedResult(DataType.U8, 0.02f, 7), conv.Result);
        Assert.DoesNotContain(after.Constants, c => c.Type.DataType == DataType.F32 && c.Type.Shape.Count > 1);
    }

    [Fact]
    public void A_product_whose_result_stays_real_takes_integers()
    {
        Graph after = Check(b =>
        {
            Value x = Dequantized(b, "x", Quantized(b, "q", b.Input("in", new TensorType(DataType.F32, 3, 8)), 0.01f, 128), 0.01f, 128);
            return b.Add1("product", new MatMul { TransposeB = true }, x, Dequantized(b, "w", b.Constant("w8", Numbers(5, 8)), 0.02f, 9));
        });
        Assert.Equal(["Quantize", "MatMul"], PassCheck.Operators(after));
        Assert.Equal(DataType.F32, Assert.IsType<MatMul>(after.Nodes[1].Operator).Result.Type);
    }

    [Fact]
    public void Sums_functions_means_and_joins_become_integer_ones()
    {
        Graph after = Check(b =>
        {
            Value a = Dequantized(b, "a", Quantized(b, "qa", b.Input("in", new TensorType(DataType.F32, 1, 4, 4, 6)), 0.01f, 100), 0.01f, 100);
            Value s = Dequantized(b, "s", Quantized(b, "qs", b.Apply("sum", BinaryFunction.Add, a, a), 0.02f, 90), 0.02f, 90);
            Value f = Dequantized(b, "f", Quantized(b, "qf", b.Apply("sigmoid", UnaryFunction.Sigmoid, s), 0.004f, 0), 0.004f, 0);
            Value j = Dequantized(b, "j", Quantized(b, "qj", b.Add1("join", new Concat { Axis = 3 }, s, f), 0.02f, 90), 0.02f, 90);
            return Dequantized(b, "m", Quantized(b, "qm", b.Add1("mean", new Reduce { Function = ReduceFunction.Mean, Axes = [1, 2] }, j), 0.01f, 80), 0.01f, 80);
        });
        Assert.Equal(["Quantize", "Binary", "Unary", "Unary", "Concat", "Pool", "Dequantize"], PassCheck.Operators(after));
    }

    [Fact]
    public void Quantizing_what_was_dequantized_vanishes_or_changes_the_scale()
    {
        Graph after = Check(b =>
        {
            Value x = Quantized(b, "q", b.Input("in", new TensorType(DataType.F32, 9)), 0.01f, 100);
            return Dequantized(b, "y", Quantized(b, "again", Dequantized(b, "x", x, 0.01f, 100), 0.01f, 100), 0.01f, 100);
        });
        Assert.Equal(["Quantize", "Dequantize"], PassCheck.Operators(after));
        after = Check(b =>
        {
            Value x = Quantized(b, "q", b.Input("in", new TensorType(DataType.F32, 9)), 0.01f, 100);
            return Dequantized(b, "y", Quantized(b, "again", Dequantized(b, "x", x, 0.01f, 100), 0.02f, 90), 0.02f, 90);
        });
        Assert.Equal(["Quantize", "Unary", "Dequantize"], PassCheck.Operators(after));
    }

    [Fact]
    public void Movement_happens_to_bytes()
    {
        Graph after = Check(b =>
        {
            Value x = Dequantized(b, "x", Quantized(b, "q", b.Input("in", new TensorType(DataType.F32, 1, 4, 4, 6)), 0.01f, 100), 0.01f, 100);
            x = b.Add1("pool", new Pool { Window = Window.Of(2, 2) }, x);
            x = b.Add1("pad", new Pad { Pads = [0, 1, 1, 0, 0, 0, 0, 0] }, x);
            x = b.Add1("slice", new Slice { Starts = [1], Ends = [5], Axes = [3], Steps = [1] }, x);
            return b.Add1("shape", new Reshape { Target = [-1] }, x);
        });
        Assert.Equal(["Quantize", "Pool", "Pad", "Slice", "Reshape", "Dequantize"], PassCheck.Operators(after));
    }

    [Fact]
    public void An_embedding_stays_eight_bits()
    {
        Graph after = Check(b =>
        {
            Value table = Dequantized(b, "table", b.Constant("table8", Numbers(300, 16)), 0.02f, 9);
            Value index = b.Constant("index", Tensor.Vector(3L, 299L, 0L));
            return b.Apply("y", BinaryFunction.Add, b.Add1("row", new Gather(), table, index), b.Input("in", new TensorType(DataType.F32, 3, 16)));
        });
        Assert.True(after.Constants.Sum(c => c.Type.ByteCount) < 300 * 16 * 4);
    }

    [Theory]
    [InlineData(DataType.U8, false)]
    [InlineData(DataType.U8, true)]
    [InlineData(DataType.I8, false)]
    public void A_table_that_is_also_the_matrix_of_the_output_is_kept_once(DataType type, bool byRow)
    {
        Graph after = Check(b =>
        {
            var numbers = new Tensor(new TensorType(type, 5000, 16));
            new Random(5).NextBytes(numbers.View.Bytes);
            int scales = byRow ? 5000 : 1;
            Tensor scale = byRow ? Tensor.Vector<float>([.. Enumerable.Range(1, scales).Select(i => 1e-5f * i)]) : Tensor.Scalar(0.02f), zero = new(new TensorType(type, scale.Shape));
            zero.View.Bytes.Fill(9);
            Value table = b.Add1("table", new Dequantize { Axis = 0 }, b.Constant("table8", numbers), b.Constant("scale", scale), b.Constant("zero", zero));
            Value words = b.Add1("words", new Gather(), table, b.Constant("index", Tensor.Vector(3L, 4999L, 0L)));
            Value x = b.Apply("x", BinaryFunction.Add, words, b.Input("in", new TensorType(DataType.F32, 3, 16)));
            return b.Add1("y", new MatMul(), x, b.Add1("turned", new Transpose { Permutation = [1, 0] }, table));
        });
        SharedConstants.Apply(after);
        Assert.Contains(after.Nodes, n => n.Operator is MatMulBlocks);
        Assert.Single(after.Constants, c => c.Type.Shape.Count == 5000 * 16);
        Assert.True(after.Constants.Sum(c => c.Type.ByteCount) < 5000 * (16 + 16) + 1000);
    }

    [Fact]
    public void Matrices_that_are_no_vocabulary_stay_products_of_floats()
    {
        Graph after = Check(b => b.Add1("y", new MatMul(), b.Input("in", new TensorType(DataType.F32, 3, 256)), Dequantized(b, "w", b.Constant("w8", Numbers(256, 512)), 0.02f, 9)));
        Assert.Equal(["Dequantize", "MatMul"], PassCheck.Operators(after));
    }

    [Fact]
    public void Small_dequantized_constants_that_no_integer_operator_wants_are_folded()
    {
        Graph after = Check(b => b.Apply("y", BinaryFunction.Mul, b.Input("in", new TensorType(DataType.F32, 3, 16)), Dequantized(b, "w", b.Constant("w8", Numbers(16)), 0.02f, 9)));
        Assert.Equal(["Binary"], PassCheck.Operators(after));
    }

    [Fact]
    public void Sums_that_are_scaled_are_written_once()
    {
        Graph after = Check(b =>
        {
            Value[] q = b.Add("q", new DynamicQuantize(), b.Input("in", new TensorType(DataType.F32, 3, 16)));
            Value sums = b.Add1("sums", new MatMulInteger(), q[0], b.Constant("w", Numbers(16, 5)), q[2], b.Constant("zero", Tensor.Scalar((byte)120)));
            Value scale = b.Apply("scale", BinaryFunction.Mul, q[1], b.Number(0.01f));
            return b.Apply("y", BinaryFunction.Add, b.Weight("bias", 5), b.Apply("real", BinaryFunction.Mul, b.Add1("cast", new Cast(), sums), scale));
        });
        Assert.Equal(["DynamicQuantize", "Binary", "MatMulInteger"], PassCheck.Operators(after));
    }

    [Fact]
    public void A_result_that_others_read_as_real_is_left_alone()
    {
        Graph after = Check(b =>
        {
            Value x = Dequantized(b, "x", Quantized(b, "q", b.Input("in", new TensorType(DataType.F32, 9)), 0.01f, 100), 0.01f, 100);
            Value f = b.Apply("f", UnaryFunction.Sigmoid, x);
            return b.Apply("y", BinaryFunction.Sub, f, Dequantized(b, "z", Quantized(b, "r", f, 0.004f, 0), 0.004f, 0));
        });
        Assert.Contains(after.Nodes, n => n.Operator is Unary { Result.IsNone: true });
    }

    [Fact]
    public void Scales_that_make_no_sense_are_left_alone()
    {
        // No elements and no scales; a scale of nothing; a zero point of another type.
        foreach ((int size, float[] scales, Tensor zero) in ((int, float[], Tensor)[])[(0, [], Tensor.Vector<byte>()), (3, [0f], Tensor.Vector((byte)0)), (3, [1f], Tensor.Vector(5))])
        {
            Graph after = Check(b =>
            {
                Value x = Quantized(b, "q", b.Input("in", new TensorType(DataType.F32, 2, size)), 0.01f, 0);
                Value real = b.Add1("x", new Dequantize { Axis = 1 }, x, b.Constant("scale", Tensor.Vector<float>(scales)), b.Constant("zero", zero));
                return Dequantized(b, "y", Quantized(b, "r", b.Apply("f", UnaryFunction.Sigmoid, real), 0.004f, 0), 0.004f, 0);
            });
            Assert.Contains(after.Nodes, n => n.Operator is Unary { Result.IsNone: true });
        }
    }

    private static Graph Check(Func<GraphBuilder, Value> build) => PassCheck.SameNumbers(() =>
    {
        var b = new GraphBuilder("quantized");
        b.Output("result", build(b));
        return b.Build();
    });

    private static Value Quantized(GraphBuilder b, string name, Value x, float scale, byte zero) =>
        b.Add1(name, new Quantize(), x, b.Constant($"{name}/scale", Tensor.Scalar(scale)), b.Constant($"{name}/zero", Tensor.Scalar(zero)));

    private static Value Dequantized(GraphBuilder b, string name, Value x, float scale, byte zero) =>
        b.Add1(name, new Dequantize(), x, b.Constant($"{name}/scale", Tensor.Scalar(scale)), b.Constant($"{name}/zero", Tensor.Scalar(zero)));

    private static Value PerChannel(GraphBuilder b, string name, params int[] shape)
    {
        var weight = new Tensor(new TensorType(DataType.I8, shape));
        new Random(3).NextBytes(weight.View.Bytes);
        float[] scales = [.. Enumerable.Range(1, shape[0]).Select(i => 0.001f * i)];
        return b.Add1(name, new Dequantize { Axis = 0 }, b.Constant($"{name}8", weight), b.Constant($"{name}/scale", Tensor.Vector<float>(scales)), b.Constant($"{name}/zero", Tensor.Vector(new sbyte[shape[0]])));
    }

    private static Tensor Numbers(params int[] shape)
    {
        var tensor = new Tensor(new TensorType(DataType.U8, shape));
        new Random(5).NextBytes(tensor.View.Bytes);
        return tensor;
    }
}
