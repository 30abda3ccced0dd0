using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tests.Conformance;

/// <summary>Operators of 8-bit integers: every combination of signs and zero points, prime shapes, and the ends of the range. All must be exact.</summary>
internal static class QuantizedCases
{
    public static IEnumerable<OperatorCase> All => [.. Convolutions(), .. Products(), .. Sums(), .. Pairs(), .. Samples(), .. Reductions(), .. Blocks()];

    private static readonly QuantizedResult U8 = new(DataType.U8, 0.37f, 119), I8 = new(DataType.I8, 0.41f, -7), Real = new(DataType.F32);

    private static CaseInput In(DataType type, int zero, params int[] shape) => new(new TensorType(type, new Shape(shape), new Quantization(0.02f, zero)));

    private static CaseInput Weight(DataType type, int zero, params int[] shape) => In(type, zero, shape) with { Constant = true };

    private static CaseInput PerChannel(DataType type, int axis, params int[] shape)
    {
        float[] scales = [.. Enumerable.Range(0, shape[axis]).Select(i => 0.005f + 0.001f * i)];
        int[] zeros = [.. Enumerable.Range(0, shape[axis]).Select(i => type == DataType.U8 ? 100 + i % 50 : 0)];
        return new(new TensorType(type, new Shape(shape), new Quantization(scales, zeros, axis)), Constant: true);
    }

    private static CaseInput Bias(int count) => new(new TensorType(DataType.I32, count), Constant: true);

