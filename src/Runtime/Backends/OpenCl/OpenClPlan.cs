using System.Runtime.InteropServices;
using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Planning;
using EdgeRuntime.Tensors;
using Silk.NET.OpenCL;

namespace EdgeRuntime.Backends.OpenCl;

/// <summary>
/// A program on a device: one arena, one buffer of weights, one of inputs and outputs, and kernels whose arguments are set once. A frame puts them all
/// into the queue and waits for the last.
/// </summary>
/// <remarks>
/// Inputs and outputs lie in memory of the host, in the same place as long as the plan is: where the device shares that memory, it is given to the device for
/// the time of a frame; elsewhere it is copied, pinned. Views must not be used after the plan is disposed.
/// </remarks>
internal sealed unsafe class OpenClPlan : ICompiledPlan
{
    /// <summary>What drivers ask of memory that they are to share without copying.</summary>
    private const int Page = 4096;

    private readonly OpenClContext context;
    private readonly OpenClPrograms programs;
    private readonly GpuProgram program;
    private readonly OpenClQueue? queue;
    private readonly OpenClBuffer? arena, weights, ports, staging;
    private readonly OpenClKernels? kernels;
    private readonly GpuRange[] entering, leaving;
    private readonly int[] cuts;
    private readonly TensorView[] inputs, outputs;
    private readonly long[] stepNanoseconds;
    private readonly nint[] events;
    private readonly bool unified, kept;
    private void* shared, mapped;
    private bool ran, disposed;

