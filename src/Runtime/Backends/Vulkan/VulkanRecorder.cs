using EdgeRuntime.Backends.Gpu;
using Silk.NET.Vulkan;

namespace EdgeRuntime.Backends.Vulkan;

/// <summary>Writes a program into a command buffer.</summary>
internal static unsafe class VulkanRecorder
{
    public static void Record(Vk vk, CommandBuffer commands, GpuProgram program, VulkanPipeline[] pipelines, VulkanOperands operands)
    {
        Pipeline bound = default;
        // Another frame may still be at work in the arena.
        Barrier(vk, commands, PipelineStageFlags.ComputeShaderBit, AccessFlags.ShaderReadBit | AccessFlags.ShaderWriteBit);
        for (int i = 0; i < program.Dispatches.Count; i++)
        {
            GpuDispatch dispatch = program.Dispatches[i];
            VulkanPipeline pipeline = pipelines[i];
            if (i > 0) Barrier(vk, commands, PipelineStageFlags.ComputeShaderBit, AccessFlags.ShaderReadBit | AccessFlags.ShaderWriteBit);
            if (pipeline.Handle.Handle != bound.Handle) vk.CmdBindPipeline(commands, PipelineBindPoint.Compute, bound = pipeline.Handle);
            DescriptorSet set = operands[i];
            vk.CmdBindDescriptorSets(commands, PipelineBindPoint.Compute, pipeline.Layout, 0, 1, &set, 0, null);
            fixed (byte* parameters = dispatch.Dispatch.ParameterBytes)
                if (parameters != null) vk.CmdPushConstants(commands, pipeline.Layout, ShaderStageFlags.ComputeBit, 0, (uint)dispatch.Dispatch.ParameterBytes.Length, parameters);
            Grid groups = dispatch.Dispatch.Groups;
            vk.CmdDispatch(commands, (uint)groups.X, (uint)groups.Y, (uint)groups.Z);
        }
        Barrier(vk, commands, PipelineStageFlags.HostBit, AccessFlags.HostReadBit);
    }

    /// <summary>What shaders wrote before is seen after.</summary>
    private static void Barrier(Vk vk, CommandBuffer commands, PipelineStageFlags by, AccessFlags how)
    {
        var barrier = new MemoryBarrier { SType = StructureType.MemoryBarrier, SrcAccessMask = AccessFlags.ShaderWriteBit, DstAccessMask = how };
        vk.CmdPipelineBarrier(commands, PipelineStageFlags.ComputeShaderBit, by, 0, 1, &barrier, 0, null, 0, null);
    }
}