    private static IEnumerable<OperatorCase> Convolutions()
    {
        int number = 0;
        foreach (int outputs in (int[])[1, 3, 8, 15, 16, 17, 31, 48])
            foreach (QuantizedResult result in (QuantizedResult[])[U8, I8, Real])
            {
                DataType x = ++number % 2 == 0 ? DataType.U8 : DataType.I8;
                int zero = x == DataType.U8 ? 131 : -128;
                yield return Conv($"qconv 1x1 11->{outputs} {result.Type}", In(x, zero, 1, 5, 7, 11), PerChannel(DataType.I8, 0, outputs, 1, 1, 11), Window.Of(1, 1), result, Bias(outputs));
                yield return Conv($"qconv 1x1 32->{outputs} {result.Type} relu", In(x, zero, 2, 3, 5, 32), Weight(DataType.U8, 77, outputs, 1, 1, 32), Window.Of(1, 1), result, null, new(UnaryFunction.Relu));
                yield return Conv($"qconv 3x3 5->{outputs} {result.Type} clip", In(x, zero, 1, 7, 11, 5), PerChannel(DataType.U8, 0, outputs, 3, 3, 5), Padded(Window.Of(3, 3), 1), result, Bias(outputs), new(UnaryFunction.Clip, -3, 6));
                yield return Conv($"qconv 3x3 s2 dilated 6->{outputs} {result.Type}", In(x, zero, 2, 13, 11, 6), PerChannel(DataType.I8, 0, outputs, 3, 3, 6),
                    Padded(Window.Of(3, 3), 2) with { Strides = [2, 2], Dilations = [2, 2] }, result, null);
            }
        foreach (int outputs in (int[])[1, 8, 17, 31, 48])
        {
            DataType x = ++number % 2 == 0 ? DataType.U8 : DataType.I8;
            yield return Conv($"qconv bounded 1x1 12->{outputs}", In(x, 100, 1, 5, 7, 12), PerChannel(DataType.I8, 0, outputs, 1, 1, 12) with { Bounded = true }, Window.Of(1, 1), U8, Bias(outputs));
            yield return Conv($"qconv bounded 3x3 s2 3->{outputs}", In(x, -3 & (x == DataType.U8 ? 255 : -1), 2, 9, 11, 3), PerChannel(DataType.I8, 0, outputs, 3, 3, 3) with { Bounded = true }, Padded(Window.Of(3, 3), 1) with { Strides = [2, 2] }, I8, Bias(outputs), new(UnaryFunction.Relu));
            yield return new($"qmatmul bounded 13x37x{outputs}", new MatMul { Result = Real }, [In(x, 127, 13, 37), PerChannel(DataType.I8, 1, 37, outputs) with { Bounded = true }, Bias(outputs)]);
        }
        foreach (int channels in (int[])[1, 2, 5, 8, 13, 16, 17, 24, 33, 64])
            foreach (DataType x in (DataType[])[DataType.U8, DataType.I8])
            {
                int zero = x == DataType.U8 ? 3 : -128;
                QuantizedResult result = x == DataType.U8 ? I8 : U8;
                yield return Depthwise($"qdepthwise 3x3 {channels} {x}", In(x, zero, 1, 7, 9, channels), PerChannel(DataType.I8, 0, channels, 3, 3, 1), Padded(Window.Of(3, 3), 1), result, channels);
                yield return Depthwise($"qdepthwise 3x3 s2 {channels} {x}", In(x, zero, 2, 8, 11, channels), Weight(DataType.U8, 200, channels, 3, 3, 1), Window.Of(3, 3) with { Strides = [2, 2], Pads = [0, 0, 1, 1] }, result, channels);
                yield return Depthwise($"qdepthwise 5x5 dilated {channels} {x}", In(x, zero, 1, 13, 14, channels), PerChannel(DataType.U8, 0, channels, 5, 5, 1), Padded(Window.Of(5, 5), 3) with { Dilations = [2, 1] }, result, channels);
            }
        foreach (UnaryFunction function in (UnaryFunction[])[UnaryFunction.LeakyRelu, UnaryFunction.HardSwish, UnaryFunction.Swish])
            foreach (int channels in (int[])[1, 5, 16, 31, 72])
                foreach (QuantizedResult result in (QuantizedResult[])[U8 with { Scale = 0.05f }, I8])
                {
                    var activation = new Activation(function, function == UnaryFunction.Swish ? 1 : 0.2f, 0.5f);
                    yield return Conv($"qconv 1x1 7->{channels} {function} {result.Type}", In(DataType.U8, 100, 1, 5, 7, 7), PerChannel(DataType.I8, 0, channels, 1, 1, 7), Window.Of(1, 1), result, Bias(channels), activation);
                    yield return Conv($"qconv bounded 3x3 5->{channels} {function} {result.Type} gain", In(DataType.I8, -100, 2, 7, 5, 5), PerChannel(DataType.I8, 0, channels, 3, 3, 5) with { Bounded = true }, Padded(Window.Of(3, 3), 1), result, Bias(channels),
                        activation, gain: true);
                    yield return Conv($"qconv 3x3 u8 3->{channels} {function} {result.Type}", In(DataType.U8, 9, 1, 6, 5, 3), PerChannel(DataType.U8, 0, channels, 3, 3, 3), Padded(Window.Of(3, 3), 1), result, Bias(channels), activation);
                    yield return Conv($"qdepthwise 3x3 {channels} {function} {result.Type} gain", In(DataType.U8, 3, 1, 7, 11, channels), PerChannel(DataType.I8, 0, channels, 3, 3, 1), Padded(Window.Of(3, 3), 1), result, Bias(channels), activation, channels, gain: true);
                }
        foreach (int channels in (int[])[1, 2, 3])
            foreach (DataType x in (DataType[])[DataType.U8, DataType.I8])
                yield return Conv($"qconv picture {channels} {x}", In(x, 100, 2, 9, 12, channels), PerChannel(x, 0, 12, 3, 3, channels), Padded(Window.Of(3, 3), 1) with { Strides = [2, 2] }, x == DataType.U8 ? U8 : I8, Bias(12), new(UnaryFunction.Relu));
        yield return Conv("qconv 1d", In(DataType.U8, 9, 2, 17, 3), PerChannel(DataType.I8, 0, 7, 5, 3), Window.Of(5) with { Pads = [2, 2] }, U8, Bias(7));
        yield return Conv("qconv 3d", In(DataType.I8, 9, 1, 4, 5, 6, 3), PerChannel(DataType.I8, 0, 7, 2, 3, 2, 3), Window.Of(2, 3, 2) with { Pads = [1, 1, 0, 0, 1, 1] }, I8, null);
        yield return Conv("qconv groups 3", In(DataType.U8, 128, 1, 9, 8, 15), PerChannel(DataType.I8, 0, 24, 3, 3, 5), Padded(Window.Of(3, 3), 1), U8, Bias(24), groups: 3);
        yield return Conv("qconv wide", In(DataType.U8, 255, 1, 2, 2, 700), Weight(DataType.I8, -128, 5, 1, 1, 700), Window.Of(1, 1), new QuantizedResult(DataType.U8, 30, 0), null);
        yield return new("convinteger 3x3", new ConvInteger { Window = Padded(Window.Of(3, 3), 1) }, [Plain(DataType.U8, 1, 6, 7, 5), Plain(DataType.U8, true, 9, 3, 3, 5), Zero(DataType.U8), Zero(DataType.U8, true)]);
        yield return new("convinteger no zeros", new ConvInteger { Window = Window.Of(1, 1) }, [Plain(DataType.I8, 1, 6, 7, 5), Plain(DataType.I8, true, 9, 1, 1, 5)]);
        yield return new("convinteger scaled", new ConvInteger { Window = Padded(Window.Of(3, 3), 1) }, [Plain(DataType.U8, 1, 6, 7, 5), Plain(DataType.U8, true, 9, 3, 3, 5), Zero(DataType.U8), Zero(DataType.U8, true), Floats(), Floats(9)]);
    }

