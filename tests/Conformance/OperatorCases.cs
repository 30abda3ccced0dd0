using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tests.Conformance;

/// <summary>The table of cases: operators, attributes, and awkward shapes (primes, and sizes around a vector's).</summary>
internal static class OperatorCases
{
    /// <summary>Names of the cases that are tried on devices: all, or those with one of the parts in EDGERUNTIME_CASES, as in "picture,qdepthwise".</summary>
    public static IEnumerable<string> Names => Environment.GetEnvironmentVariable("EDGERUNTIME_CASES") is { Length: > 0 } parts ? All.Keys.Where(name => parts.Split(',').Any(name.Contains)) : All.Keys;

    /// <summary>All cases by name.</summary>
    public static IReadOnlyDictionary<string, OperatorCase> All { get; } =
        new[] { Convolutions(), DenseCases.All, Pools(), Products(), Elementwise(), Softmaxes(), Movements(), MovementCases.All, Borders(), Resizes(), Reductions(), TransposedConvolutions(), Pictures(), ProductCases.All, RowCases.All, WindowCases.All, RecurrentCases.All, AttentionCases.All, ChoiceCases.All, QuantizedCases.All, ControlCases.All, SamplingCases.All }.SelectMany(c => c).ToDictionary(c => c.Name);

    private static CaseInput In(params int[] shape) => new(new TensorType(DataType.F32, shape));

    private static CaseInput Weight(params int[] shape) => new(new TensorType(DataType.F32, shape), Constant: true, Scale: 0.5f);

