using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tests.Conformance;

/// <summary>Products of matrices around the sizes of tiles, with long sums, many batches and operands in every order.</summary>
internal static class ProductCases
{
    public static IEnumerable<OperatorCase> All => Tiles().Concat(Vectors()).Concat(Batches()).Concat(Sums());

    private static CaseInput In(params int[] shape) => new(new TensorType(DataType.F32, shape), Scale: 0.5f);

    private static CaseInput Weight(params int[] shape) => new(new TensorType(DataType.F32, shape), Constant: true, Scale: 0.5f);

    private static IEnumerable<OperatorCase> Tiles()
    {
        (int M, int K, int N)[] sizes = [(4, 4, 4), (8, 12, 20), (33, 17, 35), (64, 16, 64), (65, 20, 68), (63, 31, 61), (36, 18, 128), (132, 40, 48)];
        foreach ((int m, int k, int n) in sizes)
            foreach (bool transposeA in (bool[])[false, true])
                foreach (bool transposeB in (bool[])[false, true])
                {
                    var op = new MatMul { TransposeA = transposeA, TransposeB = transposeB, Scale = 0.5f };
                    int[] a = transposeA ? [k, m] : [m, k], b = transposeB ? [n, k] : [k, n];
                    string name = $"product {m}x{k}x{n}{(transposeA ? " a'" : "")}{(transposeB ? " b'" : "")}";
                    yield return new OperatorCase(name, op, [In(a), In(b)]);
                    yield return new OperatorCase($"{name} constant", op, [In(a), Weight(b), Weight(n)]);
                }
    }

    private static IEnumerable<OperatorCase> Vectors()
    {
        foreach ((int k, int n) in ((int, int)[])[(64, 1), (65, 3), (128, 8), (517, 12), (1024, 10), (96, 132)])
        {
            yield return new OperatorCase($"product row {k}x{n}", new MatMul(), [In(1, k), In(k, n), In(n)]);
            yield return new OperatorCase($"product row {k}x{n} b'", new MatMul { TransposeB = true }, [In(1, k), Weight(n, k), Weight(1, n)]);
            yield return new OperatorCase($"product column {n}x{k}", new MatMul(), [In(n, k), In(k, 1), In(n, 1)]);
            yield return new OperatorCase($"product column {n}x{k} a'", new MatMul { TransposeA = true }, [In(k, n), Weight(k)]);
            yield return new OperatorCase($"product three rows {k}x{n}", new MatMul { Activation = new(UnaryFunction.Relu) }, [In(3, k), In(k, n)]);
        }
        yield return new OperatorCase("product batched columns", new MatMul(), [In(3, 9, 20), In(3, 20, 1), In(3, 9, 1)]);
        yield return new OperatorCase("product batched rows", new MatMul(), [In(5, 1, 64), In(5, 64, 12)]);
        yield return new OperatorCase("product one by one", new MatMul(), [In(1, 1), In(1, 1), In(1)]);
        yield return new OperatorCase("product of outer", new MatMul(), [In(13, 1), In(1, 29)]);
    }

    private static IEnumerable<OperatorCase> Batches()
    {
        yield return new OperatorCase("product rows merged", new MatMul(), [In(2, 3, 5, 8), Weight(8, 12), Weight(12)]);
        yield return new OperatorCase("product rows merged full bias", new MatMul(), [In(2, 3, 5, 8), In(8, 12), In(2, 3, 5, 12)]);
        yield return new OperatorCase("product rows bias by row", new MatMul(), [In(2, 3, 5, 8), In(8, 12), In(5, 1)], Evaluated: true);
        yield return new OperatorCase("product bias by batch", new MatMul(), [In(2, 3, 5, 8), In(2, 1, 8, 12), In(3, 1, 1)], Evaluated: true);
        yield return new OperatorCase("product scalar bias", new MatMul(), [In(2, 5, 8), In(2, 8, 12), In()], Evaluated: true);
        yield return new OperatorCase("product crossed batches", new MatMul(), [In(2, 1, 3, 1, 4, 5), In(1, 3, 1, 2, 5, 6)]);
        yield return new OperatorCase("product crossed batches of fours", new MatMul { TransposeB = true }, [In(2, 1, 3, 4, 8), In(2, 1, 12, 8)]);
        yield return new OperatorCase("product row by batches", new MatMul(), [In(20), In(3, 20, 7), In(7)]);
        yield return new OperatorCase("product batches by column", new MatMul(), [In(3, 7, 20), In(20), In(7)], Evaluated: true);
        yield return new OperatorCase("product constant batches odd", new MatMul { TransposeB = true }, [In(2, 3, 5, 7), Weight(3, 9, 7)]);
    }

    private static IEnumerable<OperatorCase> Sums()
    {
        OperatorCase Sum(string equation, int[] a, int[] b) => new($"einsum {equation}", new Einsum { Equation = equation }, [In(a), In(b)], Evaluated: true);
        yield return Sum("ij,jk->ik", [7, 12], [12, 9]);
        yield return Sum("ij,kj->ki", [7, 12], [8, 12]);
        yield return Sum("bij,bjk->bik", [3, 7, 12], [3, 12, 9]);
        yield return Sum("bhid,bhjd->bhij", [2, 3, 5, 8], [2, 3, 7, 8]);
        yield return Sum("bihd,bjhd->bhij", [2, 5, 3, 8], [2, 7, 3, 8]);
        yield return Sum("bhij,bjhd->bihd", [2, 3, 5, 7], [2, 7, 3, 8]);
        yield return Sum("i,j->ij", [7], [9]);
        yield return Sum("nchw,c->nhw", [2, 5, 3, 4], [5]);
    }
}
