using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tests.Conformance;

/// <summary>Attention: lengths and sizes around those of blocks and vectors, masks of all kinds, shared key heads, and both orders of axes.</summary>
internal static class AttentionCases
{
    public static IEnumerable<OperatorCase> All
    {
        get
        {
            foreach (int length in (int[])[1, 3, 5, 17, 49, 100])
                foreach (int keys in (int[])[1, 5, 7, 8, 64, 127, 128, 129, 135, 136, 300])
                    yield return Case($"{length} by {keys}", new() { Scale = 0.3f }, 2, 2, length, keys, 13, 11);
            foreach (int size in (int[])[1, 2, 3, 4, 8, 15, 16, 36, 64])
                yield return Case($"size {size}", new() { Scale = 0.2f, ResultByLength = size % 2 == 0 }, 3, 3, 9, 21, size, size);
            for (int orders = 0; orders < 16; orders++)
                yield return Case($"orders {orders}", new() { QueryByLength = (orders & 1) != 0, KeyByLength = (orders & 2) != 0, ValueByLength = (orders & 4) != 0, ResultByLength = (orders & 8) != 0, Scale = 0.4f }, 4, 2, 10, 150, 8, 12);
            foreach ((int length, int keys) in ((int, int)[])[(7, 7), (1, 40), (60, 60), (3, 200), (130, 130)])
                yield return Case($"causal {length} by {keys}", new() { Causal = true, Scale = 0.3f }, 2, 1, length, keys, 8, 8);
            foreach (int[] mask in (int[][])[[1], [50, 140], [1, 140], [50, 1], [2, 1, 1, 140], [2, 4, 50, 140], [4, 1, 1]])
            {
                yield return Case($"mask {new Shape(mask)}", new() { Scale = 0.3f }, 4, 2, 50, 140, 8, 8, added: mask);
                yield return Case($"bool mask {new Shape(mask)}", new() { Scale = 0.3f, Fill = -1000 }, 4, 2, 50, 140, 8, 8, open: mask);
                yield return Case($"both masks {new Shape(mask)}", new() { Scale = 0.3f, Causal = true }, 4, 2, 50, 140, 8, 8, added: [50, 140], open: mask);
            }
        }
    }

    private static OperatorCase Case(string name, Attention op, int heads, int keyHeads, int length, int keys, int size, int valueSize, int[]? added = null, int[]? open = null) =>
        new($"attention {name}", op,
        [
            Operand(heads, length, size, op.QueryByLength), Operand(keyHeads, keys, size, op.KeyByLength), Operand(keyHeads, keys, valueSize, op.ValueByLength),
            added is null ? null : new(new TensorType(DataType.F32, added), Sprinkled: [float.NegativeInfinity]), open is null ? null : new(new TensorType(DataType.Bool, open)),
        ]);

    private static CaseInput Operand(int heads, int length, int size, bool byLength) => new(new TensorType(DataType.F32, byLength ? [2, length, heads, size] : [2, heads, length, size]));
}
