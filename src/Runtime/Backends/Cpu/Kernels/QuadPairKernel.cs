using System.Runtime.CompilerServices;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>
/// A quantized product of 8-bit rows and weights within <see cref="Operators.PairBound"/> that adds two quads in 16 bits before it widens, and writes bytes from registers. See <see cref="QuadPairPanels{L, V}"/> for why it is exact.
/// </summary>
internal sealed unsafe class QuadPairKernel<L, V> : ByteProductKernel where L : struct, IQuadLanes<V> where V : unmanaged
{
    private const int ScratchBytes = 128 * 1024, Height = 6;

    private readonly QuadPairPanels<L, V>[] groups;
    private readonly SumsEpilogue epilogue;

    /// <summary>Binds the product; the bias of the epilogue is corrected here.</summary>
    /// <param name="binding">The step: input 0 is x.</param>
    /// <param name="operand">The rows, as U8.</param>
    /// <param name="groups">The weights of each group of columns.</param>
    /// <param name="epilogue">Writes the sums.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="zeroX">Zero point of x.</param>
    public QuadPairKernel(CpuBinding binding, ByteOperand operand, QuadPairPanels<L, V>[] groups, SumsEpilogue epilogue, long rows, int zeroX)
        : base(binding, operand, groups.Length, groups[0].Count, rows, ScratchBytes / operand.Step, Height, operand.InPlace ? 0 : operand.Step, Height * QuadPairPanels<L, V>.Width * sizeof(int), zeroX)
    {
        this.groups = groups;
        this.epilogue = epilogue;
        for (int i = 0; i < groups.Length; i++)
        {
            epilogue.TakeFromBias(i * groups[i].Columns, groups[i].Columns, groups[i].ColumnSums, zeroX + (binding.Input(0).DataType == DataType.I8 ? 128 : 0));
            epilogue.TakeFromBias(i * groups[i].Columns, groups[i].Columns, groups[i].Shifts, 1);
        }
    }

    public override string Name => $"{Operand.Name}_i8_pairs_{Height}x{QuadPairPanels<L, V>.Width}";

