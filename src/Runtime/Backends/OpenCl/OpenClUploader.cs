using EdgeRuntime.Backends.Gpu;
using Silk.NET.OpenCL;

namespace EdgeRuntime.Backends.OpenCl;

/// <summary>Fills the memory of a plan before its first run: the weights with what they are, the arena with zeros.</summary>
internal static unsafe class OpenClUploader
{
    /// <summary>What is mapped at once: a driver may need as much memory of the host.</summary>
    private const long Room = 16 << 20;

    /// <summary>Fills weights and arena, and waits until that is done.</summary>
    public static void Fill(OpenClContext context, OpenClQueue queue, GpuProgram program, OpenClBuffer arena, OpenClBuffer weights)
    {
        IReadOnlyList<GpuUpload> uploads = program.Uploads;
        for (int first = 0, end; first < uploads.Count; first = end)
        {
            long start = uploads[first].Offset;
            // Uploads follow each other in the weights, so that what fits is mapped as one.
            for (end = first + 1; end < uploads.Count && uploads[end].Offset + uploads[end].Bytes - start <= Room; end++) { }
            long bytes = uploads[end - 1].Offset + uploads[end - 1].Bytes - start;
            queue.Begin();
            byte* mapped = (byte*)context.Calls.Map(queue.Handle, weights.Handle, MapFlags.WriteInvalidateRegion, start, bytes, out nint done);
            queue.Finish(done);
            for (int i = first; i < end; i++) program.Write(uploads[i], new Span<byte>(mapped + (uploads[i].Offset - start), uploads[i].Bytes));
            queue.Begin();
            context.Calls.Unmap(queue.Handle, weights.Handle, mapped);
        }
        queue.Begin();
        context.Calls.Clear(queue.Handle, arena.Handle, arena.Bytes);
        queue.Finish();
    }
}
