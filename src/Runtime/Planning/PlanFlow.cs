namespace EdgeRuntime.Planning;

/// <summary>What flows between the steps of a plan: which memory each reads and writes, who wrote it, and how many bytes it has. Constants do not flow.</summary>
internal sealed class PlanFlow
{
    /// <summary>Looks at a plan.</summary>
    public PlanFlow(ExecutionPlan plan)
    {
        Plan = plan;
        Producers = new int[plan.Slots.Count];
        Array.Fill(Producers, -1);
        for (int i = 0; i < plan.Steps.Count; i++)
            foreach (int slot in plan.Steps[i].Outputs) Producers[plan.Slots[slot].Storage] = i;
        Reads = [.. plan.Steps.Select(s => Storages(plan, s.Inputs))];
        Writes = [.. plan.Steps.Select(s => Storages(plan, s.Outputs))];
        Bytes = [.. plan.Slots.Select(s => s.Type.ByteCount)];
        IsReturned = new bool[plan.Slots.Count];
        foreach (PlanPort port in plan.Outputs) IsReturned[plan.Slots[port.Slot].Storage] = true;
    }

    /// <summary>The plan.</summary>
    public ExecutionPlan Plan { get; }

    /// <summary>For each storage the step that writes it; -1 for inputs and constants.</summary>
    public int[] Producers { get; }

    /// <summary>For each step the storages that it reads.</summary>
    public int[][] Reads { get; }

    /// <summary>For each step the storages that it writes.</summary>
    public int[][] Writes { get; }

    /// <summary>For each storage its size.</summary>
    public long[] Bytes { get; }

    /// <summary>For each storage whether the plan returns it.</summary>
    public bool[] IsReturned { get; }

    private static int[] Storages(ExecutionPlan plan, IEnumerable<int> slots) =>
        [.. slots.Where(s => s >= 0).Select(s => plan.Slots[s].Storage).Where(s => plan.Slots[s].Kind != SlotKind.Constant).Distinct()];
}
