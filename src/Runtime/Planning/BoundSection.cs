using EdgeRuntime.Tensors;

namespace EdgeRuntime.Planning;

/// <summary>A compiled section and the host's memory that its inputs come from and its outputs go to.</summary>
internal sealed class BoundSection : IDisposable
{
    private readonly ICompiledPlan compiled;
    private readonly TensorView[] inputs, outputs;
    private LearnedCost cost;
    private bool begun;

    /// <summary>Binds a section to memory; one that runs on the host is compiled for it.</summary>
    /// <param name="section">The section.</param>
    /// <param name="prepared">The section as its device compiled it, which belongs to this object then; null for one that runs on the host.</param>
    /// <param name="memory">The memory of a slot of the whole plan.</param>
    public BoundSection(PlanSection section, ICompiledPlan? prepared, Func<int, TensorView> memory)
    {
        Section = section;
        TensorView[] from = [.. section.Inputs.Select(memory)], to = [.. section.Outputs.Select(memory)];
        if (prepared is not null) (compiled, inputs, outputs) = (prepared, from, to);
        else (compiled, inputs, outputs) = (((IHostBackend)section.Backend).Compile(section.Plan, [.. from, .. to]), [], []);
    }

    /// <summary>What was compiled.</summary>
    public PlanSection Section { get; }

    /// <summary>The kernel of each step.</summary>
    public IReadOnlyList<string> Kernels => compiled.Kernels;

    /// <summary>Copies what goes in, runs, and copies what comes out.</summary>
    public void Run()
    {
        for (int i = 0; i < inputs.Length; i++) inputs[i].Bytes.CopyTo(compiled.Input(i).Bytes);
        compiled.Run();
        for (int i = 0; i < outputs.Length; i++) compiled.Output(i).Bytes.CopyTo(outputs[i].Bytes);
    }

    /// <summary>Does what fits of a run: whole where the backend knows no parts. True when it has ended.</summary>
    public bool Advance(in TimeBudget budget)
    {
        if (!begun)
            for (int i = 0; i < inputs.Length; i++) inputs[i].Bytes.CopyTo(compiled.Input(i).Bytes);
        begun = true;
        if (compiled is ISteppedPlan stepped)
        {
            if (!stepped.Advance(budget)) return false;
        }
        else
        {
            long start = budget.Timestamp;
            if (budget.Fit(cost.Expected, 1, start) == 0) return false;
            compiled.Run();
            cost.Learn(budget.Nanoseconds(start, budget.Timestamp));
        }
        begun = false;
        for (int i = 0; i < outputs.Length; i++) compiled.Output(i).Bytes.CopyTo(outputs[i].Bytes);
        return true;
    }

    /// <summary>Gives up what <see cref="Advance"/> began.</summary>
    public void Abandon()
    {
        begun = false;
        (compiled as ISteppedPlan)?.Abandon();
    }

    /// <summary>Tests its kernels again.</summary>
    public void Retest() => Section.Backend.Retest(compiled);

    /// <summary>Puts the durations of the steps where they are in the whole plan.</summary>
    public void Report(long[] nanoseconds)
    {
        ReadOnlySpan<long> own = compiled.StepNanoseconds;
        for (int i = 0; i < own.Length; i++) nanoseconds[Section.Steps[i]] = own[i];
    }

    /// <inheritdoc/>
    public void Dispose() => compiled.Dispose();
}
