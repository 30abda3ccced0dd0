using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>An operator of 8-bit numbers with operands and the bytes that must come out, on every backend.</summary>
/// <param name="Name">Unique name.</param>
/// <param name="Operator">The operator.</param>
/// <param name="Inputs">Its operands; all but the first are constants of a model.</param>
/// <param name="Expected">The bytes of the result.</param>
internal sealed record NumericVector(string Name, Operator Operator, Tensor[] Inputs, byte[] Expected);

/// <summary>
/// Fixed vectors for the rules of 8-bit arithmetic (docs/numerics.md). Nearly all were checked against a second implementation of the rules; no change of ours may change them, since models that people have depend on them.
/// </summary>
internal static class NumericVectors
{
    private static readonly QuantizedResult U8 = new(DataType.U8, 0.0371f, 119), I8 = new(DataType.I8, 0.0123f, -7), Real = new(DataType.F32);

    /// <summary>All of them.</summary>
    public static IEnumerable<NumericVector> All
    {
        get
        {
            var expected = new Dictionary<string, byte[]>();
            foreach (string line in Expected.Split('\n'))
            {
                int space = line.LastIndexOf(' ');
                expected[line[..space]] = Convert.FromHexString(line[(space + 1)..]);
            }
            foreach ((string name, Operator op, Tensor[] inputs) in Cases()) yield return new NumericVector(name, op, inputs, expected.GetValueOrDefault(name, []));
        }
    }

    private static IEnumerable<(string Name, Operator Operator, Tensor[] Inputs)> Cases() => [.. Sums(), .. Products(), .. Pairs(), .. Tables(), .. Means(), .. Samples(), .. Conversions()];

    /// <summary>Chosen sums and multipliers: an input that is its zero point, so that each output is its bias.</summary>
    private static IEnumerable<(string, Operator, Tensor[])> Sums()
    {
        (int Sum, float Scale)[] sums =
        [
            (0, 1), (1, 0.25f), (3, 0.25f), (5, 0.25f), (-1, 0.25f), (-3, 0.25f), (-5, 0.25f), (127, 0.5f), (-128, 0.5f), (1 << 24, 3e-6f), ((1 << 24) + 1, 3e-6f), ((1 << 24) + 3, 3e-6f), (-(1 << 24) - 1, 3e-6f),
            (int.MaxValue, 1e-8f), (int.MinValue, 1e-8f), (int.MaxValue, 1), (int.MinValue, 1), (1_000_003, 3.3333e-5f), (-77_777, 1.2345e-3f), (99_999, 1.17549435e-38f), (123, 0.1f), (-321, 0.07f), (2_000_000_011, 2.5e-8f),
        ];
        var x = new Tensor(new TensorType(DataType.U8, new Shape(1, 1, 1, 1), new Quantization(0.5f, 128)));
        x.View.Bytes.Fill(128);
        var weight = new Tensor(new TensorType(DataType.I8, new Shape(sums.Length, 1, 1, 1), new Quantization(Array.ConvertAll(sums, s => s.Scale), new int[sums.Length], 0)));
        Tensor bias = Tensor.Vector<int>(Array.ConvertAll(sums, s => s.Sum));
        foreach (QuantizedResult result in (QuantizedResult[])[U8 with { Scale = 0.25f }, I8 with { Scale = 0.25f }, Real])
        {
            yield return ($"requantize {result.Type}", new Conv { Window = Window.Of(1, 1), Result = result }, [x, weight, bias]);
            yield return ($"requantize {result.Type} clip", new Conv { Window = Window.Of(1, 1), Result = result, Activation = new(UnaryFunction.Clip, -1.3f, 2.6f) }, [x, weight, bias]);
        }
    }

