using System.Diagnostics;
using EdgeRuntime.Operators;
using EdgeRuntime.Planning;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu;

/// <summary>
/// A plan as an array of bound kernels and one arena. Inputs and outputs lie in an array of the garbage collector's, since views and spans of them are handed out; all else is only seen by kernels while
/// they run.
/// </summary>
internal sealed unsafe class CpuPlan : ISteppedPlan
{
    /// <summary>Small steps take less than a microsecond; a <see cref="TimeSpan"/> counts tenths of one.</summary>
    private static readonly double NanosecondsPerTick = 1e9 / Stopwatch.Frequency;

    private readonly WorkerPool pool;
    private readonly KernelMemory memory;
    private readonly NativeBlock arena;
    private readonly AlignedBuffer ports;
    private readonly TensorView[] slots;
    private readonly CpuKernel[] kernels;
    private readonly bool[] alone;
    private readonly long[] nanoseconds;

    /// <summary>What one tile for each worker takes at each step, as far as it has been run a part at a time.</summary>
    private readonly LearnedCost[] roundCosts;

    /// <summary>Where a run that is under way goes on: the step, and the first of its tiles that is still to be run.</summary>
    private int nextStep, nextTile;
    private bool disposed;

    /// <summary>Binds all steps.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="portOf">Memory of the storages that are <see cref="SlotKind.Port"/>.</param>
    /// <param name="context">What all plans of the backend share.</param>
    /// <param name="profile">True to measure each step.</param>
    /// <param name="around">What the plan around a body owns; null where there is none.</param>
    public CpuPlan(ExecutionPlan plan, IReadOnlyDictionary<int, TensorView> portOf, CpuContext context, bool profile, KernelMemory? around = null)
    {
        Plan = plan;
        pool = context.Pool;
        memory = new KernelMemory(context.Weights, around);
        // What steps find in it is what others left, from the second run on.
        arena = new NativeBlock(plan.ArenaBytes, isZeroed: false);
        long[] portOffsets = PortOffsets(plan, out long portBytes);
        ports = new AlignedBuffer(portBytes);
        slots = Slots(plan, arena, ports, portOffsets, portOf);
        kernels = [.. plan.Steps.Select(step => Bind(step))];
        for (int i = 0; i < kernels.Length; i++)
            if (IsReadAround(i)) kernels[i] = new IdleKernel();
        alone = [.. plan.Steps.Select(step => !context.SharesSmallSteps && IsSmall(step.Cost))];
        Kernels = Array.ConvertAll(kernels, k => k.Name);
        nanoseconds = new long[profile ? kernels.Length : 0];
        roundCosts = new LearnedCost[kernels.Length];

        CpuKernel Bind(PlanStep step)
        {
            CpuKernel kernel = CpuKernels.Bind(new CpuBinding(plan, step, slots, context, memory, context.Choose?.Invoke(plan, step)));
            return context.Trace?.Wrap(step, kernel) ?? kernel;
        }
    }

    /// <summary>All ways to execute the only step of a plan, bound to memory that is gone when this returns.</summary>
    /// <param name="plan">A plan of one step.</param>
    /// <param name="context">What the binding takes.</param>
    /// <param name="rivals">True for those only that may be the fastest.</param>
    public static IReadOnlyList<KernelCandidate> Candidates(ExecutionPlan plan, CpuContext context, bool rivals = false)
    {
        using var memory = new KernelMemory(context.Weights);
        using var ports = new AlignedBuffer(plan.ArenaBytes);
        return CpuKernels.Candidates(new CpuBinding(plan, plan.Steps[0], Slots(plan, null, ports, [.. plan.Slots.Select(s => s.Offset)], new Dictionary<int, TensorView>()), context, memory), rivals);
    }

    /// <summary>A tensor of what a view shows, which outlives the plan.</summary>
    public static Tensor Kept(TensorView view) => new(view.Type, view.Data, view.Owner!);

    /// <summary>Where each storage lies that an input or output has, and -1 for others.</summary>
    private static long[] PortOffsets(ExecutionPlan plan, out long bytes)
    {
        long[] offsets = new long[plan.Slots.Count];
        Array.Fill(offsets, -1);
        bytes = 0;
        foreach (PlanPort port in plan.Inputs.Concat(plan.Outputs))
        {
            int storage = plan.Slots[port.Slot].Storage;
            if (plan.Slots[storage].Kind != SlotKind.Arena || offsets[storage] >= 0) continue;
            offsets[storage] = bytes;
            bytes += (plan.Slots[storage].Type.ByteCount + ExecutionPlan.Alignment - 1) / ExecutionPlan.Alignment * ExecutionPlan.Alignment;
        }
        return offsets;
    }