    private static IEnumerable<OperatorCase> Convolutions()
    {
        int[] channels = [1, 2, 3, 4, 5, 7, 8, 9, 13, 15, 16, 17, 24, 28, 31, 33, 42, 48, 96];
        foreach (int outputs in channels)
        {
            // 1x1, alone and with everything that can be fused: residuals narrower than the output, wider than half, none.
            yield return Conv($"conv 1x1 11->{outputs}", [1, 5, 7, 11], outputs, Window.Of(1, 1), default);
            int narrow = Math.Max(1, outputs * 2 / 3);
            yield return Conv($"conv 1x1 13->{outputs} residual {narrow} relu", [2, 3, 5, 13], outputs, Window.Of(1, 1), new(UnaryFunction.Relu), residual: narrow);
            yield return Conv($"conv 1x1 7->{outputs} residual clip", [1, 2, 2, 7], outputs, Window.Of(1, 1), new(UnaryFunction.Clip, -0.25f, 0.5f), residual: outputs);
            yield return Conv($"conv 3x3 5->{outputs} leaky", [1, 7, 11, 5], outputs, Padded(Window.Of(3, 3), 1), new(UnaryFunction.LeakyRelu, 0.1f));
            yield return Conv($"depthwise 3x3 {outputs}", [1, 7, 9, outputs], outputs, Padded(Window.Of(3, 3), 1), new(UnaryFunction.Relu), groups: outputs);
            yield return Conv($"depthwise 3x3 s2 {outputs}", [2, 8, 11, outputs], outputs, Window.Of(3, 3) with { Strides = [2, 2], Pads = [0, 0, 1, 1] }, default, groups: outputs);
            yield return Conv($"depthwise 5x5 {outputs}", [1, 6, 13, outputs], outputs, Padded(Window.Of(5, 5), 2), new(UnaryFunction.Clip, 0, 6), groups: outputs);
            yield return Conv($"depthwise 5x5 s2 {outputs}", [1, 9, 14, outputs], outputs, Window.Of(5, 5) with { Strides = [2, 2], Pads = [1, 1, 2, 2] }, default, groups: outputs);
        }
        foreach (int outputs in (int[])[4, 8, 20, 36])
            yield return Conv($"conv 1x1 12->{outputs} relu", [2, 3, 7, 12], outputs, Window.Of(1, 1), new(UnaryFunction.Relu));
        // Pictures narrower than a tile, and than the window.
        for (int size = 1; size <= 9; size++)
        {
            yield return Conv($"conv 1x1 {size}x1", [1, size, 1, 6], 24, Window.Of(1, 1), default);
            yield return Conv($"conv 3x3 1x{size}", [1, 1, size, 6], 17, Padded(Window.Of(3, 3), 1), default);
            yield return Conv($"depthwise 3x3 {size}x{size}", [1, size, size, 19], 19, Padded(Window.Of(3, 3), 1), default, groups: 19, residual: 5);
            yield return Conv($"depthwise 5x5 {size}x{size} s2", [1, size, size, 21], 21, Padded(Window.Of(5, 5), 2) with { Strides = [2, 2] }, default, groups: 21);
        }
        foreach (UnaryFunction function in new[] { UnaryFunction.Sigmoid, UnaryFunction.HardSwish, UnaryFunction.Swish, UnaryFunction.Tanh, UnaryFunction.Elu, UnaryFunction.Softplus })
        {
            yield return Conv($"conv 1x1 {function}", [1, 5, 7, 11], 18, Window.Of(1, 1), new(function, 1f / 6, 0.5f), residual: 18);
            yield return Conv($"depthwise 3x3 {function}", [1, 5, 7, 11], 11, Padded(Window.Of(3, 3), 1), new(function, 1f / 6, 0.5f), groups: 11);
        }
        yield return Conv("conv 1x1 s2", [2, 7, 9, 12], 20, Window.Of(1, 1) with { Strides = [2, 2] }, default);
        yield return Conv("conv 1x1 pads", [1, 3, 5, 12], 20, Padded(Window.Of(1, 1), 1), default);
        yield return Conv("conv 5x5 s2 3->24", [1, 23, 29, 3], 24, Window.Of(5, 5) with { Strides = [2, 2], Pads = [1, 1, 2, 2] }, new(UnaryFunction.Relu));
        yield return Conv("conv 3x3 same upper", [1, 10, 7, 3], 9, Window.Of(3, 3) with { Strides = [2, 3], AutoPad = AutoPad.SameUpper }, default);
        yield return Conv("conv 4x2 same lower", [1, 10, 7, 3], 9, Window.Of(4, 2) with { Strides = [3, 2], AutoPad = AutoPad.SameLower }, default);
        yield return Conv("conv 3x3 no pads", [1, 10, 17, 3], 9, Window.Of(3, 3), default);
        yield return Conv("conv 3x3 pads above only", [1, 10, 17, 3], 9, Window.Of(3, 3) with { Pads = [2, 0, 1, 0] }, default);
        yield return Conv("conv 3x3 pads beside only", [1, 10, 17, 3], 9, Window.Of(3, 3) with { Pads = [0, 1, 0, 3] }, default);
        yield return Conv("conv 3x3 negative pads", [1, 12, 13, 4], 8, Window.Of(3, 3) with { Pads = [-1, -2, 1, -1] }, default);
        yield return Conv("conv 3x3 pads wider than the picture", [1, 3, 2, 5], 8, Padded(Window.Of(3, 3), 5), default);
        yield return Conv("conv 3x3 dilated", [1, 13, 11, 6], 19, Padded(Window.Of(3, 3), 2) with { Dilations = [2, 2] }, default);
        yield return Conv("conv 3x3 dilated 1x3", [1, 13, 11, 6], 19, Window.Of(3, 3) with { Dilations = [1, 3] }, default);
        yield return Conv("conv 3x3 groups 3", [1, 9, 8, 15], 24, Padded(Window.Of(3, 3), 1), new(UnaryFunction.Relu), groups: 3, residual: 13);
        yield return Conv("conv 1x1 groups 4", [1, 5, 7, 12], 20, Window.Of(1, 1), default, groups: 4);
        yield return Conv("conv 3x3 multiplier 2", [1, 9, 8, 5], 10, Padded(Window.Of(3, 3), 1), default, groups: 5);
        yield return Conv("depthwise 3x3 dilated", [1, 13, 11, 18], 18, Padded(Window.Of(3, 3), 2) with { Dilations = [2, 2] }, default, groups: 18);
        yield return Conv("depthwise 3x3 same upper s2", [1, 12, 13, 18], 18, Window.Of(3, 3) with { Strides = [2, 2], AutoPad = AutoPad.SameUpper }, default, groups: 18, residual: 7);
        yield return Conv("depthwise 3x3 no pads", [1, 7, 9, 12], 12, Window.Of(3, 3), default, groups: 12);
        yield return Conv("depthwise 3x3 negative pads", [1, 9, 12, 12], 12, Window.Of(3, 3) with { Pads = [-1, 1, 1, -2] }, default, groups: 12);
        yield return Conv("depthwise 3x3 wide pads", [1, 3, 2, 12], 12, Padded(Window.Of(3, 3), 4), default, groups: 12);
        yield return Conv("depthwise 7x7", [1, 9, 11, 12], 12, Padded(Window.Of(7, 7), 3), default, groups: 12);
        yield return Conv("depthwise 3x3 s3", [1, 11, 13, 12], 12, Padded(Window.Of(3, 3), 1) with { Strides = [3, 3] }, default, groups: 12);
        yield return Conv("conv 1d 3", [2, 17, 5], 11, Padded(Window.Of(3), 1), new(UnaryFunction.Relu));
        yield return Conv("conv 1d 5 s2 dilated", [1, 31, 7], 16, Window.Of(5) with { Strides = [2], Dilations = [2], Pads = [3, 1] }, default);
        yield return Conv("depthwise 1d 3", [1, 17, 13], 13, Padded(Window.Of(3), 1), default, groups: 13);
        yield return Conv("conv 3d", [1, 4, 5, 6, 3], 9, Padded(Window.Of(3, 3, 3), 1), default);
        yield return Conv("conv 3d s2", [2, 5, 7, 6, 3], 9, Window.Of(2, 3, 3) with { Strides = [2, 2, 1], Pads = [1, 0, 1, 0, 1, 1] }, default, residual: 4);
        // Pictures of few channels: rows that begin at a multiple of four floats, and those that do not.
        foreach (int pictureChannels in (int[])[1, 2, 3])
            foreach (int width in (int[])[12, 13])
                foreach (int stride in (int[])[1, 2])
                {
                    string name = $"conv 5x3 s{stride} picture 7x{width}x{pictureChannels}";
                    yield return Conv(name, [2, 7, width, pictureChannels], 6, Window.Of(5, 3) with { Strides = [stride, stride], Pads = [2, 1, 2, 1] }, new(UnaryFunction.Relu), residual: 5);
                    yield return Conv(name + " no pads", [1, 7, width, pictureChannels], 8, Window.Of(5, 3) with { Strides = [stride, stride] }, default);
                }
        // The edges of every tile: widths and outputs around multiples of its size.
        foreach (int width in (int[])[3, 5, 8, 9, 17])
            foreach (int outputs in (int[])[4, 12])
            {
                yield return Conv($"conv 1x1 3x{width} 8->{outputs}", [1, 3, width, 8], outputs, Window.Of(1, 1), default, residual: 4);
                yield return Conv($"conv 3x3 3x{width} 8->{outputs}", [1, 3, width, 8], outputs, Padded(Window.Of(3, 3), 1), default, residual: outputs);
                yield return Conv($"depthwise 3x3 5x{width} {outputs}", [1, 5, width, outputs], outputs, Padded(Window.Of(3, 3), 1), default, groups: outputs, residual: 4);
            }
        foreach (int outputs in (int[])[1, 3, 6])
            foreach (int inputs in (int[])[1, 2, 3, 5])
            {
                yield return Conv($"conv 3x3 {inputs}->{outputs} s4", [1, 11, 13, inputs], outputs, Window.Of(3, 3) with { Strides = [4, 5] }, new(UnaryFunction.Clip, -1, 1));
                yield return Conv($"conv 2x3 {inputs}->{outputs} dilated", [2, 9, 14, inputs], outputs, Window.Of(2, 3) with { Dilations = [3, 2], Pads = [1, 3, 2, 0] }, default, residual: 1);
            }
        yield return Conv("conv 1x40", [1, 3, 61, 5], 6, Window.Of(1, 40), default);
        yield return Conv("conv 40x1", [1, 61, 3, 8], 6, Window.Of(40, 1), default);
        yield return Conv("depthwise 1x40", [1, 3, 61, 8], 8, Window.Of(1, 40), default, groups: 8);
        yield return Conv("depthwise 40x1", [1, 61, 3, 8], 8, Window.Of(40, 1), default, groups: 8);
        yield return Conv("conv 1x1 groups 2 of 8", [1, 5, 7, 16], 8, Window.Of(1, 1), default, groups: 2);
        yield return Conv("conv 3x3 groups 2 of 8", [1, 5, 9, 16], 8, Padded(Window.Of(3, 3), 1), default, groups: 2, residual: 8);
        yield return Conv("conv 1x1 96->96", [1, 8, 8, 96], 96, Window.Of(1, 1), new(UnaryFunction.Relu), residual: 96);
        yield return Conv("conv 1x1 64->72", [1, 9, 11, 64], 72, Window.Of(1, 1), default, residual: 40);
        yield return Conv("conv 3x3 32->24", [1, 9, 11, 32], 24, Padded(Window.Of(3, 3), 1), new(UnaryFunction.Relu), residual: 24);
        yield return Conv("conv 3x3 19->33 large", [2, 13, 14, 19], 33, Padded(Window.Of(3, 3), 1), default, residual: 30);
        // Smaller numbers: where sums of this many products of larger ones happen to be near zero, any other order of adding leaves the absolute tolerance.
        yield return Conv("conv 3x3 64->72 7x9", [2, 7, 9, 64], 72, Padded(Window.Of(3, 3), 1), new(UnaryFunction.Relu), residual: 40, scale: 0.5f);
        yield return Conv("conv 3x3 68->64 6x8", [1, 6, 8, 68], 64, Window.Of(3, 3) with { Pads = [0, 1, 2, 0] }, default, scale: 0.5f);
        yield return Conv("conv 1x1 72->136", [1, 9, 15, 72], 136, Window.Of(1, 1), new(UnaryFunction.Relu), residual: 136);
        // Rows of several tiles, with and without columns outside at either end, and a last row alone.
        foreach (int stride in (int[])[1, 2])
            foreach ((int before, int after) in ((int, int)[])[(0, 0), (1, 0), (0, 1), (1, 1)])
            {
                Window window = Window.Of(3, 3) with { Strides = [stride, stride], Pads = [1, before, 1, after] };
                yield return Conv($"depthwise 3x3 s{stride} 11x31x20 {before} {after}", [2, 11, 31, 20], 20, window, new(UnaryFunction.Swish, 1), groups: 20);
                yield return Conv($"depthwise 3x3 s{stride} 9x12x17 {before} {after}", [1, 9, 12, 17], 17, window, new(UnaryFunction.LeakyRelu, 0.2f), groups: 17, residual: 17);
            }
        foreach (int stride in (int[])[1, 2])
            foreach ((int before, int after) in ((int, int)[])[(0, 0), (1, 2), (2, 1), (2, 2), (2, 3), (3, 2)])
            {
                Window window = Window.Of(5, 5) with { Strides = [stride, stride], Pads = [2, before, 2, after] };
                yield return Conv($"depthwise 5x5 s{stride} 11x31x20 {before} {after}", [2, 11, 31, 20], 20, window, new(UnaryFunction.HardSwish, 1f / 6, 0.5f), groups: 20);
                yield return Conv($"depthwise 5x5 s{stride} 9x12x17 {before} {after}", [1, 9, 12, 17], 17, window, new(UnaryFunction.LeakyRelu, 0.2f), groups: 17, residual: 17);
            }
        for (int width = 4; width <= 7; width++)
            yield return Conv($"depthwise 5x5 6x{width}", [1, 6, width, 16], 16, Padded(Window.Of(5, 5), 2), default, groups: 16);
        yield return Conv("depthwise 5x5 s2x1 dilated down", [1, 13, 17, 16], 16, Padded(Window.Of(5, 5), 2) with { Strides = [2, 1], Dilations = [2, 1] }, default, groups: 16);
        yield return Conv("depthwise 3x3 s1x2", [1, 11, 23, 16], 16, Padded(Window.Of(3, 3), 1) with { Strides = [1, 2] }, default, groups: 16);
        yield return Conv("depthwise 3x3 s2x1 dilated down", [1, 13, 17, 16], 16, Padded(Window.Of(3, 3), 1) with { Strides = [2, 1], Dilations = [2, 1] }, default, groups: 16);
        yield return Conv("depthwise 3d", [1, 4, 5, 6, 9], 9, Padded(Window.Of(3, 3, 3), 1), default, groups: 9);
    }

