using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tests.Conformance;

/// <summary>Operators that take elements together along axes anywhere: softmax, reductions, normalisation, running sums, largest places.</summary>
internal static class RowCases
{
    /// <summary>Shapes, and axes: at the ends, in the middle, several apart, of size 1, of sizes that come in fours and that do not.</summary>
    private static readonly (int[] Shape, int[] Axes)[] Layouts =
    [
        ([1], [0]), ([13], [0]), ([64], [0]), ([1, 1, 1], [1]), ([3, 1, 5], [1]), ([7, 11], [0]), ([7, 12], [0]), ([12, 7], [1]), ([5, 256], [1]), ([3, 5, 4], [1]),
        ([2, 17, 19], [1]), ([2, 33, 8], [1]), ([2, 3, 5, 7], [1, 3]), ([3, 2, 5, 4], [0, 2]), ([2, 3, 4, 5, 8], [0, 2, 4]), ([2, 3, 4, 5, 8], [1, 3]),
        ([2, 3, 2, 3, 2, 3, 2, 4], [0, 2, 4, 6]), ([2, 3, 2, 3, 2, 3, 2, 3], [1, 3, 5, 7]), ([1, 40, 40, 3], [1, 2]), ([1, 31, 37, 8], [1, 2]), ([1031], [0]), ([2, 10007], [1]),
    ];

    public static IEnumerable<OperatorCase> All => Softmaxes().Concat(Reductions()).Concat(Normalisations()).Concat(Places()).Concat(Best());

    private static CaseInput In(params int[] shape) => new(new TensorType(DataType.F32, shape));

    private static string Text(int[] shape, int[] axes) => $"{new Shape(shape)} along {string.Join(' ', axes)}";

    /// <summary>The best along the last axis: few and all of them, rows, equal elements, zeros of both signs, numbers that are none, and more than are inserted one by one.</summary>
    private static IEnumerable<OperatorCase> Best()
    {
        foreach (bool largest in (bool[])[true, false])
        {
            foreach ((int length, int k) in ((int, int)[])[(1, 1), (7, 3), (100, 100), (1031, 16), (5000, 256)])
                yield return new OperatorCase($"best {k} of {length}, {largest}", new TopK { K = k, Largest = largest }, [In(3, length)]);
            yield return new OperatorCase($"best of equal ones, {largest}", new TopK { K = 9, Largest = largest }, [In(5, 40) with { Scale = 0, Sprinkled = [1, 1, -1, -1, -0f, -0f] }]);
            yield return new OperatorCase($"best of special ones, {largest}", new TopK { K = 20, Largest = largest }, [In(4, 24) with { Sprinkled = [float.NaN, float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.NaN] }]);
            yield return new OperatorCase($"best of columns, {largest}", new TopK { Axis = 0, K = 2, Largest = largest }, [In(5, 4)], Evaluated: true);
            yield return new OperatorCase($"best 257, {largest}", new TopK { K = 257, Largest = largest }, [In(300)], Evaluated: true);
        }
        foreach (BinaryFunction function in (BinaryFunction[])[BinaryFunction.Equal, BinaryFunction.Greater, BinaryFunction.GreaterOrEqual, BinaryFunction.Less, BinaryFunction.LessOrEqual])
        {
            CaseInput few = In(3, 11007) with { Scale = 0, Sprinkled = [.. Enumerable.Repeat(1f, 5000), float.NaN, float.NaN] };
            yield return new OperatorCase($"{function} of alike", new Binary { Function = function }, [few, few]);
            yield return new OperatorCase($"{function} with a number", new Binary { Function = function }, [few, In() with { Value = 0 }]);
            yield return new OperatorCase($"a number's {function}", new Binary { Function = function }, [In(1) with { Value = 1 }, few]);
            yield return new OperatorCase($"{function} by rows", new Binary { Function = function }, [In(3, 7), In(7)]);
        }
    }

