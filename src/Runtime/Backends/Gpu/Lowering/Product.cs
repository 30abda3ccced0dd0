using EdgeRuntime.Operators;

namespace EdgeRuntime.Backends.Gpu.Lowering;

/// <summary>An operand of a product: where it is, and how far a step goes along each axis of the result's rows, of the columns and of the inner axis.</summary>
/// <param name="Buffer">Where it is.</param>
/// <param name="Rows">Strides of the axes that number matrices and, last, rows.</param>
/// <param name="Column">Stride of columns.</param>
/// <param name="Inner">Stride of the inner axis.</param>
internal sealed record ProductOperand(BufferRef Buffer, long[] Rows, long Column, long Inner);

/// <summary>
/// y = activation(scale · Σ a·b + c) for a [rows…, inner], b [rows…, inner, columns] and c [rows…, columns] in any strides, y dense: what products
/// of matrices and sums over one index come down to.
/// </summary>
internal sealed class Product(GpuStep step, int[] rows, int columns, int inner)
{
    private const int GroupSize = 64;

    /// <summary>The left operand, which has no columns.</summary>
    public required ProductOperand A { get; init; }

    /// <summary>The right operand.</summary>
    public required ProductOperand B { get; init; }

    /// <summary>What is added; it has no inner axis.</summary>
    public ProductOperand? C { get; init; }

    /// <summary>Factor of the sum.</summary>
    public float Scale { get; init; } = 1;

    /// <summary>Function of the result.</summary>
    public Activation Activation { get; init; }

    /// <summary>Ways to compute it.</summary>
    public GpuLowering Lower()
    {
        if (FusedActivation.Rejection(Activation) is { } rejection) return GpuLowering.Reject(rejection);
        // Rows that all walk alike are one axis; what is left before the last numbers matrices.
        List<int> sizes = [];
        List<long[]> strides = [];
        for (int i = 0; i < rows.Length; i++)
        {
            long[] own = [A.Rows[i], B.Rows[i], C?.Rows[i] ?? 0];
            if (rows[i] == 1) continue;
            if (sizes.Count > 0 && strides[^1].SequenceEqual(own.Select(s => s * rows[i])))
            {
                sizes[^1] *= rows[i];
                strides[^1] = own;
                continue;
            }
            sizes.Add(rows[i]);
            strides.Add(own);
        }
        // The right operand of one matrix does not change with the row.
        if (sizes.Count == 0 || strides[^1][1] != 0)
        {
            sizes.Add(1);
            strides.Add([0, 0, 0]);
        }
        int batches = sizes.Count - 1;
        if (batches > 4) return GpuLowering.Reject("more than four axes number the matrices");
        int[] batch = [.. Enumerable.Repeat(1, 4 - batches), .. sizes[..batches]];
        long[][] walks = [.. Enumerable.Repeat(new long[3], 4 - batches), .. strides];
        int m = sizes[^1], matrices = batch.Aggregate(1, (product, size) => product * size);

        int aLanes = A.Inner == 1 && inner % 4 == 0 && Fours(0, true) ? 1 : walks[4][0] == 1 && m % 4 == 0 && A.Inner % 4 == 0 && Fours(0, false) ? 2 : 0;
        bool padded = B.Buffer.Kind == BufferKind.Packed;
        int bLanes = B.Column == 1 && (columns % 4 == 0 || padded) && B.Inner % 4 == 0 && Fours(1, false) ? 1 : B.Inner == 1 && inner % 4 == 0 && B.Column % 4 == 0 && Fours(1, false) ? 2 : 0;
        int cLanes = C is { Column: 1 } && (columns % 4 == 0 || C.Buffer.Kind == BufferKind.Packed) && Fours(2, true) ? 1 : 0;

        var common = new List<KernelConstant>(FusedActivation.Constants(Activation))
        {
            ("BATCH", matrices), ("BATCH1", batch[1]), ("BATCH2", batch[2]), ("BATCH3", batch[3]), ("M", m), ("N", columns), ("K", inner),
            ("A_LANES", aLanes), ("A_ROW", Stride(walks[4][0], aLanes == 1)), ("A_INNER", Stride(A.Inner, aLanes == 2)),
            ("B_LANES", bLanes), ("B_INNER", Stride(B.Inner, bLanes == 1)), ("B_COLUMN", Stride(B.Column, bLanes == 2)),
            ("BIASED", C is null ? 0 : 1), ("C_LANES", cLanes), ("C_ROW", Stride(walks[4][2], cLanes == 1)), ("C_COLUMN", (int)(C?.Column ?? 0)),
            ("SCALE", Scale),
        };
        for (int i = 0; i < 4; i++)
        {
            common.Add(($"A_BATCH{i}", Stride(walks[i][0], aLanes > 0)));
            common.Add(($"B_BATCH{i}", Stride(walks[i][1], bLanes > 0)));
            common.Add(($"C_BATCH{i}", Stride(walks[i][2], cLanes > 0)));
        }
        return GpuLowering.To([.. Candidates()]);

        // Whether the matrices of an operand, and its rows if asked, begin at texels.
        bool Fours(int operand, bool row) => walks[..(row ? 5 : 4)].All(walk => walk[operand] % 4 == 0);

        static int Stride(long stride, bool texels) => (int)(texels ? stride / 4 : stride);

        IEnumerable<GpuCandidate> Candidates()
        {
            // Four rows where there are; texels down the rows need exactly four.
            int tileRows = aLanes == 2 ? 4 : Math.Min(m, 4), tileColumns = columns >= 32 && (long)matrices * m * columns >= 1 << 16 ? 2 : 1;
            long single = (long)matrices * ((m + tileRows - 1) / tileRows) * ((columns + 3) / 4);
            // Where there is little to compute side by side, share the sums.
            int split = 1;
            while (split < 16 && split * 32 <= inner && single * split < 4096) split *= 2;
            if (split > 1 && single < 256) yield return Registers(tileRows, 1, split);
            yield return Registers(tileRows, 1, 1);
            if (tileColumns > 1) yield return Registers(tileRows, tileColumns, 1);
            if (split > 1 && single >= 256) yield return Registers(tileRows, 1, split);
            if (m >= 32 && columns >= 32 && inner >= 16 && step.Traits.SharedMemoryBytes >= 2 * 16 * 17 * 16)
                yield return new("matmul_shared_64x64", Dispatch("matmul_shared", (long)matrices * ((m + 63) / 64) * ((columns + 63) / 64) * GroupSize));
        }

        GpuCandidate Registers(int tileRows, int tileColumns, int split)
        {
            long tiles = (long)matrices * ((m + tileRows - 1) / tileRows) * ((columns + tileColumns * 4 - 1) / (tileColumns * 4));
            return new($"matmul_{tileRows}x{tileColumns}" + (split > 1 ? $"_split{split}" : ""), Dispatch("matmul", tiles * split,
                ("TILE_ROWS", tileRows), ("TILE_COLUMNS", tileColumns), ("GROUP", GroupSize), ("SPLIT", split)));
        }

        Dispatch Dispatch(string kernel, long invocations, params KernelConstant[] own)
        {
            BufferRef c = C?.Buffer ?? A.Buffer;
            return new(kernel, [A.Buffer, A.Buffer, B.Buffer, B.Buffer, c, c, step.Output(), step.Output()],
                Grid.Linear(invocations, GroupSize, step.Traits.MaxGroups), new Grid(GroupSize), [.. own, .. common]);
        }
    }
}
