using System.Diagnostics;
using EdgeRuntime.Planning;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu;

/// <summary>A plan as an array of bound kernels and one arena.</summary>
internal sealed unsafe class CpuPlan : ICompiledPlan
{
    private readonly WorkerPool pool;
    private readonly AlignedBuffer arena;
    private readonly List<AlignedBuffer> buffers = [];
    private readonly TensorView[] slots;
    private readonly CpuKernel[] kernels;
    private readonly long[] nanoseconds;
    private bool disposed;

    public CpuPlan(ExecutionPlan plan, IReadOnlyList<TensorView> ports, WorkerPool pool, bool profile)
    {
        Plan = plan;
        this.pool = pool;
        arena = new AlignedBuffer(plan.ArenaBytes);
        var portOf = plan.Inputs.Concat(plan.Outputs).Zip(ports).ToDictionary(p => p.First.Slot, p => p.Second);
        slots = [.. plan.Slots.Select(Memory)];
        kernels = [.. plan.Steps.Select(step => CpuKernels.Bind(new CpuBinding(plan, step, slots, pool.Workers, buffers)))];
        Kernels = Array.ConvertAll(kernels, k => k.Name);
        nanoseconds = new long[profile ? kernels.Length : 0];

        TensorView Memory(PlanSlot slot) => slot.Kind switch
        {
            SlotKind.Constant => slot.Constant!.View.As(slot.Type),
            SlotKind.Port => portOf[slot.Storage].As(slot.Type),
            _ => new TensorView((byte*)arena.Data + slot.Offset, slot.Type, arena.Owner),
        };
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
        if (nanoseconds.Length == 0)
        {
            foreach (CpuKernel kernel in kernels) pool.Run(kernel);
        }
        else
        {
            for (int i = 0; i < kernels.Length; i++)
            {
                long start = Stopwatch.GetTimestamp();
                pool.Run(kernels[i]);
                nanoseconds[i] = Stopwatch.GetElapsedTime(start).Ticks * 100;
            }
        }
        // Kernels hold bare pointers into the arena, the packed weights and the constants.
        GC.KeepAlive(this);
    }

    public void Dispose()
    {
        disposed = true;
        arena.Dispose();
        foreach (AlignedBuffer buffer in buffers) buffer.Dispose();
    }
}