    private static IEnumerable<OperatorCase> Products()
    {
        foreach (int m in (int[])[1, 2, 3, 5, 7, 12, 61])
            foreach (int n in (int[])[1, 8, 16, 19, 50])
            {
                QuantizedResult result = (m + n) % 3 == 0 ? Real : n % 2 == 0 ? U8 : I8;
                yield return new($"qmatmul {m}x37x{n}", new MatMul { Result = result }, [In(DataType.U8, 117, m, 37), PerChannel(DataType.I8, 1, 37, n), Bias(n)]);
                yield return new($"matmulinteger {m}x64x{n}", new MatMulInteger(), [Plain(DataType.U8, m, 64), Plain(DataType.U8, true, 64, n), Zero(DataType.U8), Zero(DataType.U8, true)]);
                yield return new($"matmulinteger {m}x33x{n} scaled", new MatMulInteger(), [Plain(DataType.U8, m, 33), Plain(DataType.I8, true, 33, n), Zero(DataType.U8), null, Floats(n), Floats(n)]);
            }
        yield return new("matmulinteger batches", new MatMulInteger(), [Plain(DataType.I8, 2, 3, 5, 20), Plain(DataType.U8, true, 20, 31), Zero(DataType.I8), new(new TensorType(DataType.U8, 31), Constant: true), Floats()]);
        yield return new("qmatmul clamps", new MatMul { Result = Real, Activation = new(UnaryFunction.Clip, -1, 2) }, [In(DataType.I8, 5, 9, 21), Weight(DataType.U8, 128, 21, 23), Bias(1)]);
        yield return new("qmatmul of matrices that are computed", new MatMul { Result = U8 }, [In(DataType.U8, 117, 3, 8), In(DataType.U8, 100, 8, 5)]);
        foreach (int k in (int[])[1, 2, 7, 64])
            foreach (int n in (int[])[1, 8, 13, 33])
            {
                QuantizedResult result = n == 8 ? Real : k % 2 == 0 ? U8 : I8;
                yield return new($"qmatmul computed {k} {n}", new MatMul { Result = result }, [In(DataType.I8, -128, 2, 3, 67, k), In(DataType.U8, 255, 2, 3, k, n)]);
                yield return new($"qmatmul computed {k} {n} bias", new MatMul { Result = result, Activation = new(UnaryFunction.Relu) }, [In(DataType.U8, 0, 2, 1, 5, k), In(DataType.I8, 9, 3, k, n), Bias(n)]);
                yield return new($"qmatmul computed {k} {n} row", new MatMul { Result = result }, [In(DataType.U8, 3, k), In(DataType.I8, 9, 3, k, n)]);
            }
    }

