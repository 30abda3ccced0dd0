using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Gpu.SelfTest;

/// <summary>The table of cases: every kernel that lowering uses is in one of them, with sizes that do not fill its last vector, tile and workgroup.</summary>
internal static class SelfTestCases
{
    /// <summary>Grows when a case changes, so that what was found out with another one counts no more.</summary>
    public const int Version = 3;

    /// <summary>All of them.</summary>
    public static IReadOnlyList<SelfTestCase> All { get; } = [.. NumericVectors.All.Select(SelfTestCase.Of), .. Convolutions(), .. Products(), .. Integers(), .. Elements(), .. Rows(), .. Movements(), .. Tables(), .. Pictures(), .. Bytes()];

    private static IEnumerable<SelfTestCase> Convolutions()
    {
        yield return Conv("convolution 1x1", [1, 5, 7, 12], 20, Window.Of(1, 1), new(UnaryFunction.Relu));
        yield return Conv("convolution 1x1 odd", [1, 5, 7, 11], 18, Window.Of(1, 1), new(UnaryFunction.Clip, -1, 1));
        yield return Conv("convolution 1x1 of one place", [1, 1, 1, 12], 8, Window.Of(1, 1), default);
        yield return Conv("convolution 1x1 large", [1, 9, 9, 32], 68, Window.Of(1, 1), default);
        yield return Conv("convolution 3x3", [1, 7, 11, 8], 12, Window.Of(3, 3) with { Pads = [1, 1, 1, 1] }, new(UnaryFunction.LeakyRelu, 0.25f));
        yield return Conv("convolution 3x3 odd", [2, 5, 6, 5], 9, Window.Of(3, 3) with { Strides = [2, 2], Pads = [0, 1, 1, 0] }, default);
        yield return Conv("convolution of a picture", [1, 9, 12, 3], 8, Window.Of(3, 3) with { Strides = [2, 2], Pads = [0, 0, 1, 1] }, new(UnaryFunction.Relu));
        yield return Conv("convolution 3x3 deep", [1, 6, 8, 68], 64, Window.Of(3, 3) with { Pads = [1, 1, 1, 1] }, default);
        yield return Conv("depthwise 3x3", [1, 7, 9, 20], 20, Window.Of(3, 3) with { Pads = [1, 1, 1, 1] }, new(UnaryFunction.Relu), 20);
        yield return Conv("depthwise 5x5", [1, 9, 8, 13], 13, Window.Of(5, 5) with { Strides = [2, 2], Pads = [1, 1, 2, 2] }, default, 13);
        yield return Conv("depthwise 3x3 of one place", [1, 1, 1, 8], 8, Window.Of(3, 3) with { Pads = [1, 1, 1, 1] }, default, 8);
        yield return Conv("depthwise 3x3 spread", [1, 11, 13, 12], 12, Window.Of(3, 3) with { Strides = [3, 3], Pads = [1, 1, 1, 1] }, default, 12);
        foreach (int outputs in (int[])[4, 13])
            yield return new SelfTestCase($"transposed convolution {outputs}", new ConvTranspose { Window = Window.Of(3, 3) with { Strides = [2, 2], Pads = [1, 1, 0, 1] }, OutputPadding = [0, 0] },
                In(1, 5, 6, 7), Weight(outputs, 3, 3, 7), null);
    }

    private static IEnumerable<SelfTestCase> Products()
    {
        foreach ((int m, int k, int n) in ((int, int, int)[])[(7, 11, 13), (1, 32, 12), (33, 17, 36), (65, 20, 68)])
        {
            yield return new SelfTestCase($"product {m}x{k}x{n}", new MatMul(), In(m, k), In(k, n), In(n));
            yield return new SelfTestCase($"product {m}x{k}x{n} by weights", new MatMul { TransposeB = true, Activation = new(UnaryFunction.Relu) }, In(m, k), Weight(n, k));
        }
    }

