using System.Diagnostics;
using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Planning;
using EdgeRuntime.Tensors;
using Silk.NET.Vulkan;

namespace EdgeRuntime.Backends.Vulkan;

/// <summary>
/// What a frame in flight has of its own: memory for inputs and outputs, descriptors that point there, recorded commands and a fence.
/// Where the host cannot see the device's memory, inputs and outputs are copied by way of memory that both see.
/// </summary>
internal sealed unsafe class VulkanFrame : IDisposable
{
    private readonly VulkanContext context;
    private readonly VulkanBuffer? ports, staging;
    private readonly VulkanOperands? operands;
    private readonly VulkanTimestamps? timestamps;
    private readonly VulkanRecorder? recorder;
    private readonly CommandPool pool;
    private readonly Fence fence;
    private CommandBuffer[] commands = [], pieces = [];
    private int[] commandCuts = [], pieceCuts = [];
    private long submitted;
    private bool partial;

    /// <summary>Records a program.</summary>
    public VulkanFrame(VulkanContext context, GpuProgram program, VulkanPipeline[] pipelines, VulkanBuffer arena, VulkanBuffer weights, int[] cuts, bool profile)
    {
        this.context = context;
        try
        {
            long bytes = Math.Max(program.PortBytes, ExecutionPlan.Alignment);
            bool unified = context.Traits.UnifiedMemory;
            ports = new VulkanBuffer(context, bytes, unified ? VulkanMemoryUse.Shared : VulkanMemoryUse.Device);
            if (!unified) staging = new VulkanBuffer(context, bytes, VulkanMemoryUse.Shared);
            new Span<byte>((staging ?? ports).Mapped, checked((int)bytes)).Clear();
            operands = new VulkanOperands(context, program.Dispatches, pipelines, [arena.Handle, weights.Handle, ports.Handle]);
            if (profile && context.TimestampBits > 0) timestamps = new VulkanTimestamps(context, program);
            recorder = new VulkanRecorder(context.Calls.Api, program, pipelines, operands, timestamps);
            fence = context.Calls.CreateFence();
            pool = context.Calls.CreateCommandPool(context.QueueFamily);
            Record(cuts);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Whether the frame was started and not waited for.</summary>
    public bool InFlight { get; private set; }

    /// <summary>Memory of an input or output.</summary>
    public TensorView Port(GpuProgram program, int slot, object owner)
    {
        PlanSlot place = program.Plan.Slots[slot];
        return program.PortOffset(slot) is { } offset ? new TensorView((staging ?? ports!).Mapped + offset, place.Type, owner) : place.Constant!.View.As(place.Type);
    }

    /// <summary>Records the commands anew, divided into submissions; the frame must not be in flight.</summary>
    public void Record(int[] cuts)
    {
        context.Calls.Reset(pool);
        commandCuts = cuts;
        commands = Recorded(cuts);
        pieces = Recorded(pieceCuts);
    }

    /// <summary>Records the commands once more, in pieces that are submitted by <see cref="SubmitPieces"/>; the frame must not be in flight.</summary>
    public void RecordPieces(int[] cuts)
    {
        pieceCuts = cuts;
        Record(commandCuts);
    }

    /// <summary>Starts some of the pieces; those before must have ended.</summary>
    public void SubmitPieces(int from, int count)
    {
        if (InFlight) throw new InvalidOperationException("Pieces must be waited for before others are started.");
        fixed (CommandBuffer* first = pieces) context.Submit(first + from, count, fence);
        (InFlight, submitted) = (true, Stopwatch.GetTimestamp());
    }

    /// <summary>True when what was started has ended, within a time.</summary>
    public bool HasEnded(TimeSpan within)
    {
        if (!InFlight) return true;
        bool patient = Stopwatch.GetElapsedTime(submitted).Ticks < (long)Math.Min(context.Patience / 100, long.MaxValue);
        if (!context.Calls.Settles(fence, (ulong)within.Ticks * 100) && patient) return false;
        context.Calls.Wait(fence, 0);
        InFlight = false;
        return true;
    }

    /// <summary>Starts the frame.</summary>
    public void Submit()
    {
        if (InFlight) throw new InvalidOperationException("A frame must be waited for before it is started again.");
        partial = commands.Length > 1;
        fixed (CommandBuffer* first = commands)
            for (int i = 0; i < commands.Length; i++) context.Submit(first + i, 1, i == commands.Length - 1 ? fence : default);
        partial = false;
        InFlight = true;
    }

    /// <summary>Waits until the frame is finished; at once when it was not started.</summary>
    public void Wait()
    {
        if (!InFlight) return;
        context.Calls.Wait(fence, context.Patience);
        InFlight = false;
    }

    /// <summary>Runs the frame one submission after the other, and measures how long each takes.</summary>
    public void Measure(Span<long> nanoseconds)
    {
        fixed (CommandBuffer* first = commands)
            for (int i = 0; i < commands.Length; i++)
            {
                long start = Stopwatch.GetTimestamp();
                context.Submit(first + i, 1, fence);
                InFlight = true;
                Wait();
                nanoseconds[i] = Stopwatch.GetElapsedTime(start).Ticks * 100;
            }
    }

    /// <summary>Reads how long each step took; the frame must be finished.</summary>
    public void ReadTimes(Span<long> stepNanoseconds) => timestamps?.Read(stepNanoseconds);

    private CommandBuffer[] Recorded(int[] cuts)
    {
        var recorded = new CommandBuffer[cuts.Length];
        for (int i = 0; i < cuts.Length; i++)
        {
            recorded[i] = context.Calls.BeginCommands(pool);
            if (i == 0) recorder!.Begin(recorded[i], ports!.Handle, staging?.Handle ?? default);
            recorder!.Dispatches(recorded[i], i == 0 ? 0 : cuts[i - 1], cuts[i]);
            if (i == cuts.Length - 1) recorder.End(recorded[i], ports!.Handle, staging?.Handle ?? default);
            context.Calls.End(recorded[i]);
        }
        return recorded;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // What the device still executes must not lose its memory.
        if (partial) context.WaitIdle();
        else if (InFlight && !context.Calls.Settles(fence, context.Grace)) context.Calls.Abandon(fence);
        (partial, InFlight) = (false, false);
        context.Calls.Destroy(pool);
        context.Calls.Destroy(fence);
        timestamps?.Dispose();
        operands?.Dispose();
        staging?.Dispose();
        ports?.Dispose();
    }
}