    private static IEnumerable<(string, Operator, Tensor[])> Products()
    {
        Tensor weight = Ramp(DataType.I8, 53, 0.004f, 0, 5, 3, 3, 6), bias = Tensor.Vector(-5000, 0, 70_000, 123, -1);
        yield return ("conv 3x3", new Conv { Window = Window.Of(3, 3) with { Pads = [1, 1, 1, 1], Strides = [2, 1] }, Result = U8 with { Scale = 0.2f } }, [Ramp(DataType.U8, 37, 0.02f, 131, 1, 4, 3, 6), weight, bias]);
        yield return ("conv 3x3 relu", new Conv { Window = Window.Of(3, 3), Activation = new(UnaryFunction.Relu), Result = I8 with { Scale = 0.2f } }, [Ramp(DataType.I8, 37, 0.02f, -128, 1, 4, 3, 6), weight, bias]);
        yield return ("depthwise", new Conv { Window = Window.Of(3, 3) with { Pads = [1, 1, 1, 1] }, Groups = 5, Result = U8 }, [Ramp(DataType.U8, 37, 0.02f, 3, 1, 3, 2, 5), Ramp(DataType.I8, 71, 0.004f, 0, 5, 3, 3, 1)]);
        foreach (UnaryFunction function in (UnaryFunction[])[UnaryFunction.LeakyRelu, UnaryFunction.HardSwish, UnaryFunction.Swish])
        {
            yield return ($"conv {function}", new Conv { Window = Window.Of(3, 3) with { Pads = [1, 1, 1, 1] }, Activation = new(function, 0.3f, 0.4f), Result = U8 }, [Ramp(DataType.U8, 37, 0.02f, 131, 1, 4, 3, 6), weight, bias]);
            yield return ($"conv {function} gain", new Conv { Window = Window.Of(3, 3), Activation = new(function, 1.7f, 0.5f), Result = I8 with { Scale = 0.2f } },
                [Ramp(DataType.I8, 37, 0.02f, -128, 1, 4, 3, 6), weight, bias, Tensor.Vector(3f, 17, 0.37f, -2.2f, 1)]);
        }
        yield return ("matmul", new MatMul { Result = U8 with { Scale = 0.3f } }, [Ramp(DataType.U8, 91, 0.02f, 100, 3, 11), Ramp(DataType.U8, 29, 0.01f, 77, 11, 7)]);
        yield return ("matmul f32", new MatMul { Result = Real }, [Ramp(DataType.U8, 91, 0.02f, 100, 2, 11), Ramp(DataType.I8, 29, 0.01f, 0, 11, 3)]);
    }

    private static IEnumerable<(string, Operator, Tensor[])> Pairs()
    {
        Tensor a = Ramp(DataType.U8, 37, 0.021f, 117, 9, 1), b = Ramp(DataType.I8, 29, 0.0173f, -20, 10), channels = Ramp(DataType.I8, 29, 1, 0, 10);
        channels = channels.WithQuantization(new Quantization([.. Enumerable.Range(1, 10).Select(i => 0.003f * i)], [.. Enumerable.Range(-3, 10)], 0));
        foreach (BinaryFunction function in (BinaryFunction[])[BinaryFunction.Add, BinaryFunction.Sub, BinaryFunction.Mul, BinaryFunction.Min, BinaryFunction.Max, BinaryFunction.PRelu])
        {
            yield return ($"{function}", new Binary { Function = function, Result = U8 }, [a, b]);
            if (QuantizedPair.HasChannels(function)) yield return ($"{function} by channel", new Binary { Function = function, Activation = new(UnaryFunction.Relu), Result = I8 }, [a, channels]);
        }
    }

    private static IEnumerable<(string, Operator, Tensor[])> Tables()
    {
        foreach (UnaryFunction function in Enum.GetValues<UnaryFunction>())
            if (function is not (UnaryFunction.IsNaN or UnaryFunction.IsInf or UnaryFunction.Not or UnaryFunction.BitwiseNot))
                yield return ($"{function}", new Unary { Function = function, Alpha = 0.2f, Beta = 0.5f, Result = U8 with { Scale = 0.0137f } }, [Ramp(DataType.I8, 8, 0.037f, -11, 32)]);
    }