    /// <summary>Convolutions and products of bytes, as bytes and as reals.</summary>
    private static IEnumerable<SelfTestCase> Integers()
    {
        QuantizedResult bytes = new(DataType.U8, 0.31f, 119), real = new(DataType.F32);
        Window three = Window.Of(3, 3) with { Pads = [1, 1, 1, 1] };
        yield return Quantized("integer convolution 1x1", [1, 5, 7, 12], 20, Window.Of(1, 1), bytes, new(UnaryFunction.Relu));
        yield return Quantized("integer convolution 1x1 wide", [1, 9, 9, 48], 68, Window.Of(1, 1), bytes, new(UnaryFunction.LeakyRelu, 0.1f));
        yield return Quantized("integer convolution 1x1 to reals", [1, 5, 7, 11], 18, Window.Of(1, 1), real, default);
        yield return Quantized("integer convolution 1x1 odd", [1, 5, 7, 11], 18, Window.Of(1, 1), bytes, default);
        yield return Quantized("integer convolution 3x3", [1, 7, 11, 8], 12, three, bytes, new(UnaryFunction.Swish, 1));
        yield return Quantized("integer convolution 3x3 of a picture", [1, 9, 12, 3], 24, three with { Strides = [2, 2] }, bytes, new(UnaryFunction.HardSwish, 1 / 6f, 0.5f));
        yield return Quantized("integer convolution 3x3 of one place", [1, 1, 1, 8], 8, three, bytes, default);
        yield return Quantized("integer depthwise 3x3", [1, 7, 9, 20], 20, three, bytes, default, 20);
        yield return Quantized("integer depthwise 5x5", [1, 11, 13, 12], 12, Window.Of(5, 5) with { Strides = [2, 2], Pads = [1, 1, 2, 2] }, bytes, default, 12);
        yield return Quantized("integer depthwise odd", [1, 6, 5, 13], 13, three, bytes, default, 13);
        foreach (int columns in (int[])[8, 13])
            yield return new SelfTestCase($"product of integers {columns}", new MatMul { Result = bytes }, Bytes(DataType.U8, 117, 2, 7, 9), Bytes(DataType.I8, -5, 2, 9, columns));
    }

    private static SelfTestCase Quantized(string name, int[] x, int outputs, Window window, QuantizedResult result, Activation activation, int groups = 1)
    {
        var scales = new Quantization([.. Enumerable.Range(0, outputs).Select(o => 0.004f + 0.0003f * o)], new int[outputs], 0);
        return new(name, new Conv { Window = window, Activation = activation, Groups = groups, Result = result }, Bytes(DataType.U8, 131, x),
            new SelfTestInput(new TensorType(DataType.I8, new Shape([outputs, .. window.Kernel, x[^1] / groups]), scales), Constant: true), new SelfTestInput(new TensorType(DataType.I32, outputs), Constant: true));
    }

    private static SelfTestInput Bytes(DataType type, int zero, params int[] shape) => new(new TensorType(type, new Shape(shape), new Quantization(0.02f, zero)));

    private static IEnumerable<SelfTestCase> Elements()
    {
        foreach (UnaryFunction function in (UnaryFunction[])[UnaryFunction.Sigmoid, UnaryFunction.Tanh, UnaryFunction.Exp])
            yield return new SelfTestCase($"function {function}", new Unary { Function = function }, In(3, 11, 31));
        yield return new SelfTestCase("sum", new Binary { Function = BinaryFunction.Add }, In(5, 67), In(5, 67));
        yield return new SelfTestCase("product of channels", new Binary { Function = BinaryFunction.Mul }, In(7, 9, 12), Weight(12));
        yield return new SelfTestCase("difference of all with all", new Binary { Function = BinaryFunction.Sub }, In(13, 1, 3), In(5, 3));
        yield return new SelfTestCase("integers", new Binary { Function = BinaryFunction.Add }, Of(DataType.I32, 5, 7), Of(DataType.I32, 7));
        yield return new SelfTestCase("comparison", new Binary { Function = BinaryFunction.Less }, In(5, 7), In(7));
        yield return new SelfTestCase("choice", new Where(), Of(DataType.Bool, 5, 7), In(5, 7), In(7));
        yield return new SelfTestCase("choice of integers", new Where(), Of(DataType.Bool, 5, 1), Of(DataType.I32, 5, 7), Of(DataType.I32, 7));
        yield return new SelfTestCase("conversion to floats", new Cast { To = DataType.F32 }, Of(DataType.I32, 67));
        yield return new SelfTestCase("conversion to integers", new Cast { To = DataType.I32 }, In(67));
        yield return new SelfTestCase("conversion of truth", new Cast { To = DataType.F32 }, Of(DataType.Bool, 67));
    }

