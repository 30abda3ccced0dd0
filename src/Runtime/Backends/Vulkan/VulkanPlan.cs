using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Planning;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Vulkan;

/// <summary>
/// A program on a device: one arena, one buffer of weights, and commands that are recorded once and submitted for each frame. Several frames
/// may be under way: each has its own inputs and outputs, and the device takes them one after the other.
/// </summary>
/// <remarks>Views of inputs and outputs are the device's memory: they must not be used after the plan is disposed.</remarks>
internal sealed class VulkanPlan : ISteppedPlan
{
    /// <summary>The first run of all may compile kernels, so its durations say little.</summary>
    private const int MeasuredRuns = 2;

    private readonly GpuProgram program;
    private readonly VulkanBuffer? arena, weights;
    private readonly VulkanFrame[] frames;
    private readonly TensorView[][] inputs, outputs;
    private readonly long[] stepNanoseconds;
    private int[] cuts;
    private int measured;
    private VulkanPieces? pieces;
    private bool disposed;

    /// <summary>Prepares a program.</summary>
    /// <param name="context">The device.</param>
    /// <param name="pipelines">Its pipelines.</param>
    /// <param name="program">What is executed.</param>
    /// <param name="frameCount">Frames under way at once.</param>
    /// <param name="profile">True to measure each step.</param>
    public VulkanPlan(VulkanContext context, VulkanPipelines pipelines, GpuProgram program, int frameCount = 1, bool profile = false)
    {
        this.program = program;
        frames = new VulkanFrame[frameCount];
        (inputs, outputs) = (new TensorView[frameCount][], new TensorView[frameCount][]);
        cuts = GpuCuts.Estimate(program);
        stepNanoseconds = new long[profile && context.TimestampBits > 0 ? Plan.Steps.Count : 0];
        try
        {
            VulkanPipeline[] made = [.. program.Dispatches.Select(pipelines.Get)];
            arena = new VulkanBuffer(context, Math.Max(program.ArenaBytes, ExecutionPlan.Alignment), VulkanMemoryUse.Device);
            weights = new VulkanBuffer(context, Math.Max(program.WeightBytes, ExecutionPlan.Alignment), context.Traits.UnifiedMemory ? VulkanMemoryUse.Upload : VulkanMemoryUse.Device);
            VulkanUploader.Fill(context, program, arena, weights);
            for (int i = 0; i < frameCount; i++)
            {
                VulkanFrame frame = frames[i] = new VulkanFrame(context, program, made, arena, weights, cuts, profile);
                inputs[i] = [.. Plan.Inputs.Select(p => frame.Port(program, p.Slot, this))];
                outputs[i] = [.. Plan.Outputs.Select(p => frame.Port(program, p.Slot, this))];
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public ExecutionPlan Plan => program.Plan;

    /// <summary>What is executed.</summary>
    public GpuProgram Program => program;

    /// <inheritdoc/>
    public IReadOnlyList<string> Kernels => program.Kernels;

    /// <inheritdoc/>
    public ReadOnlySpan<long> StepNanoseconds => stepNanoseconds;

    /// <summary>Number of submissions for a frame.</summary>
    public int Submissions => cuts.Length;

    /// <inheritdoc/>
    public TensorView Input(int index) => inputs[0][index];

    /// <inheritdoc/>
    public TensorView Output(int index) => outputs[0][index];

    /// <summary>Memory of an input of a frame.</summary>
    public TensorView Input(int frame, int index) => inputs[frame][index];

    /// <summary>Memory of an output of a frame.</summary>
    public TensorView Output(int frame, int index) => outputs[frame][index];

    /// <inheritdoc/>
    public void Run()
    {
        Abandon();
        Submit(0);
        Wait(0);
    }

    /// <inheritdoc/>
    public bool Advance(in TimeBudget budget)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        if (!(pieces ??= new VulkanPieces(program, frames[0])).Advance(budget)) return false;
        if (stepNanoseconds.Length > 0) frames[0].ReadTimes(stepNanoseconds);
        return true;
    }

    /// <inheritdoc/>
    public void Abandon() => pieces?.Abandon();

    /// <summary>Starts a frame, whose inputs must have been written; it must be waited for before it is started again.</summary>
    public void Submit(int frame)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        // Until it is known how long each submission takes, they are run one by one.
        if (measured < MeasuredRuns && cuts.Length > 1 && Idle()) Measure(frames[frame]);
        else frames[frame].Submit();
    }

    /// <summary>Waits until the outputs of a frame can be read.</summary>
    public void Wait(int frame)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        frames[frame].Wait();
        if (stepNanoseconds.Length > 0) frames[frame].ReadTimes(stepNanoseconds);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        disposed = true;
        foreach (VulkanFrame? frame in frames) frame?.Dispose();
        weights?.Dispose();
        arena?.Dispose();
    }

    private bool Idle()
    {
        foreach (VulkanFrame frame in frames)
            if (frame.InFlight) return false;
        return true;
    }

    private void Measure(VulkanFrame frame)
    {
        long[] nanoseconds = new long[cuts.Length];
        frame.Measure(nanoseconds);
        if (++measured < MeasuredRuns) return;
        int[] better = GpuCuts.Measured(cuts, nanoseconds);
        if (better.AsSpan().SequenceEqual(cuts)) return;
        cuts = better;
        foreach (VulkanFrame other in frames) other.Record(cuts);
    }
}
