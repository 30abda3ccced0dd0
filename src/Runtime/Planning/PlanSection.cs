namespace EdgeRuntime.Planning;

/// <summary>A part of a plan that one backend runs, as a plan of its own.</summary>
/// <param name="Backend">Who runs it.</param>
/// <param name="Plan">The part; its inputs and outputs are what crosses its borders.</param>
/// <param name="Steps">Its steps, as positions in the whole plan.</param>
/// <param name="Inputs">Its inputs, as slots of the whole plan.</param>
/// <param name="Outputs">Its outputs, as slots of the whole plan.</param>
internal sealed record PlanSection(IBackend Backend, ExecutionPlan Plan, IReadOnlyList<int> Steps, IReadOnlyList<int> Inputs, IReadOnlyList<int> Outputs)
{
    /// <summary>Bytes that enter it.</summary>
    public long BytesIn => Bytes(Plan.Inputs);

    /// <summary>Bytes that leave it.</summary>
    public long BytesOut => Bytes(Plan.Outputs);

    /// <summary>Arithmetic operations of its steps.</summary>
    public long Operations => Plan.Steps.Sum(s => s.Cost.Operations);

    private long Bytes(IEnumerable<PlanPort> ports) => ports.Sum(p => Plan.Slots[p.Slot].Type.ByteCount);
}

/// <summary>Why a step does not run where it was wanted.</summary>
/// <param name="Step">Position of the step in the whole plan.</param>
/// <param name="Backend">Who does not run it.</param>
/// <param name="Reason">Why not.</param>
internal sealed record StepRefusal(int Step, string Backend, string Reason);

/// <summary>A plan divided among backends.</summary>
/// <param name="Plan">The whole.</param>
/// <param name="Sections">The parts, in the order in which they run.</param>
/// <param name="Refusals">Why steps are not where they were wanted.</param>
internal sealed record PlanPartition(ExecutionPlan Plan, IReadOnlyList<PlanSection> Sections, IReadOnlyList<StepRefusal> Refusals);