    private static IEnumerable<SelfTestCase> Rows()
    {
        foreach ((int rows, int length) in ((int, int)[])[(5, 7), (3, 64), (2, 517)])
        {
            yield return new SelfTestCase($"softmax {rows}x{length}", new Softmax(), In(rows, length));
            yield return new SelfTestCase($"normalisation {rows}x{length}", new Normalize { Axes = [1], Center = true, Epsilon = 1e-3f }, In(rows, length));
            yield return new SelfTestCase($"mean {rows}x{length}", new Reduce { Function = ReduceFunction.Mean, Axes = [1] }, In(rows, length));
            yield return new SelfTestCase($"maximum {rows}x{length}", new Reduce { Function = ReduceFunction.Max, Axes = [0] }, In(rows, length));
            yield return new SelfTestCase($"place of the largest {rows}x{length}", new ArgMax { Axis = 1 }, In(rows, length));
            yield return new SelfTestCase($"one for the largest {rows}x{length}", new Hardmax { Axis = 1 }, In(rows, length));
        }
        yield return new SelfTestCase("softmax across", new Softmax { Axis = 1 }, In(2, 7, 12));
        yield return new SelfTestCase("mean of pixels", new Reduce { Function = ReduceFunction.Mean, Axes = [1, 2] }, In(2, 5, 7, 12));
        yield return new SelfTestCase("running sum", new CumSum(), In(3, 17), Places([1], 1));
        yield return new SelfTestCase("response normalisation", new Lrn { Size = 3, Alpha = 0.3f, Bias = 1.5f, Beta = 0.6f }, In(2, 3, 5, 11));
        yield return new SelfTestCase("largest of windows", new Pool { Function = PoolFunction.Max, Window = Window.Of(2, 2) with { Strides = [2, 2] } }, In(1, 6, 9, 12));
        yield return new SelfTestCase("mean of windows", new Pool { Function = PoolFunction.Average, Window = Window.Of(3, 3) with { Strides = [2, 2], Pads = [1, 1, 1, 1] } }, In(1, 7, 9, 5));
    }

    private static IEnumerable<SelfTestCase> Movements()
    {
        foreach (DataType type in (DataType[])[DataType.F32, DataType.I32])
        {
            yield return new SelfTestCase($"transposition of fours {type}", new Transpose { Permutation = [0, 2, 1] }, Of(type, 2, 8, 12));
            yield return new SelfTestCase($"transposition {type}", new Transpose { Permutation = [0, 2, 1] }, Of(type, 2, 5, 7));
            yield return new SelfTestCase($"transposition of rows {type}", new Transpose { Permutation = [1, 0, 2] }, Of(type, 7, 9, 4));
            yield return new SelfTestCase($"transposition of pairs {type}", new Transpose { Permutation = [0, 2, 1] }, Of(type, 5, 2, 12));
            yield return new SelfTestCase($"transposition to pairs {type}", new Transpose { Permutation = [0, 2, 1] }, Of(type, 5, 12, 2));
            yield return new SelfTestCase($"part of channels {type}", new Slice { Starts = [3], Ends = [9], Axes = [1] }, Of(type, 6, 11));
            yield return new SelfTestCase($"every second {type}", new Slice { Starts = [0], Ends = [long.MaxValue], Axes = [1], Steps = [2] }, Of(type, 6, 16));
            yield return new SelfTestCase($"one after the other {type}", new Concat { Axis = 1 }, Of(type, 5, 8), Of(type, 5, 3));
            yield return new SelfTestCase($"fours one after the other {type}", new Concat { Axis = 1 }, Of(type, 5, 8), Of(type, 5, 4));
            yield return new SelfTestCase($"border {type}", new Pad { Pads = [0, 1, 2, 0, 0, 2, 1, 0], Value = 3 }, Of(type, 1, 5, 7, 8));
            yield return new SelfTestCase($"odd border {type}", new Pad { Mode = PadMode.Reflect, Pads = [0, 1, 2, 0, 2, 1] }, Of(type, 2, 5, 7));
        }
        yield return new SelfTestCase("transposition of bytes", new Transpose { Permutation = [0, 2, 1] }, Of(DataType.U8, 2, 5, 7));
        foreach (int planes in (int[])[2, 3])
            yield return new SelfTestCase($"{planes} planes of bytes to pixels", new Transpose { Permutation = [0, 2, 1] }, Of(DataType.U8, 3, planes, 52));
        yield return new SelfTestCase("part of bytes", new Slice { Starts = [3], Ends = [9], Axes = [1] }, Of(DataType.U8, 6, 11));
    }