    private static IEnumerable<OperatorCase> Pools()
    {
        foreach (PoolFunction function in (PoolFunction[])[PoolFunction.Max, PoolFunction.Average])
        {
            foreach (int channels in (int[])[1, 2, 3, 5, 8, 9, 16, 17, 24, 42])
                yield return Pool($"{function} pool 2x2 {channels}", function, [2, 6, 9, channels], Window.Of(2, 2) with { Strides = [2, 2] });
            foreach (bool countsPads in (bool[])[false, true])
            {
                string name = $"{function} pool{(countsPads ? " counting pads" : "")}";
                yield return Pool($"{name} 3x3 s2", function, [1, 8, 11, 6], Padded(Window.Of(3, 3), 1) with { Strides = [2, 2] }, countsPads);
                yield return Pool($"{name} 3x3 ceil", function, [1, 8, 12, 6], Padded(Window.Of(3, 3), 1) with { Strides = [2, 3], Ceil = true }, countsPads);
                yield return Pool($"{name} 2x2 ceil", function, [1, 7, 7, 6], Window.Of(2, 2) with { Strides = [2, 2], Ceil = true }, countsPads);
                yield return Pool($"{name} 3x2 same", function, [1, 8, 11, 6], Window.Of(3, 2) with { Strides = [2, 2], AutoPad = AutoPad.SameUpper }, countsPads);
                yield return Pool($"{name} 3x3 same lower", function, [1, 8, 11, 6], Window.Of(3, 3) with { Strides = [2, 2], AutoPad = AutoPad.SameLower }, countsPads);
                yield return Pool($"{name} 3x3 dilated", function, [1, 9, 11, 6], Padded(Window.Of(3, 3), 2) with { Dilations = [2, 2] }, countsPads);
                yield return Pool($"{name} 5x7 whole", function, [1, 5, 7, 19], Window.Of(5, 7), countsPads);
                yield return Pool($"{name} 1d", function, [2, 13, 5], Padded(Window.Of(3), 1), countsPads);
                yield return Pool($"{name} 3d", function, [1, 4, 5, 6, 5], Padded(Window.Of(2, 3, 3), 1) with { Strides = [1, 2, 2] }, countsPads);
            }
        }
    }