    private static IEnumerable<(string, Operator, Tensor[])> Means()
    {
        Tensor x = Ramp(DataType.U8, 37, 0.02f, 100, 1, 5, 4, 3);
        foreach (bool counts in (bool[])[false, true])
            yield return ($"mean of windows {counts}", new Pool { Function = PoolFunction.Average, CountIncludePad = counts, Window = Window.Of(3, 2) with { Pads = [1, 0, 1, 1], Strides = [2, 1] }, Result = I8 }, [x]);
        yield return ("mean", new Reduce { Axes = [1, 2], Function = ReduceFunction.Mean, Result = U8 }, [x]);
        yield return ("mean of channels", new Reduce { Axes = [3], Function = ReduceFunction.Mean, Result = I8 }, [x]);
        yield return ("sum", new Reduce { Axes = [1], Result = U8 with { Scale = 0.1f } }, [x]);
    }

    private static IEnumerable<(string, Operator, Tensor[])> Samples()
    {
        Tensor x = Ramp(DataType.U8, 61, 0.02f, 100, 1, 3, 4, 2);
        foreach (ResizeCoordinates coordinates in (ResizeCoordinates[])[ResizeCoordinates.HalfPixel, ResizeCoordinates.AlignCorners, ResizeCoordinates.Asymmetric])
        {
            yield return ($"resize {coordinates}", new Resize { Sizes = [5, 7], Axes = [1, 2], Interpolation = Interpolation.Linear, Coordinates = coordinates, Result = I8 with { Scale = 0.017f } }, [x]);
            yield return ($"resize {coordinates} same scale", new Resize { Sizes = [6, 8], Axes = [1, 2], Interpolation = Interpolation.Linear, Coordinates = coordinates, Result = new(DataType.U8, 0.02f, 100) }, [x]);
        }
        yield return ("resize smaller", new Resize { Sizes = [2, 3], Axes = [1, 2], Interpolation = Interpolation.Linear, AntiAlias = true, Result = U8 }, [x]);
    }

    private static IEnumerable<(string, Operator, Tensor[])> Conversions()
    {
        Tensor reals = Tensor.Vector(0, -0f, 0.25f, 0.75f, 1.25f, -0.25f, -0.75f, 63.75f, -64.25f, 1e30f, -1e30f, float.PositiveInfinity, float.NegativeInfinity, float.NaN, 0.1f, -33.3f, float.Epsilon);
        yield return ("quantize U8", new Quantize(), [reals, Tensor.Scalar(0.5f), Tensor.Scalar((byte)119)]);
        yield return ("quantize I8", new Quantize(), [reals, Tensor.Scalar(0.3f), Tensor.Scalar((sbyte)-7)]);
        yield return ("dequantize", new Dequantize(), [Ramp(DataType.U8, 37, 1, 0, 17), Tensor.Scalar(0.0371f), Tensor.Scalar((byte)119)]);
    }

    /// <summary>Bytes that grow by <paramref name="step"/>, and begin again when they are full.</summary>
    private static Tensor Ramp(DataType type, int step, float scale, int zero, params ReadOnlySpan<int> shape)
    {
        var tensor = new Tensor(new TensorType(type, new Shape(shape), new Quantization(scale, zero)));
        for (int i = 0; i < tensor.View.Bytes.Length; i++) tensor.View.Bytes[i] = unchecked((byte)(step * i + 7));
        return tensor;
    }

