using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tests.Conformance;

/// <summary>Convolutions of many channels: patches of Winograd's that are whole, cut off and outside of the picture, and tiles of products with every number of rows that is left over.</summary>
internal static class DenseCases
{
    public static IEnumerable<OperatorCase> All
    {
        get
        {
            foreach (OperatorCase @case in Winograd) yield return @case;
            foreach (int pixels in (int[])[12, 13, 15, 16, 20, 24, 27, 31])
                foreach (int outputs in (int[])[4, 8, 16])
                    yield return Case($"tile of {pixels} to {outputs}", [1, 1, pixels, 9], outputs, Window.Of(1, 1), default, residual: outputs / 2);
            foreach (int channels in (int[])[31, 32, 37, 64])
                foreach (int outputs in (int[])[1, 2, 3, 4])
                    yield return Case($"few {channels}->{outputs}", [3, 7, 13, channels], outputs, Window.Of(1, 1), outputs == 3 ? new(UnaryFunction.LeakyRelu, 0.2f) : new(UnaryFunction.Sigmoid));
            foreach (int strides in (int[])[1, 2])
                foreach (int dilations in (int[])[1, 3])
                    yield return Case($"long row s{strides} dilated {dilations}", [2, 7, 101, 5], 9, Window.Of(3, 3) with { Strides = [strides, strides], Pads = [2, 3, 1, 4], Dilations = [dilations, dilations] }, default, residual: 9);
            yield return Case("long row negative pads", [1, 5, 97, 3], 16, Window.Of(3, 5) with { Strides = [2, 2], Pads = [1, -1, 1, 2] }, new(UnaryFunction.HardSwish, 1));
            foreach (int outputs in (int[])[4, 8, 16])
                yield return Case($"row of 25 to {outputs}", [1, 5, 50, 3], outputs, Window.Of(3, 3) with { Strides = [2, 2], Pads = [1, 1, 0, 0] }, new(UnaryFunction.Relu));
        }
    }

    /// <summary>Those that Winograd's kernels can compute.</summary>
    public static IEnumerable<OperatorCase> Winograd
    {
        get
        {
            foreach (int channels in (int[])[8, 11, 16, 17])
                foreach (int outputs in (int[])[8, 13, 16, 40])
                    yield return Case($"winograd {channels}->{outputs}", [1, 9, 7, channels], outputs, Padded(1), new(UnaryFunction.Relu));
            foreach ((int height, int width) in ((int, int)[])[(1, 1), (2, 3), (3, 5), (4, 4), (5, 8), (6, 2), (17, 19)])
                foreach (int pads in (int[])[0, 1, 2])
                    if (height + 2 * pads > 2 && width + 2 * pads > 2)
                        yield return Case($"winograd {height}x{width} pads {pads}", [2, height, width, 9], 12, Padded(pads), new(UnaryFunction.LeakyRelu, 0.1f), residual: 12);
            yield return Case("winograd uneven pads", [1, 8, 9, 19], 24, Window.Of(3, 3) with { Pads = [2, 0, 1, 3] }, new(UnaryFunction.Clip, -0.5f, 0.75f), residual: 7);
            yield return Case("winograd negative pads", [1, 11, 12, 10], 17, Window.Of(3, 3) with { Pads = [-2, 1, -1, -3] }, default);
            yield return Case("winograd wide pads", [1, 3, 2, 8], 9, Padded(9), default, residual: 3);
            yield return Case("winograd swish", [2, 10, 11, 18], 20, Padded(1), new(UnaryFunction.Swish, 1));
            yield return Case("winograd large", [1, 40, 41, 16], 16, Padded(1), new(UnaryFunction.Relu), residual: 16);
            yield return Case("winograd deep", [1, 8, 8, 70], 72, Padded(1), default);
        }
    }

    // Small numbers, as networks have: of larger ones, sums of products in any other order leave the operator's absolute tolerance too.
    private static CaseInput Numbers(bool constant, params int[] shape) => new(new TensorType(DataType.F32, shape), constant, Scale: 0.5f);

    private static Window Padded(int pads) => Window.Of(3, 3) with { Pads = [pads, pads, pads, pads] };

    private static OperatorCase Case(string name, int[] x, int outputs, Window window, Activation activation, int residual = 0)
    {
        var inputs = new CaseInput?[] { Numbers(false, x), Numbers(true, [outputs, .. window.Kernel, x[^1]]), outputs % 2 == 0 ? Numbers(true, outputs) : null, null };
        if (residual > 0) inputs[3] = Numbers(false, x[0], window.Output(x[1], 0), window.Output(x[2], 1), residual);
        return new OperatorCase($"conv {name}", new Conv { Window = window, Activation = activation }, inputs);
    }
}