    private static OperatorCase Pool(string name, PoolFunction function, int[] x, Window window, bool countsPads = false) =>
        new(name, new Pool { Function = function, Window = window, CountIncludePad = countsPads }, [In(x)]);

    private static IEnumerable<OperatorCase> Products()
    {
        foreach (int n in (int[])[1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 42])
        {
            yield return MatMul($"matmul 7x11x{n} constant", [7, 11], [11, n], constant: true, bias: [n]);
            yield return MatMul($"matmul 13x5x{n}", [13, 5], [5, n], activation: new(UnaryFunction.Relu));
            yield return MatMul($"matmul 1x19x{n} transposed constant", [1, 19], [n, 19], transposeB: true, constant: true, bias: [1, n], activation: new(UnaryFunction.Sigmoid));
            yield return MatMul($"matmul 53x6x{n} transposed", [53, 6], [n, 6], transposeB: true, scale: 0.25f, activation: new(UnaryFunction.Gelu));
            yield return MatMul($"matmul {n}x7x10 transposed a", [7, n], [7, 10], transposeA: true);
            yield return MatMul($"matmul {n}x9x18 both transposed", [9, n], [18, 9], transposeA: true, transposeB: true, bias: [n, 18]);
        }
        yield return MatMul("matmul batched", [2, 3, 5, 7], [2, 3, 7, 11]);
        yield return MatMul("matmul batched b broadcast", [2, 3, 5, 7], [7, 11], constant: true, bias: [11]);
        yield return MatMul("matmul batched a broadcast", [5, 7], [3, 7, 11], constant: true);
        yield return MatMul("matmul batched both broadcast", [2, 1, 5, 7], [3, 7, 11], bias: [2, 3, 5, 11]);
        yield return MatMul("matmul batched both broadcast constant", [2, 1, 5, 7], [3, 7, 11], constant: true, activation: new(UnaryFunction.Tanh));
        yield return MatMul("matmul attention scores", [2, 4, 9, 16], [2, 4, 9, 16], transposeB: true, scale: 0.25f);
        yield return MatMul("matmul row by matrix", [7], [7, 11]);
        yield return MatMul("matmul matrix by column", [5, 7], [7]);
        yield return MatMul("matmul matrix by column with bias", [5, 7], [7], bias: [5]);
        yield return MatMul("matmul row by column", [7], [7]);
        yield return MatMul("matmul wide", [3, 21], [21, 517], constant: true, activation: new(UnaryFunction.Swish, 1));
        yield return MatMul("matmul tall", [211, 21], [21, 5], constant: true);
        yield return MatMul("matmul batched transposed a", [3, 7, 5], [7, 11], transposeA: true);
    }

