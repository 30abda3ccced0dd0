using EdgeRuntime.Diagnostics;

namespace EdgeRuntime.Planning;

/// <summary>Finds out how long the slots of a plan are in use, and gives them their places in the arena.</summary>
internal static class PlanLayout
{
    /// <summary>An arena larger than this is refused: shapes from a file are not to be trusted with all memory.</summary>
    private const long LargestArena = 16L << 30;

    /// <summary>The plan with all slots in place; the offsets given are of no account.</summary>
    /// <exception cref="EdgeException">The arena would be too large (<see cref="ErrorCode.CannotPlan"/>).</exception>
    public static ExecutionPlan Place(string name, IReadOnlyList<PlanSlot> slots, PlanStep[] steps, PlanPort[] inputs, PlanPort[] outputs)
    {
        var lifetimes = new (int First, int Last)[slots.Count];
        Array.Fill(lifetimes, (int.MaxValue, 0));
        for (int step = 0; step < steps.Length; step++)
        {
            foreach (int slot in steps[step].Inputs)
                if (slot >= 0) Use(slot, step, step);
            foreach (int slot in steps[step].Outputs) Use(slot, step, step);
        }
        // What users feed and read keeps its place for good.
        foreach (PlanPort port in inputs.Concat(outputs)) Use(port.Slot, 0, int.MaxValue);

        int[] stored = [.. Enumerable.Range(0, slots.Count).Where(i => slots[i].Storage == i && slots[i].Kind == SlotKind.Arena && lifetimes[i].First != int.MaxValue)];
        (long[] offsets, long arenaBytes) = MemoryPlanner.Place(
            [.. stored.Select(i => new MemoryPlanner.Request(slots[i].Type.ByteCount, lifetimes[i].First, lifetimes[i].Last))]);
        if (arenaBytes > LargestArena)
            throw new EdgeException(ErrorCode.CannotPlan, $"The tensors of '{name}' need an arena of {arenaBytes:N0} bytes.", "Use smaller inputs.");
        long[] offsetOf = new long[slots.Count];
        for (int i = 0; i < stored.Length; i++) offsetOf[stored[i]] = offsets[i];
        return new ExecutionPlan(name, [.. slots.Select(s => s with { Offset = offsetOf[s.Storage] })], steps, inputs, outputs, arenaBytes);

        void Use(int slot, int first, int last)
        {
            ref (int First, int Last) lifetime = ref lifetimes[slots[slot].Storage];
            lifetime = (Math.Min(lifetime.First, first), Math.Max(lifetime.Last, last));
        }
    }
}
