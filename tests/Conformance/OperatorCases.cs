using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tests.Conformance;

/// <summary>The table of cases: operators, attributes, and awkward shapes (primes, and sizes around a vector's).</summary>
internal static class OperatorCases
{
    /// <summary>All cases by name.</summary>
    public static IReadOnlyDictionary<string, OperatorCase> All { get; } =
        Convolutions().ToDictionary(c => c.Name);

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
        yield return Conv("depthwise 3d", [1, 4, 5, 6, 9], 9, Padded(Window.Of(3, 3, 3), 1), default, groups: 9);
    }

    private static Window Padded(Window window, int pad)
    {
        window.Pads = new int[2 * window.Axes];
        Array.Fill(window.Pads, pad);
        return window;
    }

    private static OperatorCase Conv(string name, int[] x, int outputs, Window window, Activation activation, int groups = 1, int residual = 0)
    {
        var op = new Conv { Window = window, Groups = groups, Activation = activation };
        var inputs = new CaseInput?[4];
        inputs[0] = In(x);
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