    private static IEnumerable<OperatorCase> Elementwise()
    {
        foreach (UnaryFunction function in Enum.GetValues<UnaryFunction>())
        {
            if (function is UnaryFunction.IsNaN or UnaryFunction.IsInf or UnaryFunction.Not or UnaryFunction.BitwiseNot) continue;
            float scale = function is UnaryFunction.Asin or UnaryFunction.Acos or UnaryFunction.Atanh ? 1 : function is UnaryFunction.Exp or UnaryFunction.Sinh or UnaryFunction.Cosh ? 80 : 12;
            yield return new OperatorCase($"unary {function}", new Unary { Function = function, Alpha = 0.7f, Beta = 1.3f }, [new(new TensorType(DataType.F32, 3, 11, 31), Scale: scale)]);
            yield return new OperatorCase($"unary {function} small", new Unary { Function = function, Alpha = 1, Beta = 2 }, [new(new TensorType(DataType.F32, 5), Scale: 0.9f)]);
        }
        BinaryFunction[] functions = [BinaryFunction.Add, BinaryFunction.Sub, BinaryFunction.Mul, BinaryFunction.Div, BinaryFunction.Min, BinaryFunction.Max, BinaryFunction.PRelu];
        foreach (BinaryFunction function in functions)
        {
            yield return Binary($"{function} same", function, [3, 7, 11, 13], [3, 7, 11, 13]);
            yield return Binary($"{function} scalar", function, [3, 5, 17], []);
            yield return Binary($"{function} scalar left", function, [], [3, 5, 17]);
            yield return Binary($"{function} channels", function, [2, 5, 7, 19], [19]);
            yield return Binary($"{function} channels left", function, [3], [2, 5, 7, 3]);
            yield return Binary($"{function} rows", function, [2, 5, 7, 19], [5, 1, 1]);
            yield return Binary($"{function} outer", function, [17, 1], [1, 13]);
            yield return Binary($"{function} whole channels", function, [2, 5, 7, 20], [20]);
            yield return Binary($"{function} whole channels left", function, [5, 8], [3, 5, 8]);
            yield return Binary($"{function} whole rows", function, [3, 5, 7, 12], [3, 5, 7, 1], new(UnaryFunction.Tanh));
            yield return Binary($"{function} whole rows repeated", function, [5, 1], [7, 5, 4]);
            yield return Binary($"{function} whole rows of images", function, [3, 4, 5, 8], [3, 1, 1, 8]);
            yield return Binary($"{function} crossed", function, [2, 1, 5, 1, 3], [1, 7, 1, 9, 3]);
            yield return Binary($"{function} large relu", function, [1, 31, 37, 29], [1, 31, 37, 29], new(UnaryFunction.Relu));
        }
        foreach (UnaryFunction function in Enum.GetValues<UnaryFunction>())
            if (function is UnaryFunction.Tanh or (>= UnaryFunction.Relu and <= UnaryFunction.Shrink))
                yield return Binary($"add with {function}", BinaryFunction.Add, [3, 5, 7], [7], new(function, 0.7f, 1.3f));
        yield return Squared("pow 2", 3, 5, 7);
        yield return Squared("pow 2 repeated", 3, 1);
        yield return new OperatorCase("pow", new Binary { Function = BinaryFunction.Pow }, [new(new TensorType(DataType.F32, 3, 5)), new(new TensorType(DataType.F32, 1), Constant: true)]);
    }

    private static OperatorCase Squared(string name, params int[] shape) =>
        new(name, new Binary { Function = BinaryFunction.Pow }, [In(shape), new(new TensorType(DataType.F32, 1), Constant: true, Value: 2)]);

    private static IEnumerable<OperatorCase> Softmaxes()
    {
        foreach (int size in (int[])[1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 1000])
        {
            foreach (bool logarithm in (bool[])[false, true])
            {
                string name = logarithm ? "log softmax" : "softmax";
                yield return new OperatorCase($"{name} {size}", new Softmax { Logarithm = logarithm }, [new(new TensorType(DataType.F32, 5, size), Scale: 20)]);
                yield return new OperatorCase($"{name} {size} beside {size}", new Softmax { Axis = 1, Logarithm = logarithm }, [new(new TensorType(DataType.F32, 2, 7, size), Scale: 20)]);
            }
        }
    }

    private static IEnumerable<OperatorCase> Movements()
    {
        int[][] permutations = [[0, 3, 1, 2], [0, 2, 3, 1], [3, 2, 1, 0], [0, 1, 3, 2], [1, 0, 2, 3], [0, 2, 1, 3], [2, 3, 0, 1], [0, 1, 2, 3]];
        foreach (int[] permutation in permutations)
            foreach (DataType type in (DataType[])[DataType.F32, DataType.U8, DataType.F16, DataType.I64])
            {
                yield return new OperatorCase($"transpose {string.Join("", permutation)} {type}", new Transpose { Permutation = permutation }, [new(new TensorType(type, 2, 17, 19, 3))]);
                yield return new OperatorCase($"transpose {string.Join("", permutation)} {type} with ones", new Transpose { Permutation = permutation }, [new(new TensorType(type, 1, 37, 1, 53))]);
            }
        yield return new OperatorCase("transpose reversed", new Transpose(), [new(new TensorType(DataType.F32, 3, 5, 7, 2, 2))]);
        yield return new OperatorCase("transpose planes to pixels", new Transpose { Permutation = [0, 2, 3, 1] }, [In(2, 3, 67, 71)]);
        yield return new OperatorCase("transpose pixels to planes", new Transpose { Permutation = [0, 3, 1, 2] }, [In(2, 67, 71, 3)]);
        yield return new OperatorCase("transpose scalar", new Transpose(), [new(new TensorType(DataType.F32))]);
        for (int axis = -1; axis < 4; axis++)
        {
            CaseInput Piece(int size) => new(new TensorType(DataType.F32, new Shape(2, 3, 5, 7).With(axis, size)));
            yield return new OperatorCase($"concat axis {axis}", new Concat { Axis = axis }, [Piece(3), Piece(1), Piece(8)]);
            yield return new OperatorCase($"concat axis {axis} with nothing", new Concat { Axis = axis }, [Piece(3), Piece(0)]);
        }
        yield return new OperatorCase("concat integers", new Concat { Axis = 1 }, [new(new TensorType(DataType.I64, 2, 3)), new(new TensorType(DataType.I64, 2, 5))]);
    }