    private static IEnumerable<OperatorCase> Blocks()
    {
        foreach (int bits in (int[])[4, 8])
            foreach (int rows in (int[])[1, 5])
                foreach (int k in (int[])[16, 61, 100])
                {
                    var op = new MatMulBlocks { K = k, N = 37, Bits = bits, Block = 16 };
                    CaseInput packed = Plain(DataType.U8, true, 37, op.Blocks, op.BlockBytes), scales = Floats(37 * op.Blocks), zeros = Plain(DataType.U8, true, 37 * op.ZeroBytes);
                    yield return new($"matmulblocks {bits} {rows}x{k}", op, [Floats(rows, k), packed, scales]);
                    yield return new($"matmulblocks {bits} {rows}x{k} zeros", op, [Floats(rows, k), packed, scales, zeros, Floats(37)]);
                    yield return new($"matmulblocks {bits} {rows}x{k} real zeros", op, [Floats(rows, k), packed, scales, Floats(37 * op.Blocks) with { Constant = true, Scale = 8 }]);
                    yield return new($"matmulblocks {bits} {rows}x{k} by column", op, [Floats(rows, k), packed, Floats(37), zeros]);
                    yield return new($"matmulblocks {bits} {rows}x{k} one scale", op, [Floats(rows, k), packed, Floats(1), Floats(1) with { Constant = true, Scale = 8 }, Floats(37)]);
                    if (bits == 8)
                    {
                        yield return new($"matmulblocks i8 {rows}x{k}", op, [Floats(rows, k), Plain(DataType.I8, true, 37, op.Blocks, op.BlockBytes), Floats(37), Floats(37) with { Constant = true, Scale = 8 }]);
                        yield return new($"matmulblocks i8 {rows}x{k} no zeros", op, [Floats(rows, k), Plain(DataType.I8, true, 37, op.Blocks, op.BlockBytes), Floats()]);
                    }
                }
    }