    /// <summary>A line for each: its name, and the bytes in hexadecimal.</summary>
    private const string Expected = """
        requantize U8 77777979777575f600dcdcdc12a24cff00ba0077904adb
        requantize U8 clip 7777797977757581728181817281728172817277817281
        requantize I8 f9f9fbfbf9f7f778805e5e5e9424ce7f803c80f912cc5d
        requantize I8 clip f9f9fbfbf9f7f703f4030303f403f403f403f4f903f403
        requantize F32 000000000000003e0000c03e0000203f000000be0000c0be000020bf0000fe41000000c29c53c9419c53c9419f53c9419c53c9c177cc2b4177cc2bc10000804e000080ce185585410a0840c2804f4308cdccc4408fc233c10000c841
        requantize F32 clip 000000000000003e0000c03e0000203f000000be0000c0be000020bf666626406666a6bf6666264066662640666626406666a6bf666626406666a6bf666626406666a6bf666626406666a6bf804f4308666626406666a6bf66662640
        conv 3x3 74869578788069938568727b9e7870757f9c7e778e7a8b79716a73ad846c
        conv 3x3 relu f9fa2bf9fbf90625f9f9
        depthwise a77f8a7fac70774dc3687240c947ab6795646b7ab65db2505e7b1f9a358f
        conv LeakyRelu 73caff7a7da861ffc05e6f8dff7c6c695ce58f934cabff60a27d71c76a9e74a1ff9f77f285e5836e6270ffbd6596b3f260786c66ff689fa1ebdf606d
        conv LeakyRelu gain c9110c49fbdc7f092eea
        conv HardSwish 74caff787aa677ffc0777586ff79777777e5878b77aaff779d7a73c77797749bff9877f27fe57d757774ffbd778eb3f277777777ff77989bebdf7777
        conv HardSwish gain f9110cf9fbf97f09f9f9
        conv Swish 71b2ff787a9661f5aa606b84ff7a68665fcc85875f99ff60927a6eb0678e7290ff8f77d97fcc7d6a616dffa763899fd960776964ff658f91d2c66069
        conv Swish gain f8080cf9faf77f09f9f9
        matmul 8f78858876787379697e81777a7d89867c84878f72
        matmul f32 f4db47c05ddce6c0923ac9c0feb27bc0a52c8fc0d49a16c0
        Add 4553606e7b121f2d3a485a687583902734424f5d6f7d8a98a53b4956647284929fadba505e6b798699a7b4c2cf6573808e9baebcc9d7e47a8895a3b0c3d1deecf98f9daab8c5475562707d13212e3c495c69778592283643515e
        Add by channel f9f9f9f9f9f9f9f9f9f9f9f9f9f911f9f9f9f9f9f9f9f91750f9f9f9f9f9fd0d2b567ff9f9f9f9093c4c6a7f7ff9f9f90a497b7f7f7f7ff9f917497f7f7f7f7f7f1d33577f7ff9f9f9f9f9f9f9f9f9f9f9f9f9f916f9f9f9f9f9
        Sub 2c1f110400605245372a413426190b75675a4c3f56493b2d208a7c6f61546b5d5042359f91847669807265574ab4a6998b7e95877a6c5fc9bbaea093aa9c8f8174ded0c3b5a72e20130500625447392c4335281a0d77695c4e40
        Sub by channel f9f9f9f9f9f9f9f9f9f9f9f9f9f9f91702f9f9f9f9f9f9f9f957411df9f9f9f9f9f9f97f7f5c2bf937270af9f97f7f7f6a2b7767491df97f7f7f7f6a7f7f7f5d237f7f7f7f7ff9f9f9f9f9f9f9f9f9f9f9f9f9f9f91d07f9f9f9
        Mul 5a3b1b0000d1b2937455644f3a2611b39e8a75606d63594f45958a80766c77787878787676777777818c97a1ac58636d78838ba0b5cbe0394f64798f95b4d4f4ff1b3b5a7a9a5b3c1e0000cfb192745564513d2915b19d897561
        Mul by channel f9f9f9f9f97f7f7f69f9f9f9f9f9f97f7f7f43f9f9f9f9f9f96e5e431ef9f9f9fafbfcf9f9f9f9f9fb08204270f9f9f9f905fd16457f7ff9f9f9f910ff256b7f7ff9f9f9f91bf9f9f9f9f97f7f7f66f9f9f9f9f9f97f7f7f40f9
        Min 393939393939393939394e4e4e4e4e4e4e4e4e4e6363636363505d6363637878787878505d6b7878848d8d8d8d505d6b788684919fa1a1505d6b788684919facb6505d6b78863a3a3a3a3a3a3a3a3a3a4f4f4f4f4f4f4f4f4f4f
        Max 84919facba505d6b788684919facba505d6b788684919facba63636b788684919facba78787878868d919facba8d8d8d8d8da1a1a1acbaa1a1a1a1a1b6b6b6b6bab6b6b6b6b684919facba505d6b788684919facba505d6b7886
        PRelu 5a3b1b0000d1b2937455644f3a2611b39e8a75606d63594f45958a80766c787878787878787878788d8d8d8d8d8d8d8d8d8da1a1a1a1a1a1a1a1a1a1b6b6b6b6b6b6b6b6b6b65b3c1e0000cfb192745564513d2915b19d897561
        PRelu by channel f9f9f9f9f97f7f7f69f9f9f9f9f9f97f7f7f43f9f9f9f9f9f96e5e431ef9fbfbfbfbfbfbfbfbfbfb3a3a3a3a3a3a3a3a3a3a797979797979797979797f7f7f7f7f7f7f7f7f7ff9f9f9f9f97f7f7f66f9f9f9f9f9f97f7f7f40f9
        Identity a8bdd3e8feffffffffffffffffffffff00000000000000000010263c51677c92
        Abs a8bdd3e8fefffffffffffffffffffffffffffffffffffffff3dec8b29d877c92
        Neg 46311b06000000000000000000000000fffffffffffffffff3dec8b29d87725c
        Sign c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c02e2e2e2e2e2e2e2e2e2e2e2e2e2ec0c0
        Reciprocal e5c3b1a69e9995928f8d8b8a88878685656462605e5b57524c43351d0000ffff
        Sqrt b3bfc9d2dae2e9f0f6fcffffffffffff77777777777777777777777777778ba3
        Square 97bbebffffffffffffffffffffffffffffffffffffffffffffffd1a78b7b7781
        Exp ffffffffffffffffffffffffffffffff7879797a7b7c7e8184898f97a2b1c6e1
        Log 59748897a4afb8c1c8cfd5dbe0e5eaee7777777777777777777777777777002e
        Floor 7777c0c0c0ffffffffffffffffffffff00000000000000000000002e2e2e7777
        Ceil c0c0ffffffffffffffffffffffffffff000000000000002e2e2e2e777777c0c0
        Round c0c0c0ffffffffffffffffffffffffff0000000000000000002e2e2e2e777777
        Erf a7b3bbbebfc0c0c0c0c0c0c0c0c0c0c02e2e2e2e2e2e2e2e2f31374050657d94
        Sin a4b3bcc0bdb4a6947f695544372f2e34b1a28f7a655140352f2f364253677c91
        Cos b0a18d78634f3f342e2f364354697e934b3c322e303947596d8397a9b6bec0bb
        Tan b0e0ffff00063a586f859dbffeff000015425d748aa4caffff00002a4d677c93
        Asin acd577777777777777777777777777777777777777777777777777324f677c93
        Acos b48b77777777777777777777777777777777777777777777777777fffffae4ce
        Atan a2afb9c0c5cacdd0d2d4d6d7d9dadbdc1617191b1d1f22262b313a4554677c91
        Sinh abc9edffffffffffffffffffffffffff0000000000000000000014354f677c93
        Cosh d1e4fffffffffffffffffffffffffffffffffffffffffffffffff2dacac2c0c5
        Tanh a2adb5babcbebfbfc0c0c0c0c0c0c0c02e2e2e2e2e2f2f3133363c4654677c91
        Asinh a5b5c4d0dbe5eef5fdffffffffffffff000000000000050e1824314153677c91
        Acosh 7777aac1d0dde7f1f9ffffffffffffff77777777777777777777777777777777
        Atanh b2ff77777777777777777777777777777777777777777777777777244d677c93
        Relu a8bdd3e8feffffffffffffffffffffff77777777777777777777777777777c92
        Clip 9b9b9b9b9b9b9b9b9b9b9b9b9b9b9b9b86868686868686868686868686868692
        LeakyRelu a8bdd3e8feffffffffffffffffffffff3c4044494d51565a5e62676b6f747c92
        Elu a8bdd3e8feffffffffffffffffffffff6969696969696a6a6b6c6d6f71747c92
        Celu a8bdd3e8feffffffffffffffffffffff686868686868686868686869696d7c92
        Selu 8f9aa5b0bbc5d0dbe6f1fbffffffffff70707070707070717171727374767a85
        ThresholdedRelu a8bdd3e8feffffffffffffffffffffff77777777777777777777777777777792
        Sigmoid a7acb0b3b6b8babcbdbdbebfbfbfbfc07879797a7b7c7e808285898d92979da2
        HardSigmoid a5aaaeb2b7bbbfc0c0c0c0c0c0c0c0c07777777777777a7e83878b9094989da1
        HardSwish 96a8bcd3ecffffffffffffffffffffff77777777777770686361606368707a87
        Swish 919dabb8c7d6e5f6ffffffffffffffff1c1f23272b30363c434b535c656f7a85
        Gelu 9bb1c9e2faffffffffffffffffffffff7777777777767574716f6c6b6c707a88
        GeluTanh 9bb1c9e2faffffffffffffffffffffff7777777777767574716f6c6b6c707a88
        Mish 9eb3cae2f9ffffffffffffffffffffff72716f6e6c69676562616162676e7a8a
        Softplus c6d5e5f6ffffffffffffffffffffffff7879797a7b7c7e8083878c9299a2acb8
        Softsign 949ba0a3a6a9abacaeafb0b1b2b3b3b43c3d3e3f41424446494c51565e6a7c8b
        Shrink 8399aec4daefffffffffffffffffffff000000000000000a1f354a60768b776e
        mean of windows False ed29fd390d491ef22ea8e4203a31271e1551023f351754054115522662360a461afc3875
        mean of windows True f119fc24072f11f41cdef2063a31271e1551023f350826ff290c34173f22042c0ffa0e22
        mean 868584
        mean of channels 9e52f11b45e47fad61002a54f27fbb700f386201
        sum 9284769b8cb1a39587799e8f
        resize HalfPixel 8cd3bf07115963147fcf45220d55f9c801fb0e4d58097fc43a1602497fb764ea0a3c47f87fb32905f1397fa653d9f92b36e772a218f4e0287f9b48ceee202adc67970de9d51c
        resize HalfPixel same scale 0744266262a0a09cdc5ada56969475b2413e505c6c9a9a96d654d450908e6facb532a450808e8e8aca48c844848263a0e926c8448482827ebe3cbc3878765794dd1abc3878767672b230b02c6c6a4b88d714b6327270706cac2aaa2666644582
        resize AlignCorners 8cd3d31b1b6363147fc55c0d0d5514c5110d0d5555067fb74effff477fb74effff4747f87fa940f1f1397fa940f1f13939ea7f9b31e3e32a7f9b31e3e32a2adc728d23d5d51c
        resize AlignCorners same scale 07443b7870ada498d85ee849ae7e75b2643a6c6f75a39a8ecf55de40a5746ba8c1319d657a999185c54bd5369b6b629fea27b15b7790877bbb41cb2d92615895e11ea7526e867d71b238c12388574f8cd7149e48647d7468a82eb8197e4e4582
        resize Asymmetric 8cd3de25304c7ff27eee24400d552fc21a141f3b71e16ddd132ffc447fb13d030e2a60d05ccc021eeb337fa12cf3fd1a4fbf4bbbf10dda227f9b26edf71449ba45b6eb08d51c
        resize Asymmetric same scale 0744448181bebe7bfb38b87575b275b27b38787575b2b26fef2cac6969a669a6ef2cac6969a6a663e320a05d5d9a5d9ae320a05d5d9a9a57d7149451518e518ed7149451518e8e4bcb08884545824582d7149451518e8e4bcb08884545824582
        resize smaller 7473a37f908ba662926e7e7a
        quantize U8 77777779797775f700ff00ff0077773477
        quantize I8 f9f9fafbfdf8f77f807f807f80f9f98af9
        dequantize 66f784c07a1432c05374b4bf2bf617bdf0f4aa3fc9542d408d978240a16781c0f0f42ac03f35a6bf2bf6973d0434b93f5374344052278640b7af7bc066d523c02bf697bf
        """;
}
