using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>The masks of attention, applied to a block of scores.</summary>
internal sealed unsafe class AttentionMask
{
    private readonly float* added;
    private readonly byte* open;
    private readonly float fill;
    private readonly bool causal;
    private readonly int ahead, keys;
    private readonly long[] addedStrides = new long[4], openStrides = new long[4];

    public AttentionMask(CpuBinding binding, Attention op, AttentionOperands operands)
    {
        (fill, causal, keys) = (op.Fill, op.Causal, operands.Keys);
        ahead = operands.Keys - operands.Length;
        var scores = new Shape(operands.Batch, operands.Heads, operands.Length, operands.Keys);
        TensorView sum = binding.Input(Attention.Added), choice = binding.Input(Attention.Open);
        if (!sum.IsMissing)
        {
            added = (float*)sum.Data;
            Broadcast.Strides(sum.Shape, scores, addedStrides);
        }
        if (!choice.IsMissing)
        {
            open = (byte*)choice.Data;
            Broadcast.Strides(choice.Shape, scores, openStrides);
        }
    }

    /// <summary>How many keys, from the first, a query may see; at least one, so that a query that sees none gives what 0 / 0 is.</summary>
    public int Visible(int row) => causal ? Math.Clamp(row + ahead + 1, 1, keys) : keys;

    /// <summary>Masks some scores, a row for each query.</summary>
    public void Apply<L, V>(int batch, int head, int firstRow, int rows, int firstKey, int count, float* scores, int step) where L : struct, ILanes<V> where V : unmanaged
    {
        if (added == null && open == null && !causal) return;
        for (int i = 0; i < rows; i++)
        {
            int row = firstRow + i;
            float* own = scores + (long)i * step;
            if (open != null)
            {
                byte* from = open + batch * openStrides[0] + head * openStrides[1] + row * openStrides[2] + firstKey * openStrides[3];
                for (int j = 0; j < count; j++)
                    if (from[j * openStrides[3]] == 0) own[j] = fill;
            }
            if (added != null)
            {
                float* from = added + batch * addedStrides[0] + head * addedStrides[1] + row * addedStrides[2] + firstKey * addedStrides[3];
                int j = 0;
                if (addedStrides[3] == 1)
                    for (; j <= count - L.Count; j += L.Count) L.Store(L.Add(L.Load(own + j), L.Load(from + j)), own + j);
                for (; j < count; j++) own[j] += from[j * addedStrides[3]];
            }
            if (causal)
            {
                int visible = Math.Clamp(row + ahead + 1 - firstKey, 0, count);
                new Span<float>(own + visible, count - visible).Fill(float.NegativeInfinity);
            }
        }
    }
}
