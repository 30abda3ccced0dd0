namespace EdgeRuntime.Backends.Gpu;

/// <summary>Where in a list of dispatches data flows, so that those before must be finished first.</summary>
internal static class GpuBarriers
{
    /// <summary>
    /// For each dispatch, whether a barrier must stand before it: because it reads what was written since the last one, or writes what was
    /// read or written. Dispatches without a barrier between them may run at the same time.
    /// </summary>
    public static bool[] Before(IReadOnlyList<GpuDispatch> dispatches)
    {
        bool[] needed = new bool[dispatches.Count];
        var reads = new List<GpuRange>();
        var writes = new List<GpuRange>();
        for (int i = 0; i < needed.Length; i++)
        {
            needed[i] = dispatches[i].Operands.Any(o => writes.Exists(w => w.Overlaps(o.Range)) || o.Buffer.Written && reads.Exists(r => r.Overlaps(o.Range)));
            if (needed[i])
            {
                reads.Clear();
                writes.Clear();
            }
            foreach (GpuOperand operand in dispatches[i].Operands)
                // Weights are never written.
                if (operand.Range.Space != GpuSpace.Weights) (operand.Buffer.Written ? writes : reads).Add(operand.Range);
        }
        return needed;
    }
}
