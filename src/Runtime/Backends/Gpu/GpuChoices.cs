using EdgeRuntime.Diagnostics;
using EdgeRuntime.Planning;

namespace EdgeRuntime.Backends.Gpu;

/// <summary>
/// How a device's programs are chosen: what is refused, which way is the fastest for each step, and whether the kernels compute what they should.
/// One for each open device, whatever its API.
/// </summary>
internal sealed class GpuChoices : IDisposable
{
    private readonly IGpuDevice device;
    private readonly GpuRecordFile? file;
    private readonly GpuSelfTest selfTest;
    private readonly GpuTuning tuning;
    private readonly bool test;
    private readonly Lock choosing = new();

    /// <summary>Begins with what is known from before.</summary>
    /// <param name="device">The device.</param>
    /// <param name="quarantine">Kernels that are not used; filled with what failed before.</param>
    /// <param name="file">Where it is kept what is found out; null for nowhere.</param>
    /// <param name="options">How ways are chosen and tested.</param>
    public GpuChoices(IGpuDevice device, GpuQuarantine quarantine, GpuRecordFile? file, GpuOptions options)
    {
        (this.device, this.file, test, Quarantine) = (device, file, options.SelfTest, quarantine);
        tuning = options.Tuning != GpuTuning.Auto ? options.Tuning : device.Traits.IsProcessor ? GpuTuning.First : GpuTuning.Measure;
        Records = file?.Records ?? new GpuRecords();
        Tuner = new GpuTuner(device, Records, quarantine, options.TuningBudget);
        selfTest = new GpuSelfTest(device, Records, quarantine, options.Sabotage);
        selfTest.Recall();
    }

    /// <summary>Kernels that are not used, and why.</summary>
    public GpuQuarantine Quarantine { get; }

    /// <summary>What was measured when plans were compiled.</summary>
    public GpuTuner Tuner { get; }

    /// <summary>What was found out about the device.</summary>
    public GpuRecords Records { get; }

    /// <summary>What is wrong with the file; null for nothing.</summary>
    public string? Problem => file?.Problem;

    /// <summary>Tries all kernels, whatever is known of them, and keeps the results.</summary>
    public IReadOnlyList<GpuTestResult> TestKernels(Action<int, int>? done = null)
    {
        lock (choosing)
        {
            IReadOnlyList<GpuTestResult> results = selfTest.RunAll(done);
            file?.Save();
            return results;
        }
    }

    /// <summary>Tests again what a program executes, where kernels are tested at all.</summary>
    /// <exception cref="EdgeException">The device computes something else than it should (<see cref="ErrorCode.WrongResult"/>), or fails.</exception>
    public void Retest(GpuProgram program)
    {
        if (!test) return;
        lock (choosing) selfTest.Retest(program);
    }

    /// <summary>Disposes what was prepared for tests; the device must be there still.</summary>
    public void Dispose() => selfTest.Dispose();

    /// <summary>Why a step cannot run on the device; null when it can.</summary>
    public string? Reject(ExecutionPlan plan, PlanStep step) => GpuProgram.Lower(plan, step, device.Traits, out _, Quarantine).Rejection;

    /// <summary>Lowers a plan, with the fastest way for each step.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="stop">Asked between kernels that are measured or tested.</param>
    /// <exception cref="EdgeException">A step has no way left (<see cref="ErrorCode.PipelineRefused"/>), or the device fails.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public GpuProgram Choose(ExecutionPlan plan, CancellationToken stop = default)
    {
        lock (choosing)
        {
            try
            {
                while (true)
                {
                    if (tuning == GpuTuning.Measure) Tuner.Tune(plan, stop);
                    RefuseWhatIsPutAway(plan);
                    var program = GpuProgram.Build(plan, device.Traits, (gpu, lowering) => Fastest(plan, gpu, lowering), Quarantine);
                    if (!test || selfTest.Passes(program, stop)) return program;
                }
            }
            finally
            {
                // What was found out before something went wrong, or it was stopped, holds.
                file?.Save();
            }
        }
    }

    /// <summary>As <see cref="Choose"/>, for a plan of which only the time is asked: nothing is tuned or tested for it.</summary>
    public GpuProgram ForTiming(ExecutionPlan plan)
    {
        lock (choosing)
        {
            RefuseWhatIsPutAway(plan);
            return GpuProgram.Build(plan, device.Traits, (gpu, lowering) => Fastest(plan, gpu, lowering), Quarantine);
        }
    }

    /// <summary>Tells the session to ask again which steps are taken, since some have no way left.</summary>
    private void RefuseWhatIsPutAway(ExecutionPlan plan)
    {
        if (Quarantine.Reasons.Count == 0) return;
        foreach (PlanStep step in plan.Steps)
            if (Reject(plan, step) is { } reason) throw new EdgeException(ErrorCode.PipelineRefused, $"The step '{step.Name}' cannot run on {device.Traits.Device}: {reason}.", "Run on another device, and look for news of the driver.");
    }

    private GpuCandidate Fastest(ExecutionPlan plan, GpuStep step, GpuLowering lowering)
    {
        if (tuning == GpuTuning.First || lowering.Candidates.Count < 2) return lowering.Candidates[0];
        // Files are not trusted: what does not fit the ways there are is no choice.
        return Records.Choice(GpuSignature.Of(plan, step, lowering)) is { } choice && choice.Candidate < lowering.Candidates.Count && lowering.Candidates[choice.Candidate].Name == choice.Name
            ? lowering.Candidates[choice.Candidate] : lowering.Candidates[0];
    }
}
