using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Planning;
using EdgeRuntime.Tensors;
using Silk.NET.Vulkan;

namespace EdgeRuntime.Backends.Vulkan;

/// <summary>What a frame in flight has of its own: memory for inputs and outputs, descriptors that point there, recorded commands and a fence.</summary>
internal sealed unsafe class VulkanFrame : IDisposable
{
    /// <summary>A device that takes longer for one frame is taken for dead.</summary>
    private const ulong Patience = 60_000_000_000;

    private readonly VulkanContext context;
    private readonly VulkanBuffer? ports;
    private readonly VulkanOperands? operands;
    private readonly Fence fence;
    private CommandPool pool;
    private CommandBuffer commands;
    private bool submitted;

    /// <summary>Records a program.</summary>
    public VulkanFrame(VulkanContext context, GpuProgram program, VulkanPipeline[] pipelines, VulkanBuffer arena, VulkanBuffer weights)
    {
        this.context = context;
        try
        {
            ports = new VulkanBuffer(context, Math.Max(program.PortBytes, ExecutionPlan.Alignment), VulkanMemoryUse.Shared);
            new Span<byte>(ports.Mapped, checked((int)ports.Bytes)).Clear();
            operands = new VulkanOperands(context, program.Dispatches, pipelines, [arena.Handle, weights.Handle, ports.Handle]);
            fence = context.Calls.CreateFence();
            pool = context.Calls.CreateCommandPool(context.QueueFamily);
            commands = context.Calls.BeginCommands(pool);
            VulkanRecorder.Record(context.Calls.Api, commands, program, pipelines, operands);
            context.Calls.End(commands);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Memory of an input or output.</summary>
    public TensorView Port(GpuProgram program, int slot, object owner)
    {
        PlanSlot place = program.Plan.Slots[slot];
        return program.PortOffset(slot) is { } offset ? new TensorView(ports!.Mapped + offset, place.Type, owner) : place.Constant!.View.As(place.Type);
    }

    /// <summary>Starts the frame.</summary>
    public void Submit()
    {
        fixed (CommandBuffer* first = &commands) context.Submit(first, 1, fence);
        submitted = true;
    }

    /// <summary>Waits until the frame is finished.</summary>
    public void Wait()
    {
        if (!submitted) return;
        context.Calls.Wait(fence, Patience);
        submitted = false;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // What the device still executes must not lose its memory.
        if (submitted) context.Calls.WaitIdle();
        submitted = false;
        context.Calls.Destroy(pool);
        context.Calls.Destroy(fence);
        operands?.Dispose();
        ports?.Dispose();
        pool = default;
    }
}