    private static IEnumerable<SelfTestCase> Tables()
    {
        foreach (DataType type in (DataType[])[DataType.F32, DataType.I32])
        {
            yield return new SelfTestCase($"choice by places {type}", new Gather { Axis = 1 }, Of(type, 5, 6, 8), Computed([4], 4, 0, 2, 5));
            yield return new SelfTestCase($"choice by places along rows {type}", new Gather { Axis = 1 }, Of(type, 5, 7), Computed([3], 4, 0, 6));
            yield return new SelfTestCase($"choice by known places {type}", new Gather { Axis = 0 }, Of(type, 5, 6, 8), Places([4], 4, 0, -1, 2));
            yield return new SelfTestCase($"choice of elements {type}", new GatherElements { Axis = 1 }, Of(type, 3, 5), Computed([3, 2], 4, 0, 1, 2, 3, 4));
            yield return new SelfTestCase($"updates {type}", new ScatterND(), Of(type, 4, 5, 3), Places([3, 2], 1, 2, 0, 0, 3, 4), Of(type, 3, 3));
        }
        foreach (Interpolation interpolation in (Interpolation[])[Interpolation.Nearest, Interpolation.Linear])
            foreach (int channels in (int[])[5, 16])
                yield return new SelfTestCase($"resizing {interpolation} {channels}", new Resize { Interpolation = interpolation, Scales = [1, 2, 1.5f, 1] }, In(1, 5, 6, channels));
    }

    private static IEnumerable<SelfTestCase> Pictures()
    {
        foreach (PixelFormat format in (PixelFormat[])[PixelFormat.Rgb24, PixelFormat.Nv12])
            foreach (QuantizedResult result in (QuantizedResult[])[default, new(DataType.U8, 0.0079f, 127)])
                yield return new SelfTestCase($"picture {format}{(result.IsNone ? "" : " to bytes")}",
                    new ImageToTensor { Format = format, Width = 7, Height = 5, Letterbox = true, Scale = [0.0078125f, 0.0078125f, 0.0078125f], Offset = [-1, -1, -1], Result = result },
                    new SelfTestInput(new TensorType(DataType.U8, format.ShapeOf(24, 16))));
    }

