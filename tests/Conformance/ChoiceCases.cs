using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tests.Conformance;

/// <summary>Choices, comparisons and arithmetic of integers: operands that broadcast along every axis, rows longer than a tile, and all types that have kernels.</summary>
internal static class ChoiceCases
{
    private static readonly (int[] A, int[] B)[] Pairs = [([7, 5], [7, 5]), ([7, 5], [5]), ([7, 5], [7, 1]), ([1, 5], [7, 1]), ([], [3, 4]), ([3, 4], []), ([2, 1, 3, 1], [1, 4, 1, 5]), ([20011], [20011]), ([20011], [1])];

    public static IEnumerable<OperatorCase> All
    {
        get
        {
            foreach ((int[] a, int[] b) in Pairs)
            {
                foreach (DataType type in (DataType[])[DataType.F32, DataType.I64, DataType.I32])
                    foreach (BinaryFunction function in (BinaryFunction[])[BinaryFunction.Equal, BinaryFunction.Greater, BinaryFunction.GreaterOrEqual, BinaryFunction.Less, BinaryFunction.LessOrEqual])
                        yield return Pair(function, type, a, b);
                foreach (DataType type in (DataType[])[DataType.I64, DataType.I32])
                    foreach (BinaryFunction function in (BinaryFunction[])[BinaryFunction.Add, BinaryFunction.Sub, BinaryFunction.Mul, BinaryFunction.Min, BinaryFunction.Max])
                        yield return Pair(function, type, a, b);
                foreach (BinaryFunction function in (BinaryFunction[])[BinaryFunction.And, BinaryFunction.Or, BinaryFunction.Xor])
                    yield return Pair(function, DataType.Bool, a, b);
                foreach (DataType type in (DataType[])[DataType.F32, DataType.I64, DataType.F16, DataType.Bool])
                {
                    yield return new($"choice {type} {new Shape(a)} {new Shape(b)}", new Where(), [Of(DataType.Bool, a), Of(type, b), Of(type, a)]);
                    yield return new($"choice by one {type} {new Shape(a)} {new Shape(b)}", new Where(), [Of(DataType.Bool, []), Of(type, a), Of(type, b)]);
                }
            }
        }
    }

    private static OperatorCase Pair(BinaryFunction function, DataType type, int[] a, int[] b) =>
        new($"pair {function} {type} {new Shape(a)} {new Shape(b)}", new Binary { Function = function }, [Of(type, a), Of(type, b)]);

    private static CaseInput Of(DataType type, int[] shape) => new(new TensorType(type, shape), Scale: 2);
}