    private static IEnumerable<OperatorCase> Borders()
    {
        foreach (PadMode mode in Enum.GetValues<PadMode>())
        {
            yield return Pad($"pad {mode}", mode, [2, 5, 7, 3], [0, 1, 2, 0, 0, 2, 1, 0]);
            yield return Pad($"pad {mode} channels", mode, [1, 3, 4, 5], [0, 0, 0, 2, 0, 0, 0, 3]);
            yield return Pad($"pad {mode} everywhere", mode, [3, 4, 5], [2, 1, 3, 1, 2, 2]);
            yield return Pad($"pad {mode} negative", mode, [2, 6, 7, 3], [0, -1, 2, 0, 0, 2, -3, 0]);
            yield return Pad($"pad {mode} nothing", mode, [2, 6], [0, 0, 0, 0]);
        }
        yield return new OperatorCase("pad integers", new Pad { Pads = [1, 2], Value = 7 }, [new(new TensorType(DataType.I64, 5))]);
        yield return new OperatorCase("pad bytes by input", new Pad(), [new(new TensorType(DataType.U8, 3, 5)), Integers(1, 0, 2, 1), new(new TensorType(DataType.U8), Constant: true)]);
        yield return new OperatorCase("slice", new Slice { Starts = [1, 2], Ends = [4, -1], Axes = [1, 2], Steps = [1, 1] }, [In(2, 5, 7, 11)]);
        yield return new OperatorCase("slice channels", new Slice { Starts = [3], Ends = [9], Axes = [3], Steps = [1] }, [In(2, 5, 7, 11)]);
        yield return new OperatorCase("slice steps", new Slice { Starts = [0, 1, 2], Ends = [99, 99, 99], Axes = [1, 2, 3], Steps = [2, 3, 2] }, [In(2, 5, 7, 11)]);
        yield return new OperatorCase("slice backwards", new Slice { Starts = [-1, 4], Ends = [-99, 0], Axes = [3, 1], Steps = [-1, -2] }, [In(2, 5, 7, 11)]);
        yield return new OperatorCase("slice by inputs", new Slice(), [In(7, 11), Integers(1), Integers(6), Integers(1), Integers(2)]);
        yield return new OperatorCase("expand scalar", new Expand { Target = [3, 5, 7] }, [In()]);
        yield return new OperatorCase("expand rows", new Expand { Target = [3, 5, 7] }, [In(5, 1)]);
        yield return new OperatorCase("expand channels", new Expand { Target = [3, 5, 7] }, [In(7)]);
        yield return new OperatorCase("expand crossed", new Expand { Target = [3, 2, 1, 7] }, [In(1, 5, 7)]);
        for (int axis = -1; axis < 3; axis++)
        {
            yield return new OperatorCase($"gather one along {axis}", new Gather { Axis = axis }, [In(6, 9, 12), Integers(5)]);
            yield return new OperatorCase($"gather one from the end along {axis}", new Gather { Axis = axis }, [In(6, 9, 12), Integers(-2)]);
            yield return new OperatorCase($"split axis {axis}", new Split { Axis = axis, Parts = 3 }, [In(6, 9, 12)]);
            yield return new OperatorCase($"split axis {axis} unevenly", new Split { Axis = axis, Parts = 3, Sizes = [1, 5, 1] }, [In(7, 7, 7)]);
        }
    }

    private static IEnumerable<OperatorCase> Resizes()
    {
        foreach (Interpolation interpolation in Enum.GetValues<Interpolation>())
        {
            foreach (ResizeCoordinates coordinates in (ResizeCoordinates[])[ResizeCoordinates.HalfPixel, ResizeCoordinates.AlignCorners, ResizeCoordinates.Asymmetric])
                foreach (int channels in (int[])[1, 3, 5, 16, 23])
                {
                    Resize Op(params float[] scales) => new() { Interpolation = interpolation, Coordinates = coordinates, Scales = scales };
                    yield return new OperatorCase($"resize {interpolation} {coordinates} {channels} up", Op(1, 2, 2, 1), [In(2, 5, 7, channels)]);
                    yield return new OperatorCase($"resize {interpolation} {coordinates} {channels} odd", Op(1, 1.7f, 0.6f, 1), [In(1, 5, 7, channels)]);
                }
            yield return new OperatorCase($"resize {interpolation} channels first", new Resize { Interpolation = interpolation, Scales = [1, 1, 2, 1.5f] }, [In(2, 3, 5, 7)]);
            yield return new OperatorCase($"resize {interpolation} one axis", new Resize { Interpolation = interpolation, Scales = [1, 1, 2.5f] }, [In(2, 3, 5)]);
            yield return new OperatorCase($"resize {interpolation} first axis", new Resize { Interpolation = interpolation, Scales = [2, 1, 1] }, [In(2, 3, 5)]);
            yield return new OperatorCase($"resize {interpolation} nothing", new Resize { Interpolation = interpolation, Scales = [1, 1, 1] }, [In(2, 3, 5)]);
            yield return new OperatorCase($"resize {interpolation} sizes", new Resize { Interpolation = interpolation, Sizes = [11, 4], Axes = [1, 2], AntiAlias = true }, [In(1, 5, 7, 6)]);
        }
    }

