using System.Diagnostics;
using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Planning;
using Silk.NET.Vulkan;

namespace EdgeRuntime.Backends.Vulkan;

/// <summary>A step executed alone, many times in a row, to measure how long it takes.</summary>
internal sealed unsafe class VulkanTrial : IGpuTrial
{
    private readonly VulkanContext context;
    private readonly VulkanBuffer? arena, weights, ports;
    private readonly VulkanOperands? operands;
    private readonly VulkanRecorder? recorder;
    private readonly CommandPool pool;
    private readonly Fence fence;
    private readonly QueryPool clock;
    private readonly int first, end;
    private CommandBuffer commands;
    private int recorded;

    /// <summary>Prepares the one step of a program: its inputs are zeros, its weights what they are.</summary>
    public VulkanTrial(VulkanContext context, VulkanPipelines pipelines, GpuProgram program)
    {
        this.context = context;
        first = program.Dispatches.TakeWhile(d => d.Step < 0).Count();
        end = first + program.Dispatches.Count(d => d.Step >= 0);
        try
        {
            VulkanPipeline[] made = [.. program.Dispatches.Select(pipelines.Get)];
            arena = new VulkanBuffer(context, Math.Max(program.ArenaBytes, ExecutionPlan.Alignment), VulkanMemoryUse.Device);
            weights = new VulkanBuffer(context, Math.Max(program.WeightBytes, ExecutionPlan.Alignment), context.Traits.UnifiedMemory ? VulkanMemoryUse.Upload : VulkanMemoryUse.Device);
            ports = new VulkanBuffer(context, Math.Max(program.PortBytes, ExecutionPlan.Alignment), VulkanMemoryUse.Device);
            VulkanUploader.Fill(context, program, arena, weights);
            operands = new VulkanOperands(context, program.Dispatches, made, [arena.Handle, weights.Handle, ports.Handle]);
            recorder = new VulkanRecorder(context.Calls.Api, program, made, operands, null);
            fence = context.Calls.CreateFence();
            pool = context.Calls.CreateCommandPool(context.QueueFamily);
            if (context.TimestampBits > 0) clock = context.Calls.CreateTimestamps(2);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public long Measure(int repetitions)
    {
        if (recorded != repetitions) Record(repetitions);
        long start = Stopwatch.GetTimestamp();
        fixed (CommandBuffer* submitted = &commands) context.Submit(submitted, 1, fence);
        try
        {
            context.Calls.Wait(fence, context.Patience);
        }
        catch
        {
            // What is destroyed now must not be in use.
            if (!context.Calls.Settles(fence, context.Grace)) context.Calls.Abandon(fence);
            throw;
        }
        long nanoseconds = (long)(Stopwatch.GetElapsedTime(start).TotalMicroseconds * 1000);
        if (clock.Handle != 0)
        {
            Span<ulong> ticks = stackalloc ulong[2];
            context.Calls.Read(clock, ticks);
            nanoseconds = VulkanTimestamps.Nanoseconds(ticks[0], ticks[1], context.TimestampBits, context.Description.TimestampNanoseconds ?? 1);
        }
        return Math.Max(nanoseconds / repetitions, 1);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        context.Calls.Destroy(pool);
        context.Calls.Destroy(fence);
        context.Calls.Destroy(clock);
        operands?.Dispose();
        ports?.Dispose();
        weights?.Dispose();
        arena?.Dispose();
    }

    private void Record(int repetitions)
    {
        Vk vk = context.Calls.Api;
        recorded = 0;
        context.Calls.Reset(pool);
        commands = context.Calls.BeginCommands(pool);
        if (clock.Handle != 0)
        {
            vk.CmdResetQueryPool(commands, clock, 0, 2);
            vk.CmdWriteTimestamp(commands, PipelineStageFlags.BottomOfPipeBit, clock, 0);
        }
        for (int i = 0; i < repetitions; i++)
        {
            VulkanRecorder.Barrier(vk, commands);
            recorder!.Dispatches(commands, first, end);
        }
        if (clock.Handle != 0) vk.CmdWriteTimestamp(commands, PipelineStageFlags.BottomOfPipeBit, clock, 1);
        context.Calls.End(commands);
        recorded = repetitions;
    }
}