    private static IEnumerable<OperatorCase> Softmaxes()
    {
        foreach (bool logarithm in (bool[])[false, true])
        {
            string name = logarithm ? "log softmax" : "softmax";
            foreach ((int[] shape, int[] axes) in Layouts)
                if (axes.Length == 1) yield return new OperatorCase($"{name} {Text(shape, axes)}", new Softmax { Axis = axes[0], Logarithm = logarithm }, [In(shape)]);
            yield return new OperatorCase($"{name} large", new Softmax { Logarithm = logarithm }, [new(new TensorType(DataType.F32, 9, 20), Scale: 1e5f)]);
            foreach (int[] rows in (int[][])[[1, 70, 2], [33, 3], [41, 8], [4, 4096, 2], [16, 1]])
                yield return new OperatorCase($"{name} short {new Shape(rows)}", new Softmax { Logarithm = logarithm }, [In(rows) with { Sprinkled = [float.NegativeInfinity, float.NaN, 80] }]);
            foreach (float special in (float[])[float.NegativeInfinity, float.PositiveInfinity, float.NaN])
                foreach (int length in (int[])[3, 20, 64])
                    yield return new OperatorCase($"{name} {special} {length}", new Softmax { Logarithm = logarithm }, [In(7, length) with { Sprinkled = [special, special, special] }]);
            yield return new OperatorCase($"{name} nothing but minus infinity", new Softmax { Logarithm = logarithm },
                [new(new TensorType(DataType.F32, 1, 2), Sprinkled: [.. Enumerable.Repeat(float.NegativeInfinity, 20)])]);
        }
    }

    private static IEnumerable<OperatorCase> Reductions()
    {
        foreach (ReduceFunction function in Enum.GetValues<ReduceFunction>())
        {
            bool evaluated = function is not (ReduceFunction.Sum or ReduceFunction.Mean or ReduceFunction.Max or ReduceFunction.Min or ReduceFunction.SumSquare);
            foreach ((int[] shape, int[] axes) in Layouts)
            {
                // A product of many numbers says nothing, and the sum of a logarithm's must be positive.
                if (function == ReduceFunction.Prod && axes.Aggregate(1, (p, axis) => p * shape[axis]) > 100) continue;
                float scale = function == ReduceFunction.LogSum ? 0 : 2;
                bool apart = axes[^1] - axes[0] >= axes.Length;
                CaseInput x = new(new TensorType(DataType.F32, shape), Scale: scale, Sprinkled: function == ReduceFunction.LogSum ? [.. Enumerable.Repeat(3f, 1000)] : null);
                yield return new OperatorCase($"reduce {function} {Text(shape, axes)}", new Reduce { Function = function, Axes = [.. axes.Select(a => (long)a)], KeepDims = shape.Length % 2 == 0 }, [x], evaluated || apart);
            }
            yield return new OperatorCase($"reduce {function} scalar", new Reduce { Function = function }, [new(new TensorType(DataType.F32), Scale: 1)], evaluated);
            yield return new OperatorCase($"reduce {function} each by itself", new Reduce { Function = function, NoopWithEmptyAxes = true }, [In(3, 5, 4)], Evaluated: true);
            foreach (float special in (float[])[float.NegativeInfinity, float.PositiveInfinity, float.NaN])
                yield return new OperatorCase($"reduce {function} {special}", new Reduce { Function = function, Axes = [1] }, [In(9, 20, 3) with { Sprinkled = [special, special] }], evaluated);
        }
    }

    private static IEnumerable<OperatorCase> Normalisations()
    {
        foreach (bool center in (bool[])[true, false])
            foreach ((int[] shape, int[] axes) in Layouts)
                yield return new OperatorCase($"normalize{(center ? "" : " without centre")} {Text(shape, axes)}", new Normalize { Axes = axes, Center = center, Epsilon = 1e-3f }, [In(shape)], Evaluated: axes[^1] - axes[0] >= axes.Length);
        foreach ((int channels, int groups) in ((int, int)[])[(1, 1), (6, 2), (8, 8), (12, 3), (32, 4), (21, 7)])
            yield return new OperatorCase($"group norm {channels} in {groups}", new GroupNorm { Groups = groups, Epsilon = 1e-3f }, [In(2, 5, 7, channels)]);
        yield return new OperatorCase("group norm off centre", new GroupNorm { Groups = 3 }, [In(1, 67, 30) with { Scale = 1e-3f, Sprinkled = [5, 5, 5, 5] }]);
        foreach (int size in (int[])[1, 2, 3, 5, 99])
            yield return new OperatorCase($"lrn {size}", new Lrn { Size = size, Alpha = 0.3f, Bias = 1.5f, Beta = 0.6f }, [In(2, 3, 5, 11)], Evaluated: true);
    }

