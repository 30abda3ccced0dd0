using System.Diagnostics;
using System.Runtime.InteropServices;
using EdgeRuntime.Diagnostics;

namespace EdgeRuntime.Tensors;

/// <summary>A zeroed block of unmanaged memory, aligned to a cache line. Freed by <see cref="Dispose"/>, or at last by the finalizer.</summary>
public sealed unsafe class NativeBuffer : IDisposable
{
    /// <summary>Alignment of every buffer, arena slot and weight block, in bytes: one cache line, and the widest vector.</summary>
    public const int Alignment = 64;

    [ThreadStatic]
    private static long allocatedByCurrentThread;

    private void* data;

    /// <summary>Allocates <paramref name="byteCount"/> zeroed bytes.</summary>
    /// <exception cref="EdgeException">The memory is not to be had.</exception>
    public NativeBuffer(long byteCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(byteCount);
        ByteCount = byteCount;
        // Linux grants more than there is and ends the process when it is touched.
        if (GC.GetGCMemoryInfo().TotalAvailableMemoryBytes is var available && available > 0 && byteCount > available)
            throw new EdgeException(ErrorCode.CannotPlan, $"{byteCount:N0} bytes of memory are needed; this machine has {available:N0}.", "Use smaller inputs or a smaller model.");
        // Kernels may read up to one vector past the last element of a row, so every buffer ends in one spare line.
        nuint padded = checked((nuint)byteCount + Alignment);
        try
        {
            data = NativeMemory.AlignedAlloc(padded, Alignment);
        }
        catch (OutOfMemoryException e)
        {
            throw new EdgeException(ErrorCode.CannotPlan, $"{byteCount:N0} bytes of memory could not be allocated.", "Use smaller inputs or a smaller model.", e);
        }
        NativeMemory.Clear(data, padded);
        GC.AddMemoryPressure((long)padded);
        allocatedByCurrentThread += (long)padded;
    }

    /// <summary>Frees memory that nobody disposed.</summary>
    ~NativeBuffer() => Free();

    /// <summary>All bytes that this thread ever asked for, freed or not: what garbage collection does not count.</summary>
    internal static long AllocatedByCurrentThread => allocatedByCurrentThread;

    /// <summary>Size in bytes, without the spare line at the end.</summary>
    public long ByteCount { get; }

    /// <summary>The first byte.</summary>
    public void* Data
    {
        get
        {
            Debug.Assert(data != null, "The buffer is used after it was disposed.");
            return data;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        if (data == null) return;
        NativeMemory.AlignedFree(data);
        data = null;
        GC.RemoveMemoryPressure(ByteCount + Alignment);
    }
}