    private static IEnumerable<OperatorCase> Reductions()
    {
        foreach (ReduceFunction function in (ReduceFunction[])[ReduceFunction.Sum, ReduceFunction.Mean, ReduceFunction.Max, ReduceFunction.Min, ReduceFunction.SumSquare])
        {
            foreach (int channels in (int[])[1, 2, 3, 5, 16, 19])
                yield return new OperatorCase($"reduce {function} pixels {channels}", new Reduce { Function = function, Axes = [1, 2] }, [In(2, 5, 7, channels)]);
            foreach (int size in (int[])[1, 2, 3, 4, 7, 15, 16, 17, 33, 211])
                yield return new OperatorCase($"reduce {function} row {size}", new Reduce { Function = function, Axes = [-1], KeepDims = false }, [In(3, 5, size)]);
            yield return new OperatorCase($"reduce {function} all", new Reduce { Function = function }, [In(3, 5, 7)]);
            yield return new OperatorCase($"reduce {function} first", new Reduce { Function = function, Axes = [0] }, [In(3, 5, 7)]);
            yield return new OperatorCase($"reduce {function} around one", new Reduce { Function = function, Axes = [1, 3] }, [In(2, 5, 1, 7, 3)]);
            yield return new OperatorCase($"reduce {function} by input", new Reduce { Function = function }, [In(2, 5, 3), Integers(1)]);
        }
    }

    private static IEnumerable<OperatorCase> TransposedConvolutions()
    {
        foreach (int outputs in (int[])[1, 2, 3, 5, 8, 13, 16, 17, 24])
        {
            yield return Transposed($"transposed conv 2x2 s2 {outputs}", [1, 5, 7, 6], outputs, Window.Of(2, 2) with { Strides = [2, 2] }, new(UnaryFunction.Sigmoid));
            yield return Transposed($"transposed conv 3x3 s2 {outputs}", [2, 5, 4, 7], outputs, Window.Of(3, 3) with { Strides = [2, 2], Pads = [1, 1, 0, 1] }, default, 1);
            yield return Transposed($"transposed conv 4x3 s3x1 {outputs}", [1, 3, 7, 5], outputs, Window.Of(4, 3) with { Strides = [3, 1], Dilations = [1, 2] }, new(UnaryFunction.Relu));
        }
        yield return Transposed("transposed conv same", [1, 3, 7, 5], 6, Window.Of(3, 3) with { Strides = [2, 2], AutoPad = AutoPad.SameUpper }, default);
        yield return Transposed("transposed conv gaps", [1, 3, 4, 5], 6, Window.Of(1, 2) with { Strides = [2, 3] }, default);
        yield return Transposed("transposed conv 3d", [2, 3, 4, 5, 3], 6, Window.Of(3, 2, 3) with { Strides = [2, 1, 2], Pads = [1, 0, 1, 1, 1, 0] }, default);
        yield return Transposed("transposed conv dilated s2", [1, 5, 6, 8], 8, Window.Of(3, 3) with { Strides = [2, 4], Dilations = [2, 2], Pads = [1, 2, 1, 2] }, default, 1);
        yield return Transposed("transposed conv dilated by 3 s2", [1, 5, 6, 8], 4, Window.Of(3, 3) with { Strides = [2, 2], Dilations = [3, 3] }, new(UnaryFunction.Relu));
        yield return Transposed("transposed conv stride beyond the output", [1, 1, 2, 3], 4, Window.Of(2, 2) with { Strides = [9, 9], Pads = [0, 1, 0, 0] }, default);
        yield return Transposed("transposed conv groups", [1, 5, 6, 8], 12, Window.Of(3, 3) with { Strides = [2, 2], Pads = [1, 1, 1, 1] }, default, groups: 4);
        yield return Transposed("transposed depthwise conv", [1, 5, 6, 7], 7, Window.Of(4, 4) with { Strides = [2, 2], Pads = [1, 1, 1, 1] }, default, groups: 7);
        yield return Transposed("transposed conv 1d groups of 8", [1, 33, 16], 16, Window.Of(5) with { Strides = [2], Pads = [2, 2] }, default, groups: 2);
        yield return Transposed("transposed conv blocks", [2, 5, 7, 9], 12, Window.Of(2, 2) with { Strides = [2, 2] }, new(UnaryFunction.HardSwish));
        yield return Transposed("transposed conv blocks of one channel", [1, 5, 70, 24], 1, Window.Of(2, 2) with { Strides = [2, 2] }, new(UnaryFunction.Sigmoid));
        yield return Transposed("transposed conv blocks 3x2", [1, 4, 67, 6], 2, Window.Of(3, 2) with { Strides = [3, 2] }, new(UnaryFunction.Relu));
        yield return Transposed("transposed conv blocks 1d", [2, 9, 5], 4, Window.Of(3) with { Strides = [3] }, default);
        yield return Transposed("transposed conv 1d", [2, 7, 5], 6, Window.Of(4) with { Strides = [2], Pads = [1, 1] }, default);
    }