    private static IEnumerable<OperatorCase> Places()
    {
        foreach ((int[] shape, int[] axes) in Layouts)
        {
            if (axes.Length > 1) continue;
            foreach (bool smallest in (bool[])[true, false])
                yield return new OperatorCase($"place of the {(smallest ? "smallest" : "largest")} {Text(shape, axes)}", new ArgMax { Axis = axes[0], Smallest = smallest, KeepDims = smallest }, [In(shape)]);
            // Nothing but zeros and a few threes: the largest is there more than once.
            CaseInput equal = In(shape) with { Scale = 0, Sprinkled = [3, 3, 3, 3, 3, 3] };
            yield return new OperatorCase($"place of the last largest {Text(shape, axes)}", new ArgMax { Axis = axes[0], SelectLast = true }, [equal]);
            yield return new OperatorCase($"place of the first largest {Text(shape, axes)}", new ArgMax { Axis = axes[0] }, [equal]);
            yield return new OperatorCase($"hardmax {Text(shape, axes)}", new Hardmax { Axis = axes[0] }, [equal], Evaluated: true);
            foreach (bool reverse in (bool[])[true, false])
                yield return new OperatorCase($"running sum{(reverse ? " backwards" : "")} {Text(shape, axes)}", new CumSum { Reverse = reverse, Exclusive = shape.Length == 2 },
                    [In(shape) with { Scale = 0.1f }, new(new TensorType(DataType.I64, 1), Constant: true, Values: [axes[0]])]);
        }
        foreach (bool smallest in (bool[])[true, false])
            foreach (bool last in (bool[])[true, false])
            {
                string which = $"{(last ? "last" : "first")} {(smallest ? "smallest" : "largest")}";
                foreach (DataType type in (DataType[])[DataType.I8, DataType.U8, DataType.I32, DataType.I64])
                    for (int axis = 0; axis < 3; axis++)
                        yield return new OperatorCase($"place of the {which} {type} {axis}", new ArgMax { Axis = axis - 3, Smallest = smallest, SelectLast = last }, [new(new TensorType(type, 5, 211, 37))]);
                foreach (int axis in (int[])[0, 1])
                    yield return new OperatorCase($"place of the {which}, special ones, {axis}", new ArgMax { Axis = axis, Smallest = smallest, SelectLast = last },
                        [In(24, 20) with { Scale = 0, Sprinkled = [float.NaN, float.NaN, float.NegativeInfinity, float.PositiveInfinity, -0f, float.NaN, 1, -1] }]);
                yield return new OperatorCase($"place of the {which} half", new ArgMax { Smallest = smallest, SelectLast = last }, [new(new TensorType(DataType.F16, 5, 3))], Evaluated: true);
            }
        foreach (bool exclusive in (bool[])[true, false])
            foreach (bool reverse in (bool[])[true, false])
                foreach (DataType type in (DataType[])[DataType.F32, DataType.I32, DataType.I64])
                    for (int axis = -1; axis < 2; axis++)
                        yield return new OperatorCase($"running sum {type} {axis}{(exclusive ? " exclusive" : "")}{(reverse ? " backwards" : "")}", new CumSum { Exclusive = exclusive, Reverse = reverse },
                            [new(new TensorType(type, 3, 11, 131), Scale: 0.1f), new(new TensorType(DataType.I64), Constant: true, Values: [axis])]);
        yield return new OperatorCase("running sum, axis computed", new CumSum(), [In(5, 3), new(new TensorType(DataType.I64), Values: [1])], Evaluated: true);
    }
}