    protected override void Multiply(int group, long row, int count, int firstPanel, int lastPanel, int zeroX, byte* memory, int* sums, int* rowSums)
    {
        int step = Operand.Step, width = QuadPairPanels<L, V>.Width;
        QuadPairPanels<L, V> panels = groups[group];
        byte* bytes = Operand.Rows(row, count, group, unchecked((byte)zeroX), memory);
        for (int panel = firstPanel; panel < lastPanel; panel++)
        {
            int column = panel * width, columns = Math.Min(width, panels.Columns - column), at = group * panels.Columns + column;
            sbyte* b = panels.Panel(panel);
            bool narrow = panels.IsNarrow(panel);
            for (int r = 0; r < count; r += Height)
            {
                int height = Math.Min(Height, count - r);
                if (narrow) Narrow(bytes + (long)r * step, step, height, b, panels.Pairs, panels.HasOdd, panels.Order(panel), at, epilogue.At(row + r, at), columns, sums);
                else Wide(bytes + (long)r * step, step, height, b, panels.Pairs, panels.HasOdd, panels.Order(panel), at, epilogue.At(row + r, at), columns, sums);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Wide(byte* a, nint step, int rows, sbyte* b, int pairs, bool hasOdd, int* order, int column, byte* target, int columns, int* sums)
    {
        // Lanes: columns; 12 sums stay in registers, and begin with the bias. Missing rows repeat the last one. Equals: sums[m, n] = bias[n] + sum over k of a[m, k] * b[k, n].
        int last = rows - 1;
        byte* a0 = a, a1 = a + Math.Min(1, last) * step, a2 = a + Math.Min(2, last) * step, a3 = a + Math.Min(3, last) * step, a4 = a + Math.Min(4, last) * step, a5 = a + Math.Min(5, last) * step;
        V c00 = L.Load(epilogue.Bias(column)), c01 = L.Load(epilogue.Bias(column + L.Count)), c10 = c00, c11 = c01, c20 = c00, c21 = c01, c30 = c00, c31 = c01, c40 = c00, c41 = c01, c50 = c00, c51 = c01;
        int free = *order++, pair = 0;
        for (; pair < free; pair++, order += 2, b += 24 * L.Count)
        {
            V b0 = L.Load(b), b1 = L.Load(b + 4 * L.Count), b2 = L.Load(b + 8 * L.Count), b3 = L.Load(b + 12 * L.Count);
            nint k = order[0], l = order[1];
            V x = L.All(a0 + k), y = L.All(a0 + l);
            c00 = L.MultiplyAdd(x, b0, y, b2, c00);
            c01 = L.MultiplyAdd(x, b1, y, b3, c01);
            (x, y) = (L.All(a1 + k), L.All(a1 + l));
            c10 = L.MultiplyAdd(x, b0, y, b2, c10);
            c11 = L.MultiplyAdd(x, b1, y, b3, c11);
            (x, y) = (L.All(a2 + k), L.All(a2 + l));
            c20 = L.MultiplyAdd(x, b0, y, b2, c20);
            c21 = L.MultiplyAdd(x, b1, y, b3, c21);
            (x, y) = (L.All(a3 + k), L.All(a3 + l));
            c30 = L.MultiplyAdd(x, b0, y, b2, c30);
            c31 = L.MultiplyAdd(x, b1, y, b3, c31);
            (x, y) = (L.All(a4 + k), L.All(a4 + l));
            c40 = L.MultiplyAdd(x, b0, y, b2, c40);
            c41 = L.MultiplyAdd(x, b1, y, b3, c41);
            (x, y) = (L.All(a5 + k), L.All(a5 + l));
            c50 = L.MultiplyAdd(x, b0, y, b2, c50);
            c51 = L.MultiplyAdd(x, b1, y, b3, c51);
        }
        for (; pair < pairs; pair++, order += 2, b += 24 * L.Count)
        {
            V b0 = L.Load(b), b1 = L.Load(b + 4 * L.Count), b2 = L.Load(b + 8 * L.Count), b3 = L.Load(b + 12 * L.Count), s0 = L.Load(b + 16 * L.Count), s1 = L.Load(b + 20 * L.Count);
            nint k = order[0], l = order[1];
            V x = L.All(a0 + k), y = L.All(a0 + l);
            c00 = L.MultiplyAdd(x, b0, y, b2, s0, c00);
            c01 = L.MultiplyAdd(x, b1, y, b3, s1, c01);
            (x, y) = (L.All(a1 + k), L.All(a1 + l));
            c10 = L.MultiplyAdd(x, b0, y, b2, s0, c10);
            c11 = L.MultiplyAdd(x, b1, y, b3, s1, c11);
            (x, y) = (L.All(a2 + k), L.All(a2 + l));
            c20 = L.MultiplyAdd(x, b0, y, b2, s0, c20);
            c21 = L.MultiplyAdd(x, b1, y, b3, s1, c21);
            (x, y) = (L.All(a3 + k), L.All(a3 + l));
            c30 = L.MultiplyAdd(x, b0, y, b2, s0, c30);
            c31 = L.MultiplyAdd(x, b1, y, b3, s1, c31);
            (x, y) = (L.All(a4 + k), L.All(a4 + l));
            c40 = L.MultiplyAdd(x, b0, y, b2, s0, c40);
            c41 = L.MultiplyAdd(x, b1, y, b3, s1, c41);
            (x, y) = (L.All(a5 + k), L.All(a5 + l));
            c50 = L.MultiplyAdd(x, b0, y, b2, s0, c50);
            c51 = L.MultiplyAdd(x, b1, y, b3, s1, c51);
        }
        if (hasOdd)
        {
            nint k = *order;
            V b0 = L.Load(b), b1 = L.Load(b + 4 * L.Count), x = L.All(a0 + k);
            c00 = L.MultiplyAdd(x, b0, c00);
            c01 = L.MultiplyAdd(x, b1, c01);
            x = L.All(a1 + k);
            c10 = L.MultiplyAdd(x, b0, c10);
            c11 = L.MultiplyAdd(x, b1, c11);
            x = L.All(a2 + k);
            c20 = L.MultiplyAdd(x, b0, c20);
            c21 = L.MultiplyAdd(x, b1, c21);
            x = L.All(a3 + k);
            c30 = L.MultiplyAdd(x, b0, c30);
            c31 = L.MultiplyAdd(x, b1, c31);
            x = L.All(a4 + k);
            c40 = L.MultiplyAdd(x, b0, c40);
            c41 = L.MultiplyAdd(x, b1, c41);
            x = L.All(a5 + k);
            c50 = L.MultiplyAdd(x, b0, c50);
            c51 = L.MultiplyAdd(x, b1, c51);
        }
        nint next = epilogue.Columns;
        if (epilogue.WritesStored)
        {
            Store(c00, c01, sums);
            Store(c10, c11, sums + 2 * L.Count);
            Store(c20, c21, sums + 4 * L.Count);
            Store(c30, c31, sums + 6 * L.Count);
            Store(c40, c41, sums + 8 * L.Count);
            Store(c50, c51, sums + 10 * L.Count);
            epilogue.WriteStored(sums, 2 * L.Count, rows, target, next, column, columns);
            return;
        }
        epilogue.WriteRows(c00, c01, c10, c11, column, target, Math.Min(1, last) * next, columns);
        if (rows <= 2) return;
        epilogue.WriteRows(c20, c21, c30, c31, column, target + 2 * next, Math.Min(1, last - 2) * next, columns);
        if (rows <= 4) return;
        epilogue.WriteRows(c40, c41, c50, c51, column, target + 4 * next, Math.Min(1, last - 4) * next, columns);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Narrow(byte* a, nint step, int rows, sbyte* b, int pairs, bool hasOdd, int* order, int column, byte* target, int columns, int* sums)
    {
        int last = rows - 1;
        byte* a0 = a, a1 = a + Math.Min(1, last) * step, a2 = a + Math.Min(2, last) * step, a3 = a + Math.Min(3, last) * step, a4 = a + Math.Min(4, last) * step, a5 = a + Math.Min(5, last) * step;
        V c0 = L.Load(epilogue.Bias(column)), c1 = c0, c2 = c0, c3 = c0, c4 = c0, c5 = c0;
        int free = *order++, pair = 0;
        for (; pair < free; pair++, order += 2, b += 12 * L.Count)
        {
            V b0 = L.Load(b), b1 = L.Load(b + 4 * L.Count);
            nint k = order[0], l = order[1];
            c0 = L.MultiplyAdd(L.All(a0 + k), b0, L.All(a0 + l), b1, c0);
            c1 = L.MultiplyAdd(L.All(a1 + k), b0, L.All(a1 + l), b1, c1);
            c2 = L.MultiplyAdd(L.All(a2 + k), b0, L.All(a2 + l), b1, c2);
            c3 = L.MultiplyAdd(L.All(a3 + k), b0, L.All(a3 + l), b1, c3);
            c4 = L.MultiplyAdd(L.All(a4 + k), b0, L.All(a4 + l), b1, c4);
            c5 = L.MultiplyAdd(L.All(a5 + k), b0, L.All(a5 + l), b1, c5);
        }
        for (; pair < pairs; pair++, order += 2, b += 12 * L.Count)
        {
            V b0 = L.Load(b), b1 = L.Load(b + 4 * L.Count), shift = L.Load(b + 8 * L.Count);
            nint k = order[0], l = order[1];
            c0 = L.MultiplyAdd(L.All(a0 + k), b0, L.All(a0 + l), b1, shift, c0);
            c1 = L.MultiplyAdd(L.All(a1 + k), b0, L.All(a1 + l), b1, shift, c1);
            c2 = L.MultiplyAdd(L.All(a2 + k), b0, L.All(a2 + l), b1, shift, c2);
            c3 = L.MultiplyAdd(L.All(a3 + k), b0, L.All(a3 + l), b1, shift, c3);
            c4 = L.MultiplyAdd(L.All(a4 + k), b0, L.All(a4 + l), b1, shift, c4);
            c5 = L.MultiplyAdd(L.All(a5 + k), b0, L.All(a5 + l), b1, shift, c5);
        }
        if (hasOdd)
        {
            nint k = *order;
            V b0 = L.Load(b);
            c0 = L.MultiplyAdd(L.All(a0 + k), b0, c0);
            c1 = L.MultiplyAdd(L.All(a1 + k), b0, c1);
            c2 = L.MultiplyAdd(L.All(a2 + k), b0, c2);
            c3 = L.MultiplyAdd(L.All(a3 + k), b0, c3);
            c4 = L.MultiplyAdd(L.All(a4 + k), b0, c4);
            c5 = L.MultiplyAdd(L.All(a5 + k), b0, c5);
        }
        nint next = epilogue.Columns;
        if (epilogue.WritesStored)
        {
            Store(c0, c1, sums);
            Store(c2, c3, sums + 2 * L.Count);
            Store(c4, c5, sums + 4 * L.Count);
            epilogue.WriteStored(sums, L.Count, rows, target, next, column, columns);
            return;
        }
        epilogue.WriteVectors(c0, c1, c2, c3, column, target, Math.Min(1, last) * next, Math.Min(2, last) * next, Math.Min(3, last) * next, columns);
        if (rows <= 4) return;
        nint other = Math.Min(1, last - 4) * next;
        epilogue.WriteVectors(c4, c5, c5, c5, column, target + 4 * next, other, other, other, columns);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(V first, V second, int* sums)
    {
        L.Store(first, sums);
        L.Store(second, sums + L.Count);
    }
}
