using EdgeRuntime.Backends.Gpu;
using Silk.NET.Vulkan;

namespace EdgeRuntime.Backends.Vulkan;

/// <summary>Fills the memory of a plan before its first run: the weights with what they are, the arena with zeros.</summary>
internal sealed unsafe class VulkanUploader : IDisposable
{
    /// <summary>What is copied at once.</summary>
    private const long Room = 16 << 20;

    private readonly VulkanContext context;
    private readonly VulkanBuffer arena, weights;
    private readonly VulkanBuffer? staging;
    private readonly CommandPool pool;
    private readonly Fence fence;

    private VulkanUploader(VulkanContext context, VulkanBuffer arena, VulkanBuffer weights, long room)
    {
        (this.context, this.arena, this.weights) = (context, arena, weights);
        try
        {
            fence = context.Calls.CreateFence();
            pool = context.Calls.CreateCommandPool(context.QueueFamily);
            if (room > 0) staging = new VulkanBuffer(context, room, VulkanMemoryUse.Upload);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Fills weights and arena. Weights that the host sees are written in their place.</summary>
    public static void Fill(VulkanContext context, GpuProgram program, VulkanBuffer arena, VulkanBuffer weights)
    {
        bool direct = weights.Mapped != null;
        long room = direct || program.Uploads.Count == 0 ? 0 : Math.Min(program.WeightBytes, Math.Max(Room, program.Uploads.Max(u => (long)u.Bytes)));
        using var uploader = new VulkanUploader(context, arena, weights, room);
        if (direct) foreach (GpuUpload upload in program.Uploads) program.Write(upload, new Span<byte>(weights.Mapped + upload.Offset, upload.Bytes));
        else uploader.Copy(program);
        uploader.Submit(0, 0, clear: true);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        context.Calls.Destroy(pool);
        context.Calls.Destroy(fence);
        staging?.Dispose();
    }

    private void Copy(GpuProgram program)
    {
        long start = 0, end = 0;
        foreach (GpuUpload upload in program.Uploads)
        {
            // Uploads follow each other in the weights, so that what fits is copied as one.
            if (upload.Offset + upload.Bytes - start > staging!.Bytes)
            {
                Submit(start, end - start, clear: false);
                start = upload.Offset;
            }
            program.Write(upload, new Span<byte>(staging.Mapped + (upload.Offset - start), upload.Bytes));
            end = upload.Offset + upload.Bytes;
        }
        Submit(start, end - start, clear: false);
    }

    private void Submit(long offset, long bytes, bool clear)
    {
        if (bytes == 0 && !clear) return;
        context.Calls.Reset(pool);
        CommandBuffer commands = context.Calls.BeginCommands(pool);
        Vk vk = context.Calls.Api;
        if (clear) vk.CmdFillBuffer(commands, arena.Handle, 0, (ulong)arena.Bytes, 0);
        if (bytes > 0)
        {
            var copy = new BufferCopy { SrcOffset = 0, DstOffset = (ulong)offset, Size = (ulong)bytes };
            vk.CmdCopyBuffer(commands, staging!.Handle, weights.Handle, 1, &copy);
        }
        VulkanRecorder.Barrier(vk, commands);
        context.Calls.End(commands);
        context.Submit(&commands, 1, fence);
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
    }
}
