using EdgeRuntime.Backends.Gpu;
using Silk.NET.Vulkan;
using Buffer = Silk.NET.Vulkan.Buffer;

namespace EdgeRuntime.Backends.Vulkan;

/// <summary>Writes dispatches and copies into command buffers.</summary>
internal sealed unsafe class VulkanRecorder(Vk vk, GpuProgram program, VulkanPipeline[] pipelines, VulkanOperands operands, VulkanTimestamps? timestamps)
{
    private readonly bool[] barriers = GpuBarriers.Before(program.Dispatches);

    /// <summary>Writes the dispatches from <paramref name="first"/> up to but not including <paramref name="end"/>.</summary>
    public void Dispatches(CommandBuffer commands, int first, int end)
    {
        Pipeline bound = default;
        for (int i = first; i < end; i++)
        {
            // Steps are measured one by one.
            if (barriers[i] || timestamps is not null) Barrier(vk, commands);
            GpuDispatch dispatch = program.Dispatches[i];
            VulkanPipeline pipeline = pipelines[i];
            if (pipeline.Handle.Handle != bound.Handle) vk.CmdBindPipeline(commands, PipelineBindPoint.Compute, bound = pipeline.Handle);
            DescriptorSet set = operands[i];
            vk.CmdBindDescriptorSets(commands, PipelineBindPoint.Compute, pipeline.Layout, 0, 1, &set, 0, null);
            ReadOnlySpan<byte> parameters = dispatch.Dispatch.ParameterBytes;
            fixed (byte* values = parameters)
                if (parameters.Length > 0) vk.CmdPushConstants(commands, pipeline.Layout, ShaderStageFlags.ComputeBit, 0, (uint)parameters.Length, values);
            Grid groups = dispatch.Dispatch.Groups;
            vk.CmdDispatch(commands, (uint)groups.X, (uint)groups.Y, (uint)groups.Z);
            timestamps?.Take(commands, i + 1);
        }
    }

    /// <summary>What comes before the first dispatch: the frame before must be done with the arena, and the inputs must have arrived.</summary>
    public void Begin(CommandBuffer commands, Buffer ports, Buffer staging)
    {
        timestamps?.Reset(commands);
        Barrier(vk, commands);
        if (staging.Handle != 0)
        {
            Copy(commands, staging, ports, program.InputRanges);
            Barrier(vk, commands);
        }
        timestamps?.Take(commands, 0);
    }

    /// <summary>What comes after the last dispatch: the outputs, where the host sees them.</summary>
    public void End(CommandBuffer commands, Buffer ports, Buffer staging)
    {
        if (staging.Handle != 0)
        {
            Barrier(vk, commands);
            Copy(commands, ports, staging, program.OutputRanges);
        }
        var barrier = new MemoryBarrier { SType = StructureType.MemoryBarrier, SrcAccessMask = AccessFlags.ShaderWriteBit | AccessFlags.TransferWriteBit, DstAccessMask = AccessFlags.HostReadBit };
        vk.CmdPipelineBarrier(commands, PipelineStageFlags.ComputeShaderBit | PipelineStageFlags.TransferBit, PipelineStageFlags.HostBit, 0, 1, &barrier, 0, null, 0, null);
    }

    /// <summary>What was written before, by shaders or copies, is seen after.</summary>
    public static void Barrier(Vk vk, CommandBuffer commands)
    {
        const PipelineStageFlags stages = PipelineStageFlags.ComputeShaderBit | PipelineStageFlags.TransferBit;
        var barrier = new MemoryBarrier
        {
            SType = StructureType.MemoryBarrier,
            SrcAccessMask = AccessFlags.ShaderWriteBit | AccessFlags.TransferWriteBit,
            DstAccessMask = AccessFlags.ShaderReadBit | AccessFlags.ShaderWriteBit | AccessFlags.TransferReadBit | AccessFlags.TransferWriteBit,
        };
        vk.CmdPipelineBarrier(commands, stages, stages, 0, 1, &barrier, 0, null, 0, null);
    }

    private void Copy(CommandBuffer commands, Buffer from, Buffer to, IEnumerable<GpuRange> ranges)
    {
        foreach (GpuRange range in ranges)
        {
            var copy = new BufferCopy { SrcOffset = (ulong)range.Offset, DstOffset = (ulong)range.Offset, Size = (ulong)range.Bytes };
            vk.CmdCopyBuffer(commands, from, to, 1, &copy);
        }
    }
}