    private static TensorView[] Slots(ExecutionPlan plan, NativeBlock? arena, AlignedBuffer ports, long[] portOffsets, IReadOnlyDictionary<int, TensorView> portOf) => [.. plan.Slots.Select(slot => slot.Kind switch
    {
        SlotKind.Constant => slot.Constant!.View.As(slot.Type),
        SlotKind.Port => portOf[slot.Storage].As(slot.Type),
        _ when portOffsets[slot.Storage] is >= 0 and var offset => new TensorView((byte*)ports.Data + offset, slot.Type, ports.Owner),
        _ => new TensorView((byte*)arena!.Data + slot.Offset, slot.Type, arena),
    })];

    /// <summary>True for a transposition that all readers do without.</summary>
    private bool IsReadAround(int index)
    {
        PlanStep step = Plan.Steps[index];
        if (!CpuBinding.IsPlanes(Plan, step)) return false;
        int storage = Plan.Slots[step.Outputs[0]].Storage;
        if (Plan.Outputs.Any(port => Plan.Slots[port.Slot].Storage == storage)) return false;
        for (int i = 0; i < kernels.Length; i++)
            for (int input = 0; input < Plan.Steps[i].Inputs.Count; input++)
            {
                int slot = Plan.Steps[i].Inputs[input];
                if (slot >= 0 && Plan.Slots[slot].Storage == storage && (input > 0 || slot != step.Outputs[0] || !kernels[i].ReadsPlanes)) return false;
            }
        return true;
    }

    public ExecutionPlan Plan { get; }

    public IReadOnlyList<string> Kernels { get; }

    public ReadOnlySpan<long> StepNanoseconds => nanoseconds;

    public TensorView Input(int index) => slots[Plan.Inputs[index].Slot];

    public TensorView Output(int index) => slots[Plan.Outputs[index].Slot];

    public void Run()
    {
        // The kernels' pointers are of no use once the buffers are gone.
        ObjectDisposedException.ThrowIf(disposed, this);
        Abandon();
        DenormalFlush.Environment before;
        bool flushes = DenormalFlush.Begin(&before);
        try
        {
            for (int i = 0; i < kernels.Length; i++)
            {
                if (nanoseconds.Length == 0)
                {
                    Run(i);
                    continue;
                }
                long start = Stopwatch.GetTimestamp();
                Run(i);
                nanoseconds[i] = (long)((Stopwatch.GetTimestamp() - start) * NanosecondsPerTick);
            }
        }
        finally
        {
            if (flushes) DenormalFlush.End(&before);
        }
        // Kernels hold bare pointers into the arena, the packed weights and the constants.
        GC.KeepAlive(this);
    }

    public void Abandon() => (nextStep, nextTile) = (0, 0);

    /// <summary>Runs the tiles that fit: what is long is cut between two of them, since they may run in any order.</summary>
    public bool Advance(in TimeBudget budget)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        DenormalFlush.Environment before;
        bool flushes = DenormalFlush.Begin(&before);
        try
        {
            long now = budget.Timestamp;
            while (nextStep < kernels.Length)
            {
                int tiles = kernels[nextStep].Tiles, workers = alone[nextStep] ? 1 : pool.Workers;
                int rounds = budget.Fit(roundCosts[nextStep].Expected, (tiles - nextTile + workers - 1) / workers, now);
                if (rounds == 0) return false;
                int last = Math.Min(tiles, nextTile + rounds * workers);
                if (alone[nextStep]) kernels[nextStep].Run(nextTile, last, 0);
                else pool.Run(kernels[nextStep], nextTile, last);
                long done = budget.Timestamp;
                double taken = budget.Nanoseconds(now, done);
                roundCosts[nextStep].Learn(taken / rounds);
                if (nanoseconds.Length > 0) nanoseconds[nextStep] = (nextTile == 0 ? 0 : nanoseconds[nextStep]) + (long)taken;
                now = done;
                (nextStep, nextTile) = last == tiles ? (nextStep + 1, 0) : (nextStep, last);
            }
        }
        catch
        {
            Abandon();
            throw;
        }
        finally
        {
            if (flushes) DenormalFlush.End(&before);
            GC.KeepAlive(this);
        }
        Abandon();
        return true;
    }

    /// <summary>True where handing out tiles and waiting for the last, about a microsecond, is no gain: by the rates of a slow core, in operations and bytes per nanosecond.</summary>
    private static bool IsSmall(Cost cost) => cost.Operations / 32.0 + cost.Bytes / 16.0 < 2000;

    private void Run(int step)
    {
        if (alone[step]) kernels[step].Run(0, kernels[step].Tiles, 0);
        else pool.Run(kernels[step]);
    }

    public void Dispose()
    {
        if (disposed) return;
        disposed = true;
        arena.Release();
        ports.Dispose();
        memory.Dispose();
    }

    /// <summary>What is left of a step whose readers do without it.</summary>
    private sealed class IdleKernel : CpuKernel
    {
        public override string Name => "none";

        public override void Run(int first, int last, int worker) => Debug.Assert(first == 0 && last == 1, "There is one tile, with nothing to do.");
    }
}
