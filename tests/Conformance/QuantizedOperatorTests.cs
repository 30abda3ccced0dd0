using EdgeRuntime.Tensors;
using EdgeRuntime.Tests.Unit;
using EdgeRuntime.Tools.Onnx.Proto;
using Xunit;

namespace EdgeRuntime.Tests.Conformance;

/// <summary>Quantized operators, one at a time, against ONNX Runtime: the same bytes where the results are integers.</summary>
public class QuantizedOperatorTests
{
    public static TheoryData<bool, int> Kinds => new(from signed in (bool[])[false, true] from seed in Enumerable.Range(1, 4) select (signed, seed));

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Convolutions(bool signed, int seed)
    {
        var draw = new Draw(seed, signed);
        int groups = seed % 2 == 0 ? 1 : 4, outputs = 24;
        OnnxRuntimeCase model = draw.Quantized("x", 1, 8, 13, 11).Constant("w", draw.Signed(outputs, 8 / groups, 3, 3)).Constants("sw", draw.Scales(seed == 4 ? 1 : outputs)).Constants("zw", new sbyte[seed == 4 ? 1 : outputs])
            .Constants("b", draw.Sums(outputs)).Constant("sy", draw.Scale(0.2f)).Constant("zy", draw.Zero());
        model.Node("QLinearConv", "x sx zx w sw zw sy zy b", "y", OnnxModels.Int("group", groups), OnnxModels.Ints("pads", 1, 1, 1, 1), OnnxModels.Ints("strides", 1 + seed % 2, 1));
        Same(model);
        Assert.Contains("_i8_", model.Kernels);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Products(bool signed, int seed)
    {
        var draw = new Draw(seed, signed);
        // ONNX Runtime takes the weights of the other operand's type where that is signed.
        OnnxRuntimeCase model = draw.Quantized("x", 7, 61).Constant("w", draw.Signed(61, 19)).Constants("sw", draw.Scales(19)).Constants("zw", new sbyte[19]).Constant("sy", draw.Scale(0.3f)).Constant("zy", draw.Zero());
        Same(model.Node("QLinearMatMul", "x sx zx w sw zw sy zy", "y"));
        Assert.Contains("matmul_i8", model.Kernels);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Gemms(bool signed, int seed)
    {
        var draw = new Draw(seed, signed);
        OnnxRuntimeCase model = draw.Quantized("x", 5, 40).Constant("w", draw.Signed(18, 40)).Constants("sw", draw.Scales(18)).Constants("zw", new sbyte[18]).Constants("b", draw.Sums(18)).Constant("sy", draw.Scale(0.2f)).Constant("zy", draw.Zero());
        Same(model.Node("com.microsoft:QGemm", "x sx zx w sw zw b sy zy", "y", OnnxModels.Int("transB", 1)));
        Assert.Contains("matmul_i8", model.Kernels);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Pairs(bool signed, int seed)
    {
        foreach (string op in (string[])["QLinearAdd", "QLinearMul"])
        {
            var draw = new Draw(seed, signed);
            OnnxRuntimeCase model = draw.QuantizedEvery("x", 256, 256).Constant("sy", draw.Scale(0.05f)).Constant("zy", draw.Zero()).Constant("s2", draw.Scale(0.02f)).Constant("z2", draw.Zero());
            model.Input("x2", draw.Every(256, 256, step: 257));
            Same(model.Node($"com.microsoft:{op}", "x sx zx x2 s2 z2 sy zy", "y"));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Functions(bool signed, int seed)
    {
        (string Op, float Scale, AttributeProto[] Attributes)[] functions =
        [
            ("QLinearSigmoid", 0.004f, []), ("QLinearLeakyRelu", 0.03f, [OnnxModels.Float("alpha", 0.1f)]),
            ("QLinearAveragePool", 0.02f, [OnnxModels.Ints("kernel_shape", 3, 2), OnnxModels.Ints("pads", 1, 0, 1, 1), OnnxModels.Ints("strides", 2, 1)]),
            ("QLinearAveragePool", 0.02f, [OnnxModels.Ints("kernel_shape", 3, 3), OnnxModels.Ints("pads", 1, 1, 1, 1), OnnxModels.Int("count_include_pad", 1)]),
            ("QLinearGlobalAveragePool", 0.02f, [OnnxModels.Int("channels_last", 0)]),
        ];
        foreach ((string op, float scale, AttributeProto[] attributes) in functions)
        {
            var draw = new Draw(seed, signed);
            OnnxRuntimeCase model = draw.Quantized("x", 1, 5, 16, 17).Constant("sy", draw.Scale(scale)).Constant("zy", draw.Zero());
            Same(model.Node($"com.microsoft:{op}", "x sx zx sy zy", "y", attributes));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Softmax_is_within_a_step(bool signed, int seed)
    {
        var draw = new Draw(seed, signed);
        OnnxRuntimeCase model = draw.Quantized("x", 5, 33).Constant("sy", 1f / 256).Constant("zy", draw.Fixed(signed ? -128 : 0));
        (Tensor[] expected, Tensor[] actual) = model.Node("com.microsoft:QLinearSoftmax", "x sx zx sy zy", "y", OnnxModels.Int("axis", -1), OnnxModels.Int("opset", 13)).Run(true, "y");
        for (int i = 0; i < expected[0].View.Bytes.Length; i++) Assert.InRange((sbyte)(expected[0].View.Bytes[i] - actual[0].View.Bytes[i]), -1, 1);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Joins_and_choices(bool signed, int seed)
    {
        var draw = new Draw(seed, signed);
        OnnxRuntimeCase model = draw.Quantized("x", 3, 7).Constant("sy", draw.Scale(0.03f)).Constant("zy", draw.Zero()).Constant("s2", draw.Scale(0.02f)).Constant("z2", draw.Zero());
        Same(model.Input("x2", draw.Numbers(3, 7)).Node("com.microsoft:QLinearConcat", "sy zy x sx zx x2 s2 z2 x sx zx", "y", OnnxModels.Int("axis", 1)));
        if (signed) return;
        var condition = new Tensor(new TensorType(DataType.Bool, 3, 1));
        condition.View.Bytes[1] = 1;
        model = new Draw(seed, signed).Quantized("x", 3, 7).Constant("sy", draw.Scale(0.03f)).Constant("zy", draw.Zero()).Constant("s2", draw.Scale(0.02f)).Constant("z2", draw.Zero());
        Same(model.Input("x2", draw.Numbers(3, 7)).Input("c", condition).Node("com.microsoft:QLinearWhere", "c x sx zx x2 s2 z2 sy zy", "y"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Products_that_quantize_as_they_run(int seed)
    {
        var draw = new Draw(seed, signed: false);
        OnnxRuntimeCase model = new OnnxRuntimeCase().Input("a", draw.Reals(5, 48)).Constant("w", seed == 1 ? draw.Numbers(48, 20) : draw.Signed(48, 20)).Constants("sw", draw.Scales(1));
        if (seed == 1) model.Constants("zw", (byte)117);
        else model.Constants("zw", (sbyte)0);
        model.Constant("bias", draw.Reals(20));
        Close(model.Node("com.microsoft:DynamicQuantizeMatMul", "a w sw zw bias", "y"), 1e-3);

        model = draw.Quantized("x", 5, 48).Constant("w", draw.Signed(48, 20)).Constants("sw", draw.Scales(20)).Constants("zw", new sbyte[20]).Constant("bias", draw.Reals(20));
        Close(model.Node("com.microsoft:MatMulIntegerToFloat", "x w sx sw zx zw bias", "y"), 1e-5);
    }

    [Theory]
    [InlineData(4, 16, false)]
    [InlineData(4, 32, true)]
    [InlineData(8, 32, false)]
    [InlineData(8, 16, true)]
    public void Weights_in_blocks(int bits, int block, bool zeros)
    {
        var draw = new Draw(bits + block, signed: false);
        const int K = 96, N = 23;
        int blocks = K / block;
        OnnxRuntimeCase model = new OnnxRuntimeCase().Input("a", draw.Reals(5, K)).Constant("w", draw.Numbers(N, blocks, block * bits / 8)).Constant("s", draw.Reals(N * blocks));
        if (zeros) model.Constant("z", draw.Numbers(N * ((blocks * bits + 7) / 8)));
        model.Node("com.microsoft:MatMulNBits", zeros ? "a w s z" : "a w s", "y", OnnxModels.Int("K", K), OnnxModels.Int("N", N), OnnxModels.Int("bits", bits), OnnxModels.Int("block_size", block));
        Close(model, 1e-3);
        Assert.Contains($"matmul_u{bits}_blocks", model.Kernels);
    }

    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    public void Weights_of_four_bits(int onnxType)
    {
        var draw = new Draw(onnxType, signed: false);
        OnnxRuntimeCase model = new OnnxRuntimeCase().Input("a", draw.Reals(2, 8)).Packed("w", onnxType, [8, 6], draw.Numbers(24).View.Bytes.ToArray()).Constant("s", draw.Reals(2, 6)).Packed("z", onnxType, [2, 6], draw.Numbers(6).View.Bytes.ToArray());
        Close(model.Node("DequantizeLinear", "w s z", "r", OnnxModels.Int("axis", 0), OnnxModels.Int("block_size", 4)).Node("MatMul", "a r", "y"), 1e-5);
    }

    [Theory]
    [InlineData(17)]
    [InlineData(18)]
    [InlineData(19)]
    [InlineData(20)]
    public void Weights_of_eight_bit_floats(int onnxType)
    {
        byte[] all = [.. Enumerable.Range(0, 256).Select(i => (byte)i)];
        OnnxRuntimeCase model = new OnnxRuntimeCase().Input("a", Tensor.Scalar(1f)).Packed("w", onnxType, [256], all).Constant("s", 0.5f).Packed("z", onnxType, [], [0]);
        (Tensor[] expected, Tensor[] actual) = model.Node("DequantizeLinear", "w s z", "r").Node("Mul", "a r", "y").Run(true, "y");
        Assert.Equal(expected[0].Span<float>().ToArray(), actual[0].Span<float>().ToArray());
    }

    [Fact]
    public void Sixteen_bits()
    {
        var draw = new Draw(5, signed: false);
        Same(new OnnxRuntimeCase().Input("a", draw.Reals(6, 50)).Constant("s", 0.0007f).Constant("z", (ushort)31000).Node("com.microsoft:QuantizeLinear", "a s z", "y"));
        Close(new OnnxRuntimeCase().Input("a", draw.Reals(6, 50)).Constant("s", 0.0007f).Constant("z", (short)-77).Node("com.microsoft:QuantizeLinear", "a s z", "q").Node("com.microsoft:DequantizeLinear", "q s z", "y"), 1e-6);
    }

    [Fact]
    public void Attention_of_integers()
    {
        var draw = new Draw(9, signed: false);
        OnnxRuntimeCase model = draw.Quantized("x", 2, 5, 16).Constant("w", draw.Signed(16, 48)).Constant("bias", draw.Reals(48)).Constant("sw", 0.004f).Constant("zw", (sbyte)0);
        Close(model.Node("com.microsoft:QAttention", "x w bias sx sw - zx zw", "y", OnnxModels.Int("num_heads", 4)), 1e-3);
    }

    [Fact]
    public void Lstm_of_integers_is_near()
    {
        var draw = new Draw(3, signed: false);
        OnnxRuntimeCase model = new OnnxRuntimeCase().Input("x", draw.Reals(6, 2, 10)).Constant("w", draw.Signed(1, 10, 32)).Constant("r", draw.Signed(1, 8, 32)).Constant("b", draw.Reals(1, 64))
            .Constants("sw", 0.004f).Constants("zw", (sbyte)0).Constants("sr", 0.003f).Constants("zr", (sbyte)0);
        Close(model.Node("com.microsoft:DynamicQuantizeLSTM", "x w r b - - - - sw zw sr zr", "y", OnnxModels.Int("hidden_size", 8)), 0.02);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Pairs_of_quantization_and_dequantization(int seed)
    {
        // A convolution, a depthwise one, an addition, a pool and a product of reals between quantizations, as exporters write them.
        var draw = new Draw(seed, signed: false);
        OnnxRuntimeCase model = new OnnxRuntimeCase().Input("r0", draw.Reals(1, 3, 17, 19)).Constant("w1", draw.Signed(16, 3, 3, 3)).Constants("sw1", draw.Scales(16)).Constants("zw1", new sbyte[16])
            .Constant("w2", draw.Signed(16, 1, 3, 3)).Constants("sw2", draw.Scales(16)).Constant("w3", draw.Signed(16, 10)).Constants("sw3", draw.Scales(10)).Constants("zw3", new sbyte[10]).Constant("shape", Tensor.Vector(1L, 16L));
        int values = 0;
        string Between(string value, float scale)
        {
            int i = values++;
            model.Constant($"s{i}", draw.Scale(scale)).Constant($"z{i}", draw.Zero()).Node("QuantizeLinear", $"{value} s{i} z{i}", $"q{i}").Node("DequantizeLinear", $"q{i} s{i} z{i}", $"d{i}");
            return $"d{i}";
        }
        model.Node("DequantizeLinear", "w1 sw1 zw1", "f1", OnnxModels.Int("axis", 0)).Node("DequantizeLinear", "w2 sw2 zw1", "f2", OnnxModels.Int("axis", 0)).Node("DequantizeLinear", "w3 sw3 zw3", "f3", OnnxModels.Int("axis", 1));
        string x = Between("r0", 0.008f);
        model.Node("Conv", $"{x} f1", "c1", OnnxModels.Ints("pads", 1, 1, 1, 1));
        string c1 = Between("c1", 0.03f);
        model.Node("Conv", $"{c1} f2", "c2", OnnxModels.Int("group", 16), OnnxModels.Ints("pads", 1, 1, 1, 1));
        model.Node("Add", $"{Between("c2", 0.05f)} {c1}", "sum");
        model.Node("GlobalAveragePool", Between("sum", 0.05f), "mean");
        model.Node("Reshape", $"{Between("mean", 0.03f)} shape", "flat");
        model.Node("MatMul", $"{Between("flat", 0.03f)} f3", "product");
        string last = Between("product", 0.05f);
        InIntegers(model, last);
    }

    private static void InIntegers(OnnxRuntimeCase model, string output)
    {
        (Tensor[] expected, Tensor[] actual) = model.Run(true, output);
        Assert.Equal(expected[0].Span<float>().ToArray(), actual[0].Span<float>().ToArray());
        Assert.DoesNotContain("conv_f32", model.Kernels);
        Assert.DoesNotContain("depthwise_f32", model.Kernels);
        Assert.DoesNotContain("matmul_f32", model.Kernels);
    }

    private static void Same(OnnxRuntimeCase model)
    {
        (Tensor[] expected, Tensor[] actual) = model.Run(true, "y");
        Assert.Equal(expected[0].Type.DataType, actual[0].Type.DataType);
        Assert.Equal(expected[0].Shape, actual[0].Shape);
        Assert.Equal(expected[0].View.Bytes.ToArray(), actual[0].View.Bytes.ToArray());
    }

    private static void Close(OnnxRuntimeCase model, double tolerance)
    {
        (Tensor[] expected, Tensor[] actual) = model.Run(true, "y");
        Assert.Equal(expected[0].Shape, actual[0].Shape);
        float[] theirs = expected[0].Span<float>().ToArray(), ours = actual[0].Span<float>().ToArray();
        double scale = theirs.Max(Math.Abs);
        for (int i = 0; i < theirs.Length; i++) Assert.True(Math.Abs(theirs[i] - ours[i]) <= tolerance * scale, $"element {i}: {ours[i]} instead of {theirs[i]}");
    }

    /// <summary>Random operands.</summary>
    private sealed class Draw(int seed, bool signed)
    {
        private readonly Random random = new(seed);

        public OnnxRuntimeCase Quantized(string name, params int[] shape) => new OnnxRuntimeCase().Input(name, Numbers(shape)).Constant($"s{name}", Scale(0.02f)).Constant($"z{name}", Zero());

        public OnnxRuntimeCase QuantizedEvery(string name, int rows, int columns) => new OnnxRuntimeCase().Input(name, Every(rows, columns, step: 1)).Constant($"s{name}", Scale(0.02f)).Constant($"z{name}", Zero());

        public Tensor Every(int rows, int columns, int step)
        {
            var tensor = new Tensor(new TensorType(signed ? DataType.I8 : DataType.U8, rows, columns));
            for (int i = 0; i < rows * columns; i++) tensor.View.Bytes[i] = unchecked((byte)(step == 1 ? i : i / 256));
            return tensor;
        }

        public Tensor Numbers(params int[] shape)
        {
            var tensor = new Tensor(new TensorType(signed ? DataType.I8 : DataType.U8, shape));
            random.NextBytes(tensor.View.Bytes);
            return tensor;
        }

        public Tensor Signed(params int[] shape)
        {
            var tensor = new Tensor(new TensorType(DataType.I8, shape));
            foreach (ref sbyte value in tensor.Span<sbyte>()) value = (sbyte)random.Next(-127, 128);
            return tensor;
        }

        public Tensor Reals(params int[] shape)
        {
            var tensor = new Tensor(new TensorType(DataType.F32, shape));
            foreach (ref float value in tensor.Span<float>()) value = random.NextSingle() * 2 - 1;
            return tensor;
        }

        public int[] Sums(int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(-5000, 5000))];

        public float[] Scales(int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() * 0.01f + 0.001f)];

        public float Scale(float around) => around * (0.5f + random.NextSingle());

        public Tensor Zero() => Fixed(signed ? random.Next(-128, 128) : random.Next(256));

        public Tensor Fixed(int zero) => signed ? Tensor.Scalar((sbyte)zero) : Tensor.Scalar((byte)zero);
    }
}