    private static IEnumerable<OperatorCase> Sums()
    {
        foreach (BinaryFunction function in (BinaryFunction[])[BinaryFunction.Add, BinaryFunction.Mul, BinaryFunction.Sub, BinaryFunction.Min, BinaryFunction.Max, BinaryFunction.PRelu])
            foreach (QuantizedResult result in (QuantizedResult[])[U8 with { Scale = 0.03f }, I8 with { Scale = 0.011f }])
            {
                yield return new($"q{function} {result.Type}", new Binary { Function = function, Result = result }, [In(DataType.U8, 117, 3, 5, 37), In(DataType.I8, -128, 3, 5, 37)]);
                yield return new($"q{function} {result.Type} row", new Binary { Function = function, Result = result, Activation = new(UnaryFunction.Relu) }, [In(DataType.I8, 7, 3, 5, 37), In(DataType.I8, 0, 37)]);
                if (QuantizedPair.HasChannels(function))
                    yield return new($"q{function} {result.Type} 131 channels", new Binary { Function = function, Result = result }, [In(DataType.U8, 77, 3, 5, 131), PerChannel(DataType.U8, 0, 131)]);
                yield return new($"q{function} {result.Type} number", new Binary { Function = function, Result = result }, [In(DataType.U8, 7, 2), In(DataType.U8, 255, 3, 61, 1)]);
                yield return new($"q{function} {result.Type} long", new Binary { Function = function, Result = result }, [In(DataType.U8, 7, 3, 100, 100), In(DataType.U8, 255, 3, 100, 100)]);
            }
        foreach (UnaryFunction function in (UnaryFunction[])[UnaryFunction.Identity, UnaryFunction.Sigmoid, UnaryFunction.HardSwish, UnaryFunction.Clip])
            yield return new($"q{function}", new Unary { Function = function, Alpha = 0.2f, Beta = 0.5f, Result = I8 with { Scale = 0.02f } }, [In(DataType.U8, 117, 3, 5, 37)]);
        foreach (UnaryFunction function in Enum.GetValues<UnaryFunction>().Except([UnaryFunction.IsNaN, UnaryFunction.IsInf, UnaryFunction.Not, UnaryFunction.BitwiseNot]))
            yield return new($"q{function} of every byte", new Unary { Function = function, Alpha = 0.2f, Beta = 0.5f, Result = U8 with { Scale = 0.02f } }, [In(DataType.I8, -40, 7, 256) with { Every = true }]);
        foreach (DataType type in (DataType[])[DataType.U8, DataType.I8])
            foreach (int channels in (int[])[1, 7, 16, 35])
            {
                yield return new($"qmax 3x3 {type} {channels}", new Pool { Window = Padded(Window.Of(3, 3), 1) with { Strides = [2, 2] } }, [In(type, 3, 2, 8, 9, channels)]);
                yield return new($"qmax 13x5 {type} {channels}", new Pool { Window = Window.Of(13, 5) with { Pads = [6, 2, 6, 2] } }, [In(type, 3, 1, 9, 8, channels)]);
                yield return new($"qmax 1d dilated {type} {channels}", new Pool { Window = Window.Of(3) with { Pads = [2, 1], Dilations = [2], Strides = [2] } }, [In(type, 3, 2, 23, channels)]);
                yield return new($"qmax 3d {type} {channels}", new Pool { Window = Window.Of(2, 3, 2) with { Pads = [1, 1, 0, 0, 1, 1] } }, [In(type, 3, 1, 4, 5, 6, channels)]);
                foreach (bool counts in (bool[])[false, true])
                    yield return new($"qaverage 3x2 {type} {channels} {counts}", new Pool { Function = PoolFunction.Average, CountIncludePad = counts, Window = Window.Of(3, 2) with { Pads = [1, 0, 2, 1], Strides = [2, 1], Ceil = true }, Result = I8 with { Scale = 0.017f } }, [In(type, 100, 2, 8, 9, channels)]);
                CaseInput scale = new(new TensorType(DataType.F32, channels), Value: 0.013f), one = new(new TensorType(DataType.F32), Value: 0.013f);
                CaseInput reals = new(new TensorType(DataType.F32, 3, channels, 21), Sprinkled: [float.NaN, 1e30f, -1e30f, float.PositiveInfinity, 0.0065f, 0.0195f, -0.0065f]);
                yield return new($"quantize {type} {channels}", new Quantize(), [reals, one, Zero(type)]);
                yield return new($"quantize {type} {channels} axis", new Quantize(), [reals, scale, In(type, 0, channels)]);
                yield return new($"dequantize {type} {channels}", new Dequantize(), [In(type, 0, 3, channels, 21), one, Zero(type)]);
                yield return new($"dequantize {type} {channels} axis", new Dequantize { Axis = -1 }, [In(type, 0, 3, 21, channels), scale, In(type, 0, channels)]);
            }
        foreach (DataType type in (DataType[])[DataType.U8, DataType.I8])
            foreach (float step in (float[])[0.013f, 0.3f, 1, 1e-20f, 7e19f, 2e-30f])
            {
                // Around each number that lies between two results, and what lies next to it on both sides.
                float[] halves = [.. Enumerable.Range(-300, 601).Select(i => (i + 0.5f) * step)];
                float[] around = [.. halves.SelectMany(h => (float[])[h, MathF.BitIncrement(h), MathF.BitDecrement(h), MathF.BitIncrement(MathF.BitIncrement(h))]), float.NaN, float.PositiveInfinity, float.NegativeInfinity, 3e38f, -3e38f, 0, -0f];
                CaseInput known = new(new TensorType(DataType.F32), Constant: true, Value: step), zero = Zero(type, true);
                yield return new($"known quantize {type} {step}", new Quantize(), [new(new TensorType(DataType.F32, around.Length), Elements: around), known, zero]);
                yield return new($"known dequantize {type} {step}", new Dequantize(), [In(type, 0, 7, 61), known, zero]);
            }
        foreach (int channels in (int[])[1, 7, 16])
        {
            CaseInput scales = new(new TensorType(DataType.F32, channels), Constant: true, Value: 0.013f), zeros = In(DataType.I8, 0, channels) with { Constant = true };
            yield return new($"known quantize {channels} axis", new Quantize(), [new(new TensorType(DataType.F32, 3, channels, 21)), scales, zeros]);
            yield return new($"known dequantize {channels} axis", new Dequantize { Axis = -1 }, [In(DataType.I8, 0, 3, 21, channels), scales, zeros]);
        }
        foreach (int count in (int[])[1, 7, 8, 61, 1000])
            yield return new($"dynamicquantize {count}", new DynamicQuantize(), [new(new TensorType(DataType.F32, count))]);
        yield return new("dynamicquantize of zeros", new DynamicQuantize(), [new(new TensorType(DataType.F32, 9), Value: 0)]);
        yield return new("dynamicquantize of large ones", new DynamicQuantize(), [new(new TensorType(DataType.F32, 33), Value: 3e30f)]);
    }

