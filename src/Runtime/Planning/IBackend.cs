using EdgeRuntime.Diagnostics;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Planning;

/// <summary>Something that can execute plans: the CPU, or a device behind Vulkan or OpenCL.</summary>
/// <remarks>
/// A device that fails, in <see cref="Compile(ExecutionPlan)"/> or in <see cref="ICompiledPlan.Run"/>, throws an <see cref="EdgeException"/> with one of the codes 6xxx; its session
/// then disposes the plan and goes on with the next backend. After <see cref="ErrorCode.PipelineRefused"/> the backend must refuse the steps that need what its driver refused:
/// it is asked again, and is given up when it takes as many steps as before. A device that came back is prepared on another thread while frames go on, so <see cref="Reject"/> and
/// <see cref="Compile(ExecutionPlan)"/> are called beside runs of plans that the backend compiled before.
/// </remarks>
public interface IBackend : IDisposable
{
    /// <summary>What it is and what it can do.</summary>
    BackendTraits Traits { get; }

    /// <summary>Null when the backend can run the step, else the reason why not.</summary>
    string? Reject(ExecutionPlan plan, PlanStep step);

    /// <summary>Prepares a plan; every allocation happens here.</summary>
    /// <exception cref="EdgeException">A step is rejected, or memory is not to be had.</exception>
    ICompiledPlan Compile(ExecutionPlan plan);

    /// <summary>As <see cref="Compile(ExecutionPlan)"/>, for somebody who may not want the plan any more before it is there.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="stop">Asked from time to time: between kernels that are measured, tested or compiled.</param>
    /// <exception cref="OperationCanceledException">It was stopped; nothing is left of the plan.</exception>
    ICompiledPlan Compile(ExecutionPlan plan, CancellationToken stop) => Compile(plan);

    /// <summary>
    /// Does what drivers put off until a plan runs first, such as compiling the rest of it, and keeps it for the next start. For plans that are prepared beside frames: it takes its time.
    /// </summary>
    /// <param name="plan">A plan that this backend compiled; its inputs are zeros, and nobody has run it.</param>
    /// <param name="stop">Asked from time to time.</param>
    /// <exception cref="EdgeException">The device fails.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    void WarmUp(ICompiledPlan plan, CancellationToken stop) { }

    /// <summary>Opens the same device anew after it failed, with nothing of what was before. What it returns belongs to the caller; null where that is not to be had.</summary>
    /// <exception cref="EdgeException">The device is still out of order (6xxx).</exception>
    IBackend? Reopen() => null;

    /// <summary>Tries the kernels of a plan again on steps whose results are known: a device may begin to compute wrong at any time. Nothing to do for a backend without such tests.</summary>
    /// <param name="plan">A plan that this backend compiled.</param>
    /// <exception cref="EdgeException">It computes something else than it should (<see cref="ErrorCode.WrongResult"/>), or fails.</exception>
    void Retest(ICompiledPlan plan) { }
}

/// <summary>A plan ready to run. Its inputs and outputs live in memory of its own, so that a frame is written once, where it is read.</summary>
public interface ICompiledPlan : IDisposable
{
    /// <summary>What was compiled.</summary>
    ExecutionPlan Plan { get; }

    /// <summary>Memory of an input, to be filled before <see cref="Run"/>. It keeps its content across runs.</summary>
    TensorView Input(int index);

    /// <summary>Memory of an output, valid after <see cref="Run"/> until the next one.</summary>
    TensorView Output(int index);

    /// <summary>Executes all steps and returns when outputs can be read. Allocates nothing.</summary>
    void Run();

    /// <summary>The kernel that each step runs on, such as conv1x1_f32_6x16.</summary>
    IReadOnlyList<string> Kernels { get; }

    /// <summary>Duration of each step of the last run in nanoseconds; empty unless profiling.</summary>
    ReadOnlySpan<long> StepNanoseconds { get; }
}

/// <summary>What a backend is and what it can do, as data.</summary>
/// <param name="Name">cpu, vulkan or opencl.</param>
/// <param name="Device">Name of the device.</param>
/// <param name="Details">Facts to print, such as instruction sets or driver version.</param>
public sealed record BackendTraits(string Name, string Device, IReadOnlyList<string> Details);
