namespace EdgeRuntime.Planning;

/// <summary>Cuts steps out of a plan and makes them a plan of their own.</summary>
/// <param name="whole">The plan.</param>
/// <param name="producers">For each storage of it the step that writes it; -1 for inputs and constants.</param>
internal sealed class SectionCutter(ExecutionPlan whole, int[] producers)
{
    /// <summary>For each storage the steps that read it.</summary>
    private readonly ILookup<int, int> readers = (
        from step in Enumerable.Range(0, whole.Steps.Count)
        from slot in whole.Steps[step].Inputs
        where slot >= 0
        select (Storage: whole.Slots[slot].Storage, Step: step)).ToLookup(r => r.Storage, r => r.Step);

    private readonly HashSet<int> returned = [.. whole.Outputs.Select(o => whole.Slots[o.Slot].Storage)];

    /// <summary>The section of the given steps.</summary>
    public PlanSection Cut(IBackend backend, List<int> steps, string name)
    {
        HashSet<int> own = [.. steps];
        var slots = new List<PlanSlot>();
        var slotOf = new Dictionary<int, int>();
        var inputs = new List<int>();
        var outputs = new List<int>();
        var cut = new List<PlanStep>();
        foreach (int index in steps)
        {
            PlanStep step = whole.Steps[index];
            int[] reads = [.. step.Inputs.Select(s => s < 0 ? -1 : Take(s))];
            cut.Add(step with { Inputs = reads, Outputs = [.. step.Outputs.Select(Take)] });
        }
        // A plan in the host's own memory shares it with its neighbours, so its ports have no place in its arena.
        if (backend is IHostBackend)
            for (int i = 0; i < slots.Count; i++)
                if (slots[i].Kind == SlotKind.Arena && IsPort(slots[i].Storage)) slots[i] = slots[i] with { Kind = SlotKind.Port };
        ExecutionPlan plan = PlanLayout.Place(name, slots, [.. cut], Ports(inputs), Ports(outputs));
        return new PlanSection(backend, plan, steps, inputs, outputs);

        int Take(int slot)
        {
            if (slotOf.TryGetValue(slot, out int known)) return known;
            PlanSlot original = whole.Slots[slot];
            bool isView = original.Storage != slot;
            int storage = isView ? Take(original.Storage) : slots.Count;
            slotOf[slot] = slots.Count;
            slots.Add(original with { Storage = storage });
            if (isView || original.Kind == SlotKind.Constant) return slotOf[slot];
            if (producers[slot] < 0 || !own.Contains(producers[slot])) inputs.Add(slot);
            else if (returned.Contains(slot) || readers[slot].Any(r => !own.Contains(r))) outputs.Add(slot);
            return slotOf[slot];
        }

        bool IsPort(int storage) => inputs.Exists(i => slotOf[i] == storage) || outputs.Exists(o => slotOf[o] == storage);

        PlanPort[] Ports(List<int> of) => [.. of.Select(s => new PlanPort(whole.Slots[s].Name, slotOf[s]))];
    }
}