    private static IEnumerable<OperatorCase> Pairs()
    {
        foreach (BinaryFunction function in (BinaryFunction[])[BinaryFunction.Add, BinaryFunction.Sub, BinaryFunction.Mul, BinaryFunction.PRelu])
            foreach (int channels in (int[])[1, 3, 8, 17, 61])
            {
                var op = new Binary { Function = function, Result = channels % 2 == 0 ? U8 with { Scale = 0.03f } : I8 with { Scale = 0.011f } };
                yield return new($"q{function} by channel {channels}", op, [In(DataType.U8, 117, 2, 5, 7, channels), PerChannel(DataType.I8, 0, channels)]);
                yield return new($"q{function} by channel u8 {channels}", op, [In(DataType.I8, -3, 2, 5, 7, channels), PerChannel(DataType.U8, 3, 1, 1, 1, channels)]);
                yield return new($"q{function} one by channel {channels}", op, [In(DataType.U8, 117, 3, 1), PerChannel(DataType.I8, 1, 1, channels)]);
                yield return new($"q{function} matrix by channel {channels}", op, [In(DataType.U8, 117, 3, 1, channels), PerChannel(DataType.I8, 1, 5, channels)]);
                yield return new($"q{function} gate {channels}", op, [In(DataType.U8, 0, 2, 7, 11, channels), In(DataType.U8, 0, 2, 1, 1, channels)]);
                yield return new($"q{function} gate first {channels}", op, [In(DataType.U8, 128, 2, 1, 1, channels), In(DataType.U8, 255, 2, 7, 11, channels)]);
                yield return new($"q{function} mask {channels}", op, [In(DataType.U8, 128, 2, 7, 11, channels), In(DataType.U8, 2, 2, 7, 11, 1)]);
            }
        foreach (BinaryFunction function in (BinaryFunction[])[BinaryFunction.Add, BinaryFunction.Sub, BinaryFunction.Mul, BinaryFunction.Min, BinaryFunction.Max, BinaryFunction.PRelu])
        {
            // All pairs of bytes; scales far apart; results that all saturate.
            CaseInput column = In(DataType.U8, 100, 256, 1) with { Every = true }, row = In(DataType.I8, -20, 256) with { Every = true };
            // Each number of the row by a scale of its own.
            if (QuantizedPair.HasChannels(function)) yield return new($"q{function} every pair by channel", new Binary { Function = function, Result = U8 with { Scale = 0.0171f } }, [column, PerChannel(DataType.U8, 0, 256) with { Every = true }]);
            foreach (float scale in (float[])[0.013f, 1e-4f, 3f, 1e6f, .. Enumerable.Range(1, function is BinaryFunction.Add or BinaryFunction.Sub ? 12 : 0).Select(i => 0.0031f * i * MathF.Sqrt(i))])
                yield return new($"q{function} every pair {scale}", new Binary { Function = function, Result = U8 with { Scale = scale } }, [column, row]);
        }
    }

    private static IEnumerable<OperatorCase> Samples()
    {
        foreach (DataType type in (DataType[])[DataType.U8, DataType.I8])
            foreach (int channels in (int[])[1, 3, 8, 16, 17, 61])
            {
                int zero = type == DataType.U8 ? 131 : -128;
                Resize To(int height, int width, ResizeCoordinates coordinates = default, Interpolation kind = Interpolation.Linear) =>
                    new() { Sizes = [height, width], Axes = [1, 2], Interpolation = kind, Coordinates = coordinates, Result = kind == Interpolation.Linear ? (channels % 2 == 0 ? U8 with { Scale = 0.03f } : I8 with { Scale = 0.02f }) : default };
                CaseInput x = In(type, zero, 2, 5, 7, channels);
                yield return new($"qresize half {type} {channels}", To(10, 14), [x]);
                yield return new($"qresize half odd {type} {channels}", To(11, 13), [x]);
                yield return new($"qresize smaller {type} {channels}", To(3, 2), [x]);
                yield return new($"qresize corners {type} {channels}", To(13, 17, ResizeCoordinates.AlignCorners), [x]);
                yield return new($"qresize asymmetric rows {type} {channels}", To(15, 7, ResizeCoordinates.Asymmetric), [x]);
                yield return new($"qresize antialias {type} {channels}", new Resize { Sizes = [2, 3], Axes = [1, 2], Interpolation = Interpolation.Linear, AntiAlias = true, Result = U8 with { Scale = 0.02f } }, [x]);
                yield return new($"qresize same {type} {channels}", To(5, 7), [x]);
                yield return new($"qresize line {type} {channels}", new Resize { Scales = [1.7f], Axes = [1], Interpolation = Interpolation.Linear, Result = U8 }, [In(type, zero, 3, 29, channels)]);
                yield return new($"qresize last {type} {channels}", new Resize { Scales = [2.5f], Axes = [2], Interpolation = Interpolation.Linear, Result = U8 }, [In(type, zero, 3, 5, 8 + channels)]);
                yield return new($"qresize nearest {type} {channels}", To(10, 21, kind: Interpolation.Nearest), [x]);
                yield return new($"qresize nearest smaller {type} {channels}", To(3, 4, kind: Interpolation.Nearest), [x]);
            }
    }

