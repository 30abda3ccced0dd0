namespace EdgeRuntime.Planning;

/// <summary>A plan of one step of another, to be measured alone.</summary>
internal static class SingleStep
{
    /// <summary>The plan: what the step reads and writes are its ports, constants are the same.</summary>
    public static ExecutionPlan Of(ExecutionPlan plan, PlanStep step)
    {
        var slots = new List<PlanSlot>();
        var placeOf = new Dictionary<int, int>();
        int[] inputs = [.. step.Inputs.Select(Take)], outputs = [.. step.Outputs.Select(Take)];
        return PlanLayout.Place(step.Name, slots, [step with { Inputs = inputs, Outputs = outputs }],
            Ports(inputs.Where(i => i >= 0 && slots[i].Kind != SlotKind.Constant)), Ports(outputs));

        int Take(int slot)
        {
            if (slot < 0) return -1;
            if (placeOf.TryGetValue(slot, out int known)) return known;
            PlanSlot original = plan.Slots[slot];
            slots.Add(original with { Kind = original.Kind == SlotKind.Constant ? SlotKind.Constant : SlotKind.Arena, Storage = slots.Count });
            return placeOf[slot] = slots.Count - 1;
        }

        PlanPort[] Ports(IEnumerable<int> of) => [.. of.Distinct().Select(i => new PlanPort(slots[i].Name, i))];
    }
}