    /// <summary>Prepares a program.</summary>
    /// <param name="context">The device.</param>
    /// <param name="programs">Its programs.</param>
    /// <param name="program">What is executed.</param>
    /// <param name="profile">True to measure each step.</param>
    /// <param name="kept">Whether what is compiled is worth to be kept for the next start.</param>
    public OpenClPlan(OpenClContext context, OpenClPrograms programs, GpuProgram program, bool profile = false, bool kept = false)
    {
        (this.context, this.programs, this.program, this.kept) = (context, programs, program, kept);
        profile &= context.Traits.Timestamps;
        unified = context.Traits.UnifiedMemory;
        (entering, leaving) = ([.. program.InputRanges], [.. program.OutputRanges]);
        cuts = GpuCuts.Estimate(program);
        stepNanoseconds = new long[profile ? Plan.Steps.Count : 0];
        events = new nint[profile ? program.Dispatches.Count : 0];
        OpenClCalls calls = context.Calls;
        try
        {
            queue = new OpenClQueue(context, profile);
            arena = new OpenClBuffer(calls, OpenClBuffer.Room(program.ArenaBytes), MemFlags.ReadWrite);
            weights = new OpenClBuffer(calls, OpenClBuffer.Room(program.WeightBytes), MemFlags.ReadOnly);
            long bytes = (OpenClBuffer.Room(program.PortBytes) + Page - 1) / Page * Page;
            if (unified)
            {
                shared = NativeMemory.AlignedAlloc((nuint)bytes, Page);
                NativeMemory.Clear(shared, (nuint)bytes);
                ports = new OpenClBuffer(calls, bytes, MemFlags.ReadWrite | MemFlags.UseHostPtr, shared);
            }
            else
            {
                ports = new OpenClBuffer(calls, bytes, MemFlags.ReadWrite);
                staging = new OpenClBuffer(calls, bytes, MemFlags.ReadWrite | MemFlags.AllocHostPtr);
            }
            kernels = new OpenClKernels(context, programs, program.Dispatches, [arena.Handle, weights.Handle, ports.Handle]);
            OpenClUploader.Fill(context, queue, program, arena, weights);
            mapped = calls.Map(queue.Handle, (staging ?? ports).Handle, MapFlags.Read | MapFlags.Write, 0, bytes, out nint done);
            queue.Finish(done);
            new Span<byte>(mapped, checked((int)bytes)).Clear();
            inputs = [.. Plan.Inputs.Select(p => Port(p.Slot))];
            outputs = [.. Plan.Outputs.Select(p => Port(p.Slot))];
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

    /// <inheritdoc/>
    public TensorView Input(int index) => inputs[index];

    /// <inheritdoc/>
    public TensorView Output(int index) => outputs[index];

    /// <inheritdoc/>
    public void Run()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        OpenClCalls calls = context.Calls;
        nint handle = queue!.Handle, done;
        queue.Begin();
        if (unified) calls.Unmap(handle, ports!.Handle, mapped);
        else foreach (GpuRange range in entering) calls.Write(handle, ports!.Handle, range.Offset, range.Bytes, (byte*)mapped + range.Offset);
        for (int i = 0; i < cuts.Length; i++)
        {
            kernels!.Enqueue(handle, i == 0 ? 0 : cuts[i - 1], cuts[i], events);
            // The device may begin while the rest is put into the queue.
            if (i < cuts.Length - 1) calls.Flush(handle);
        }
        if (unified)
        {
            mapped = calls.Map(handle, ports!.Handle, MapFlags.Read | MapFlags.Write, 0, ports.Bytes, out done);
        }
        else
        {
            foreach (GpuRange range in leaving) calls.Read(handle, ports!.Handle, range.Offset, range.Bytes, (byte*)mapped + range.Offset);
            done = calls.Mark(handle);
        }
        queue.Finish(done);
        ran = true;
        if (events.Length > 0) ReadTimes();
    }

    /// <summary>Runs dispatch by dispatch: drivers compile kernels for their workgroups when they are put into a queue first.</summary>
    /// <exception cref="OperationCanceledException">It was stopped; there is no result.</exception>
    public void WarmUp(CancellationToken stop)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        OpenClCalls calls = context.Calls;
        nint handle = queue!.Handle;
        queue.Begin();
        if (unified) calls.Unmap(handle, ports!.Handle, mapped);
        queue.Finish();
        for (int i = 0; i < program.Dispatches.Count && !stop.IsCancellationRequested; i++)
        {
            queue.Begin();
            kernels!.Enqueue(handle, i, i + 1, []);
            queue.Finish();
            ran = true;
        }
        if (unified)
        {
            mapped = calls.Map(handle, ports!.Handle, MapFlags.Read | MapFlags.Write, 0, ports.Bytes, out nint done);
            queue.Finish(done);
        }
        stop.ThrowIfCancellationRequested();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (disposed) return;
        disposed = true;
        queue?.Settle();
        ReleaseEvents();
        // Now the driver has compiled all it needs.
        if (kept && ran && !context.Calls.Abandoned) programs.Save();
        kernels?.Dispose();
        staging?.Dispose();
        ports?.Dispose();
        weights?.Dispose();
        arena?.Dispose();
        queue?.Dispose();
        // A device that was given up may still write to it.
        if (!context.Calls.Defer(Free, (nint)shared)) Free((nint)shared);
        shared = null;

        static void Free(nint memory) => NativeMemory.AlignedFree((void*)memory);
    }

    private TensorView Port(int slot)
    {
        PlanSlot place = Plan.Slots[slot];
        return program.PortOffset(slot) is { } offset ? new TensorView((byte*)mapped + offset, place.Type, this) : place.Constant!.View.As(place.Type);
    }

    private void ReadTimes()
    {
        stepNanoseconds.AsSpan().Clear();
        for (int i = 0; i < events.Length; i++)
        {
            if (program.Dispatches[i].Step is not (>= 0 and var step)) continue;
            stepNanoseconds[step] += Math.Max((long)(context.Calls.Ended(events[i]) - context.Calls.Began(events[i])), 0);
        }
        ReleaseEvents();
    }

    private void ReleaseEvents()
    {
        foreach (ref nint done in events.AsSpan())
        {
            context.Calls.ReleaseEvent(done);
            done = 0;
        }
    }
}
