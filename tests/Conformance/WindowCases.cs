using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tests.Conformance;

/// <summary>Pooling windows that stick out, lie in the padding altogether, or hold what is no number.</summary>
internal static class WindowCases
{
    public static IEnumerable<OperatorCase> All
    {
        get
        {
            foreach (PoolFunction function in Enum.GetValues<PoolFunction>())
                foreach (int channels in (int[])[3, 4])
                    foreach (bool countsPads in (bool[])[false, true])
                    {
                        string name = $"{function} window of {channels}{(countsPads ? " counting pads" : "")}";
                        OperatorCase Case(string what, int[] x, Window window, params float[] special) => new($"{name} {what}",
                            new Pool { Function = function, Window = window, CountIncludePad = countsPads }, [new(new TensorType(DataType.F32, x), Sprinkled: special)], Evaluated: function == PoolFunction.Lp);
                        yield return Case("3x3", [2, 9, 10, channels], Window.Of(3, 3));
                        yield return Case("3x3 s2 same", [1, 18, 20, 8 * channels], Window.Of(3, 3) with { Strides = [2, 2], Pads = [1, 1, 1, 1] }, float.NaN);
                        yield return Case("5x5 around", [2, 7, 9, channels], Window.Of(5, 5) with { Pads = [2, 2, 2, 2] });
                        yield return Case("2x2 s2", [1, 12, 14, channels], Window.Of(2, 2) with { Strides = [2, 2] });
                        yield return Case("3x3 s2 pads ceil", [1, 12, 15, channels], Window.Of(3, 3) with { Strides = [2, 2], Pads = [1, 1, 1, 1], Ceil = true });
                        yield return Case("2x3 dilated in pads", [1, 3, 4, channels], Window.Of(2, 3) with { Dilations = [4, 3], Pads = [2, 3, 2, 3] });
                        yield return Case("s3 dilated", [1, 13, 17, channels], Window.Of(2, 2) with { Strides = [3, 4], Dilations = [2, 3] });
                        yield return Case("1d same lower", [2, 13, channels], Window.Of(4) with { Strides = [3], AutoPad = AutoPad.SameLower });
                        yield return Case("3d", [1, 5, 4, 7, channels], Window.Of(2, 3, 2) with { Strides = [2, 1, 2], Pads = [1, 1, 0, 0, 1, 1] });
                        yield return Case("whole", [2, 11, 13, channels], Window.Of(11, 13));
                        yield return Case("whole 1d", [3, 64, channels], Window.Of(64));
                        if (function == PoolFunction.Lp) continue;
                        yield return Case("minus infinity", [1, 9, 10, channels], Window.Of(2, 2), [.. Enumerable.Repeat(float.NegativeInfinity, 150)]);
                        yield return Case("infinity", [1, 9, 10, channels], Window.Of(2, 2) with { Pads = [1, 0, 1, 0] }, float.PositiveInfinity);
                    }
            foreach (int p in (int[])[1, 3, 7])
                yield return new OperatorCase($"Lp window p {p}", new Pool { Function = PoolFunction.Lp, Window = Window.Of(2, 3), P = p }, [new(new TensorType(DataType.F32, 1, 7, 8, 5))], Evaluated: true);
        }
    }
}
