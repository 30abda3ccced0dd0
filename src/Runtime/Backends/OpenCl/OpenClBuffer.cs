using Silk.NET.OpenCL;

namespace EdgeRuntime.Backends.OpenCl;

/// <summary>A buffer of the device.</summary>
internal sealed unsafe class OpenClBuffer(OpenClCalls calls, long bytes, MemFlags flags, void* host = null) : IDisposable
{
    /// <summary>The buffer.</summary>
    public nint Handle { get; private set; } = calls.CreateBuffer(flags, bytes, host);

    /// <summary>Its size.</summary>
    public long Bytes => bytes;

    /// <inheritdoc/>
    public void Dispose()
    {
        calls.ReleaseBuffer(Handle);
        Handle = 0;
    }
}
