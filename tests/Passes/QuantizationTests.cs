using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Passes;
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

    [Fact]
    public void Constants_beside_quantized_operands_stay_what_they_are()
    {
        foreach (BinaryFunction function in (BinaryFunction[])[BinaryFunction.Add, BinaryFunction.Sub, BinaryFunction.Mul, BinaryFunction.Div, BinaryFunction.PRelu])
            foreach (int[] shape in (int[][])[[], [1], [6], [1, 1, 1, 6]])
            {
                Graph after = Check(b =>
                {
                    Value x = Dequantized(b, "x", Quantized(b, "q", b.Input("in", new TensorType(DataType.F32, 1, 4, 4, 6)), 0.01f, 100), 0.01f, 100);
                    var constant = new Tensor(new TensorType(DataType.F32, shape));
                    for (int i = 0; i < constant.Shape.Count; i++) constant.Span<float>()[i] = (i % 2 == 0 ? 1 : -1) * (0.3f + 0.21f * i);
                    return Dequantized(b, "y", Quantized(b, "r", b.Apply("pair", function, x, b.Constant("c", constant)), 0.03f, 90), 0.03f, 90);
                }, tolerance: 0.031f);
                Assert.Equal(["Quantize", "Binary", "Dequantize"], PassCheck.Operators(after));
                Assert.DoesNotContain(after.Constants, c => c.Type.DataType == DataType.F32 && c.Type.Shape.Count > 1);
            }
    }

    [Fact]
    public void Dequantized_constants_by_channel_are_operands()
    {
        Graph after = Check(b =>
        {
            Value x = Dequantized(b, "x", Quantized(b, "q", b.Input("in", new TensorType(DataType.F32, 1, 4, 4, 7)), 0.01f, 100), 0.01f, 100);
            return Dequantized(b, "y", Quantized(b, "r", b.Apply("pair", BinaryFunction.Mul, PerChannel(b, "w", 7), x), 0.03f, 90), 0.03f, 90);
        });
        Assert.Equal(["Quantize", "Binary", "Dequantize"], PassCheck.Operators(after));
    }

    [Theory]
    [InlineData(2, 2, 0, 0, 1)]
    [InlineData(4, 2, 1, 0, 1)]
    [InlineData(3, 2, 1, 1, 1)]
    [InlineData(3, 2, 0, 0, 1)]
    [InlineData(5, 3, 2, 2, 1)]
    [InlineData(3, 1, 1, 0, 1)]
    [InlineData(2, 3, 0, 1, 1)]
    [InlineData(4, 2, 1, 0, 5)]
    [InlineData(4, 2, 3, 0, 1)]
    public void Transposed_convolutions_become_ones_that_are_not(int kernel, int stride, int pad, int padding, int groups)
    {
        foreach (bool real in (bool[])[false, true])
        {
            Graph after = Check(b =>
            {
                Value x = Dequantized(b, "x", Quantized(b, "q", b.Input("in", new TensorType(DataType.F32, 2, 5, 4, 5)), 0.01f, 100), 0.01f, 100);
                var window = Window.Of(kernel, kernel) with { Strides = [stride, stride], Pads = [pad, pad, pad, pad] };
                var op = new ConvTranspose { Window = window, OutputPadding = [padding, padding], Groups = groups, Activation = new(UnaryFunction.Relu) };
                Value w = PerChannel(b, "w", 10, kernel, kernel, 5 / groups);
                Value y = real ? b.Add1("up", op, x, w) : b.Add1("up", op, x, w, b.Constant("bias", Tensor.Vector(Enumerable.Range(0, 10).Select(i => 0.0137f * i).ToArray())));
                return real ? y : Dequantized(b, "y", Quantized(b, "r", y, 0.02f, 7), 0.02f, 7);
            }, tolerance: real ? 1e-5f : 0.021f);
            Assert.Contains(after.Nodes, n => n.Operator is Conv { Result.IsNone: false });
            Assert.DoesNotContain(after.Nodes, n => n.Operator is ConvTranspose);
        }
    }

    [Fact]
    public void Transposed_convolutions_of_lines_become_ones_that_are_not()
    {
        foreach (int kernel in (int[])[2, 3, 5, 8])
        {
            Graph after = Check(b =>
            {
                Value x = Dequantized(b, "x", Quantized(b, "q", b.Input("in", new TensorType(DataType.F32, 1, 9, 3)), 0.01f, 100), 0.01f, 100);
                var op = new ConvTranspose { Window = Window.Of(kernel) with { Strides = [2], Pads = [1, 0] }, OutputPadding = [0] };
                return Dequantized(b, "y", Quantized(b, "r", b.Add1("up", op, x, PerChannel(b, "w", 4, kernel, 3)), 0.02f, 7), 0.02f, 7);
            });
            Assert.DoesNotContain(after.Nodes, n => n.Operator is ConvTranspose);
        }
    }

    [Fact]
    public void Resizing_means_and_sums_become_integer_ones()
    {
        Graph after = Check(b =>
        {
            Value x = Dequantized(b, "x", Quantized(b, "q", b.Input("in", new TensorType(DataType.F32, 1, 4, 4, 6)), 0.01f, 100), 0.01f, 100);
            x = Dequantized(b, "up", Quantized(b, "qup", b.Add1("resize", new Resize { Sizes = [8, 8], Axes = [1, 2], Interpolation = Interpolation.Linear }, x), 0.01f, 100), 0.01f, 100);
            x = Dequantized(b, "mean", Quantized(b, "qmean", b.Add1("reduce", new Reduce { Function = ReduceFunction.Mean, Axes = [3] }, x), 0.01f, 100), 0.01f, 100);
            return Dequantized(b, "sum", Quantized(b, "qsum", b.Add1("total", new Reduce { Function = ReduceFunction.Sum, Axes = [1], KeepDims = false }, x), 0.03f, 100), 0.03f, 100);
        }, tolerance: 0.011f);
        Assert.Equal(["Quantize", "Resize", "Reduce", "Reduce", "Dequantize"], PassCheck.Operators(after));
    }

    [Fact]
    public void Products_of_computed_matrices_are_of_integers()
    {
        foreach (bool turned in (bool[])[false, true])
        {
            Graph after = Check(b =>
            {
                Value a = Dequantized(b, "a", Quantized(b, "qa", b.Input("in", new TensorType(DataType.F32, 2, 3, 5, 8)), 0.01f, 100), 0.01f, 100);
                Value c = Dequantized(b, "c", Quantized(b, "qc", b.Input("other", new TensorType(DataType.F32, turned ? [2, 3, 7, 8] : [2, 3, 8, 7])), 0.02f, 90), 0.02f, 90);
                return Dequantized(b, "y", Quantized(b, "r", b.Add1("product", new MatMul { TransposeB = turned, Scale = 0.25f }, a, c), 0.01f, 120), 0.01f, 120);
            });
            Assert.Contains(after.Nodes, n => n.Operator is MatMul { Result.IsNone: false });
        }
    }

    [Fact]
    public void Shuffled_channels_stay_bytes()
    {
        Graph after = Check(b =>
        {
            Value x = Dequantized(b, "x", Quantized(b, "q", b.Input("in", new TensorType(DataType.F32, 1, 4, 4, 6)), 0.01f, 100), 0.01f, 100);
            Value y = Dequantized(b, "z", Quantized(b, "qz", b.Apply("f", UnaryFunction.Relu, x), 0.01f, 100), 0.01f, 100);
            Value joined = b.Add1("join", new Concat { Axis = 3 }, x, y);
            joined = b.Add1("groups", new Reshape { Target = [1, 4, 4, 2, 6] }, joined);
            joined = b.Add1("turn", new Transpose { Permutation = [0, 1, 2, 4, 3] }, joined);
            joined = b.Add1("flat", new Reshape { Target = [1, 4, 4, 12] }, joined);
            Value[] halves = b.Add("split", new Split { Axis = 3, Parts = 2 }, joined);
            return Dequantized(b, "y", Quantized(b, "r", b.Apply("sum", BinaryFunction.Add, halves[0], b.Apply("s", UnaryFunction.Abs, halves[1])), 0.02f, 7), 0.02f, 7);
        });
        Assert.Equal(DataType.U8, after.Nodes.Single(n => n.Operator is Split).Inputs[0]!.Type.DataType);
        Assert.DoesNotContain(after.Nodes, n => n.Operator is Concat && n.Outputs[0].Type.DataType == DataType.F32);
    }

    [Fact]
    public void What_is_moved_before_it_is_quantized_is_moved_as_bytes()
    {
        // A picture's even and odd pixels, joined as channels.
        Graph after = Check(b =>
        {
            Value x = b.Input("in", new TensorType(DataType.F32, 1, 6, 8, 3));
            Value[] lines = [.. Enumerable.Range(0, 2).Select(i => b.Add1($"lines{i}", new Slice { Starts = [i], Ends = [9], Axes = [1], Steps = [2] }, x))];
            Value[] parts = [.. lines.SelectMany((line, i) => Enumerable.Range(0, 2).Select(j => b.Add1($"part{i}{j}", new Slice { Starts = [j], Ends = [9], Axes = [2], Steps = [2] }, line)))];
            Value y = b.Add1("largest", new Pool { Window = Window.Of(2, 2) }, b.Add1("join", new Concat { Axis = 3 }, parts));
            return Dequantized(b, "y", Quantized(b, "q", y, 0.01f, 100), 0.01f, 100);
        });
        Assert.Equal(["Quantize", "Slice", "Slice", "Slice", "Slice", "Slice", "Slice", "Concat", "Pool", "Dequantize"], PassCheck.Operators(after));
    }

    [Fact]
    public void Products_with_other_activations_are_of_integers_where_the_result_is_real()
    {
        Graph after = Check(b =>
        {
            Value x = Dequantized(b, "x", Quantized(b, "q", b.Input("in", new TensorType(DataType.F32, 1, 4, 5, 6)), 0.01f, 100), 0.01f, 100);
            Value y = b.Apply("sigmoid", UnaryFunction.Sigmoid, b.Add1("conv", new Conv { Window = Window.Of(1, 1) }, x, PerChannel(b, "w", 6, 1, 1, 6)));
            return b.Add1("product", new MatMul { Activation = new(UnaryFunction.Tanh) }, Dequantized(b, "z", Quantized(b, "qz", y, 0.01f, 0), 0.01f, 0), Dequantized(b, "v", b.Constant("v8", Numbers(6, 5)), 0.02f, 9));
        }, tolerance: 0.05f);
        Assert.Equal(2, after.Nodes.Count(n => n.Operator is Conv { Result.IsNone: false } or MatMul { Result.IsNone: false }));
    }

    [Fact]
    public void Places_of_the_largest_are_looked_for_among_bytes()
    {
        Graph after = Check(b =>
        {
            Value x = Dequantized(b, "x", Quantized(b, "q", b.Input("in", new TensorType(DataType.F32, 3, 9)), 0.01f, 100), 0.01f, 100);
            Value[] best = b.Add("best", new TopK { K = 2 }, x);
            Value place = b.Add1("place", new Cast { To = DataType.F32 }, b.Add1("argmax", new ArgMax { Axis = 1 }, x));
            Value indices = b.Add1("indices", new Cast { To = DataType.F32 }, best[1]);
            return b.Add1("joined", new Concat { Axis = 1 }, b.Add1("worst", new Reduce { Function = ReduceFunction.Min, Axes = [1] }, x), best[0], indices, place);
        });
        Assert.All(after.Nodes.Where(n => n.Operator is ArgMax or TopK or Reduce), n => Assert.Equal(DataType.U8, n.Inputs[0]!.Type.DataType));
    }

    [Fact]
    public void A_clamped_function_is_two_tables()
    {
        Graph after = Check(b =>
        {
            Value x = Dequantized(b, "x", Quantized(b, "q", b.Input("in", new TensorType(DataType.F32, 99)), 0.01f, 100), 0.01f, 100);
            return Dequantized(b, "y", Quantized(b, "r", b.Apply("clip", UnaryFunction.Clip, b.Apply("f", UnaryFunction.Tanh, x), -0.3f, 0.4f), 0.01f, 90), 0.01f, 90);
        });
        Assert.Equal(["Quantize", "Unary", "Unary", "Dequantize"], PassCheck.Operators(after));
    }

    [Fact]
    public void A_product_whose_real_result_others_read_too_is_still_one_of_integers()
    {
        Graph after = Check(b =>
        {
            Value x = Dequantized(b, "x", Quantized(b, "q", b.Input("in", new TensorType(DataType.F32, 1, 4, 5, 6)), 0.01f, 100), 0.01f, 100);
            Value y = b.Add1("conv", new Conv { Window = Window.Of(1, 1) }, x, PerChannel(b, "w", 6, 1, 1, 6));
            b.Output("real", y);
            return Dequantized(b, "z", Quantized(b, "r", y, 0.02f, 7), 0.02f, 7);
        });
        Assert.Equal(DataType.F32, Assert.Single(after.Nodes.Select(n => n.Operator).OfType<Conv>()).Result.Type);
    }

    private static Graph Check(Func<GraphBuilder, Value> build, float tolerance = 0)
    {
        Graph Build()
        {
            var b = new GraphBuilder("quantized");
            b.Output("result", build(b));
            return b.Build();
        }
        if (tolerance == 0) return PassCheck.SameNumbers(Build);
        // Sums in units of the bias, and halves, are rounded otherwise than floats are: some results are a step apart.
        Graph before = Build(), after = Build();
        PassPipeline.Run(after);
        TensorView[] inputs = [.. before.Inputs.Select((v, i) => PassCheck.Noise(v.Type, 17 + i).View)];
        float[] expected = GraphInterpreter.Run(before, inputs)[0].Span<float>().ToArray(), actual = GraphInterpreter.Run(after, inputs)[0].Span<float>().ToArray();
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++) Assert.InRange(actual[i], expected[i] - tolerance, expected[i] + tolerance);
        int apart = expected.Zip(actual).Count(pair => Math.Abs(pair.First - pair.Second) > 1e-5f);
        Assert.True(apart <= 1 + expected.Length / 20, $"{apart} of {expected.Length} differ.");
        return after;
    }

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
