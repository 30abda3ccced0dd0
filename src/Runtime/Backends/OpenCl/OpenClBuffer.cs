using EdgeRuntime.Planning;
using Silk.NET.OpenCL;

namespace EdgeRuntime.Backends.OpenCl;

/// <summary>A buffer of the device.</summary>
internal sealed unsafe class OpenClBuffer(OpenClCalls calls, long bytes, MemFlags flags, void* host = null) : IDisposable
{
    /// <summary>The buffer.</summary>
    public nint Handle { get; private set; } = calls.CreateBuffer(flags, bytes, host);

    /// <summary>The size of a buffer for so many bytes: kernels may read, and leave alone, up to three floats after the last.</summary>
    public static long Room(long bytes) => Math.Max(bytes, ExecutionPlan.Alignment) + 16;

    /// <summary>Its size.</summary>
    public long Bytes => bytes;

    /// <inheritdoc/>
    public void Dispose()
    {
        calls.ReleaseBuffer(Handle);
        Handle = 0;
    }
}