    private static OperatorCase Transposed(string name, int[] x, int outputs, Window window, Activation activation, int outputPadding = 0, int groups = 1)
    {
        int[] padding = new int[window.Axes];
        Array.Fill(padding, outputPadding);
        var op = new ConvTranspose { Window = window, Activation = activation, OutputPadding = padding, Groups = groups };
        return new OperatorCase(name, op, [In(x), Weight([outputs, .. window.Kernel, x[^1] / groups]), outputs % 2 == 0 ? Weight(outputs) : null], Evaluated: window.Axes > 2);
    }

    private static IEnumerable<OperatorCase> Pictures()
    {
        foreach (PixelFormat format in Enum.GetValues<PixelFormat>())
        {
            // Rows that begin between words of 32 bits, and rows that do not; smaller, as large, larger, one pixel; more columns than a group of pixels.
            foreach ((int width, int height) in ((int, int)[])[(64, 36), (62, 38), (6, 10), (2, 2), (24, 4), (20, 82)])
                yield return Picture($"picture {format} {width}x{height}", width, height, new ImageToTensor { Format = format, Width = 7, Height = 5, Letterbox = width % 4 == 0 });
            if (!format.IsYuv()) yield return Picture($"picture {format} 13x11", 13, 11, new ImageToTensor { Format = format, Width = 13, Height = 11, BlueFirst = true });
            yield return Picture($"picture {format} region", 44, 30, new ImageToTensor { Format = format, Width = 11, Height = 9, Region = [-5.5f, 8.25f, 33, 40], ChannelsFirst = true });
            yield return Picture($"picture {format} blue first", 12, 8, new ImageToTensor { Format = format, Width = 17, Height = 19, BlueFirst = true, ChannelsFirst = true, Letterbox = true });
            yield return Picture($"picture {format} odd region", 52, 30, new ImageToTensor { Format = format, Width = 10, Height = 6, Region = [5.2f, 3, 41.5f, 20.1f] });
            yield return Picture($"picture {format} region outside", 12, 8, new ImageToTensor { Format = format, Width = 3, Height = 3, Region = [50, 50, 5, 5] });
            // Quantized: pixels in fours and one to three more, planes of whole words, many rows and columns for each pixel.
            foreach ((int width, int height) in ((int, int)[])[(64, 36), (62, 38), (20, 82), (200, 150)])
                for (int wide = 5; wide < 9; wide++)
                    yield return Picture($"picture {format} {width}x{height} to {wide} bytes", width, height,
                        new ImageToTensor { Format = format, Width = wide, Height = 5, Letterbox = width % 4 == 0, BlueFirst = wide % 2 == 0, Result = new(wide < 7 ? DataType.U8 : DataType.I8, 0.0175f, wide < 7 ? 77 : -12) });
            yield return Picture($"picture {format} to planes of bytes", 44, 30, new ImageToTensor { Format = format, Width = 14, Height = 6, ChannelsFirst = true, BlueFirst = true, Result = new(DataType.U8, 0.0175f, 77) });
        }
    }

    private static OperatorCase Picture(string name, int width, int height, ImageToTensor op)
    {
        (op.Scale, op.Offset) = ([2f / 255, 1, 0.25f], [-1, 3, -30]);
        return new OperatorCase(name, op, [new CaseInput(new TensorType(DataType.U8, op.Format.ShapeOf(width, height)))]);
    }

    private static OperatorCase Pad(string name, PadMode mode, int[] x, long[] pads) =>
        new(name, new Pad { Mode = mode, Pads = pads, Value = 0.5f }, [In(x)]);

    private static CaseInput Integers(params long[] values) => new(new TensorType(DataType.I64, values.Length), Constant: true, Values: values);

    private static OperatorCase Binary(string name, BinaryFunction function, int[] a, int[] b, Activation activation = default) =>
        new(name, new Binary { Function = function, Activation = activation }, [In(a), In(b)]);

    private static OperatorCase MatMul(string name, int[] a, int[] b, bool transposeA = false, bool transposeB = false, bool constant = false,
        float scale = 1, int[]? bias = null, Activation activation = default)
    {
        var op = new MatMul { TransposeA = transposeA, TransposeB = transposeB, Scale = scale, Activation = activation };
        return new OperatorCase(name, op, [In(a), constant ? Weight(b) : In(b), bias is null ? null : Weight(bias)]);
    }

    private static Window Padded(Window window, int pad)
    {
        window.Pads = new int[2 * window.Axes];
        Array.Fill(window.Pads, pad);
        return window;
    }

    private static OperatorCase Conv(string name, int[] x, int outputs, Window window, Activation activation, int groups = 1, int residual = 0, float scale = 2)
    {
        var op = new Conv { Window = window, Groups = groups, Activation = activation };
        var inputs = new CaseInput?[4];
        inputs[0] = In(x) with { Scale = scale };
        inputs[1] = Weight([outputs, .. window.Kernel, x[^1] / groups]);
        // Every other case has a bias.
        if (outputs % 2 == 0) inputs[2] = Weight(outputs);
        if (residual > 0)
        {
            int[] shape = [x[0], .. Enumerable.Range(0, window.Axes).Select(a => window.Output(x[a + 1], a)), residual];
            inputs[3] = In(shape);
        }
        return new OperatorCase(name, op, residual > 0 ? inputs : inputs[..3]);
    }
}