    private static IEnumerable<SelfTestCase> Bytes()
    {
        QuantizedResult u8 = new(DataType.U8, 0.031f, 117), i8 = new(DataType.I8, 0.023f, -9);
        foreach (BinaryFunction function in (BinaryFunction[])[BinaryFunction.Add, BinaryFunction.Sub, BinaryFunction.Mul, BinaryFunction.PRelu, BinaryFunction.Min, BinaryFunction.Max])
        {
            // Sums are rounded twice where few pairs show it, so that many are tried.
            yield return new SelfTestCase($"{function} of bytes", new Binary { Function = function, Result = u8 }, Number(DataType.U8, 3, 53, 101), Number(DataType.I8, 3, 53, 101));
            yield return new SelfTestCase($"{function} of bytes that are repeated", new Binary { Function = function, Result = i8 }, Number(DataType.I8, 13, 1, 5), Number(DataType.U8, 7, 5));
        }
        yield return new SelfTestCase("function of bytes", new Unary { Function = UnaryFunction.HardSwish, Alpha = 0.2f, Beta = 0.5f, Result = i8 }, Number(DataType.U8, 3, 11, 31));
        foreach (int channels in (int[])[12, 5])
        {
            yield return new SelfTestCase($"largest of windows of bytes {channels}", new Pool { Function = PoolFunction.Max, Window = Window.Of(3, 3) with { Strides = [2, 2], Pads = [1, 1, 1, 1] } }, Number(DataType.I8, 1, 7, 9, channels));
            yield return new SelfTestCase($"mean of windows of bytes {channels}", new Pool { Function = PoolFunction.Average, Window = Window.Of(3, 3) with { Pads = [1, 1, 1, 1] }, Result = i8 }, Number(DataType.U8, 1, 7, 9, channels));
            yield return new SelfTestCase($"resizing of bytes {channels}", new Resize { Interpolation = Interpolation.Linear, Scales = [1, 2, 1.5f, 1], Result = u8 }, Number(DataType.U8, 1, 5, 6, channels));
            yield return new SelfTestCase($"resizing of bytes to the nearest {channels}", new Resize { Interpolation = Interpolation.Nearest, Scales = [1, 2, 1.5f, 1] }, Number(DataType.U8, 1, 5, 6, channels));
            yield return new SelfTestCase($"border of bytes {channels}", new Pad { Pads = [0, 1, 2, 0, 0, 2, 1, 0], Value = 3 }, Number(DataType.U8, 1, 5, 7, channels));
            yield return new SelfTestCase($"bytes one after the other {channels}", new Concat { Axis = 1 }, Number(DataType.U8, 5, channels), Number(DataType.U8, 5, 3), Number(DataType.U8, 5, 4));
            yield return new SelfTestCase($"transposition of bytes {channels}", new Transpose { Permutation = [1, 0, 2] }, Number(DataType.U8, 7, 9, channels));
        }
        foreach ((int rows, int length) in ((int, int)[])[(5, 7), (3, 64), (2, 517)])
        {
            yield return new SelfTestCase($"mean of bytes {rows}x{length}", new Reduce { Function = ReduceFunction.Mean, Axes = [1], Result = i8 }, Number(DataType.U8, rows, length));
            yield return new SelfTestCase($"sum of bytes {rows}x{length}", new Reduce { Function = ReduceFunction.Sum, Axes = [0], Result = u8 }, Number(DataType.I8, rows, length));
            yield return new SelfTestCase($"maximum of bytes {rows}x{length}", new Reduce { Function = ReduceFunction.Max, Axes = [1] }, Number(DataType.U8, rows, length));
            yield return new SelfTestCase($"minimum of bytes {rows}x{length}", new Reduce { Function = ReduceFunction.Min, Axes = [1] }, Number(DataType.U8, rows, length));
        }
        foreach (DataType type in (DataType[])[DataType.U8, DataType.I8])
        {
            var scale = new SelfTestInput(new TensorType(DataType.F32), Constant: true, Given: Tensor.Scalar(0.013f));
            var zero = new SelfTestInput(new TensorType(type), Constant: true, Given: type == DataType.U8 ? Tensor.Scalar((byte)119) : Tensor.Scalar((sbyte)-7));
            yield return new SelfTestCase($"reals to bytes {type}", new Quantize(), In(7, 331), scale, zero);
            yield return new SelfTestCase($"bytes to reals {type}", new Dequantize(), Of(type, 7, 331), scale, zero);
        }
    }

    private static SelfTestInput Number(DataType type, params int[] shape) => new(new TensorType(type, new Shape(shape), new Quantization(0.021f, type == DataType.U8 ? 131 : -20)));

    private static SelfTestCase Conv(string name, int[] x, int outputs, Window window, Activation activation, int groups = 1) =>
        new(name, new Conv { Window = window, Activation = activation, Groups = groups }, In(x), Weight([outputs, .. window.Kernel, x[^1] / groups]), Weight(outputs));

    private static SelfTestInput In(params int[] shape) => Of(DataType.F32, shape);

    private static SelfTestInput Of(DataType type, params int[] shape) => new(new TensorType(type, shape));

    private static SelfTestInput Weight(params int[] shape) => new(new TensorType(DataType.F32, shape), Constant: true);

    private static SelfTestInput Places(int[] shape, params long[] values) => new(new TensorType(DataType.I64, shape), Constant: true, values);

    private static SelfTestInput Computed(int[] shape, params long[] values) => new(new TensorType(DataType.I64, shape), Constant: false, values);
}