    private static IEnumerable<OperatorCase> Reductions()
    {
        foreach (int channels in (int[])[1, 7, 16, 24, 61])
            yield return new($"qshuffle {channels}", new Transpose { Permutation = [0, 1, 3, 2] }, [In(DataType.U8, 3, 2, 5, 2, channels)]);
        foreach (int planes in (int[])[2, 3, 4])
            foreach (int pixels in (int[])[4, 52, 61, 1000])
                yield return new($"qplanes {planes} {pixels}", new Transpose { Permutation = [0, 2, 1] }, [In(DataType.U8, 3, 3, planes, pixels)]);
        foreach (DataType type in (DataType[])[DataType.U8, DataType.I8])
            foreach (ReduceFunction function in (ReduceFunction[])[ReduceFunction.Mean, ReduceFunction.Sum, ReduceFunction.Max, ReduceFunction.Min])
                foreach (int channels in (int[])[1, 7, 16, 61])
                {
                    bool writes = function is ReduceFunction.Mean or ReduceFunction.Sum;
                    Reduce Of(params long[] axes) => new() { Function = function, Axes = axes, Result = !writes ? default : I8 with { Scale = function == ReduceFunction.Sum ? 0.5f : 0.017f } };
                    CaseInput x = In(type, 100, 3, 5, 11, channels);
                    yield return new($"qreduce {function} {type} {channels}", Of(1, 2), [x]);
                    yield return new($"qreduce {function} {type} {channels} last", Of(-1), [x]);
                    yield return new($"qreduce {function} {type} {channels} rows", Of(1), [x]);
                    yield return new($"qreduce {function} {type} {channels} all", Of(), [x]);
                    yield return new($"qreduce {function} {type} {channels} apart", Of(0, 2), [x], Evaluated: true);
                }
        // Sums beyond 24 bits.
        yield return new("qreduce long", new Reduce { Function = ReduceFunction.Sum, Result = U8 with { Scale = 4e5f } }, [In(DataType.U8, 0, 1, 100_003) with { All = 255 }]);
        yield return new("qreduce long mean", new Reduce { Function = ReduceFunction.Mean, Result = U8 with { Scale = 0.02f } }, [In(DataType.U8, 3, 1, 100_003)]);
    }

    private static OperatorCase Depthwise(string name, CaseInput x, CaseInput weight, Window window, QuantizedResult result, int channels) => Conv(name, x, weight, window, result, Bias(channels), groups: channels);

    private static OperatorCase Conv(string name, CaseInput x, CaseInput weight, Window window, QuantizedResult result, CaseInput? bias, Activation activation = default, int groups = 1, bool gain = false) =>
        new(name, new Conv { Window = window, Groups = groups, Activation = activation, Result = result }, [x, weight, .. bias is null ? Array.Empty<CaseInput>() : [bias], .. gain ? [new CaseInput(new TensorType(DataType.F32, weight.Type.Shape[0]), Constant: true)] : Array.Empty<CaseInput>()]);

    private static CaseInput Plain(DataType type, params int[] shape) => Plain(type, false, shape);

    // Numbers of the whole range, which no quantization goes with.
    private static CaseInput Plain(DataType type, bool constant, params int[] shape) => new(new TensorType(type, new Shape(shape), new Quantization(1, 0)), constant);

    private static CaseInput Zero(DataType type, bool constant = false) => new(new TensorType(type, new Shape(), new Quantization(1, 0)), constant);

    private static CaseInput Floats(params int[] shape) => new(new TensorType(DataType.F32, shape), Scale: 0.1f);

    private static Window Padded(Window window, int pad) => window with { Pads = [.. Enumerable.Repeat(pad, 2 * window.Axes)] };
}
