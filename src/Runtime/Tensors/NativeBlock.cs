using System.Runtime.InteropServices;
using EdgeRuntime.Diagnostics;

namespace EdgeRuntime.Tensors;

/// <summary>
/// Memory from the operating system, aligned to a cache line, for what is only read through pointers by those that hold it: packed weights, scratch. Unlike an array it does not hasten the garbage
/// collector, which would else look through the whole heap for each few megabytes that a model packs. It is freed by the last of its holders, or with them.
/// </summary>
internal sealed unsafe class NativeBlock
{
    private static readonly long Available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    private void* memory;
    private int holders = 1;

    /// <summary>Allocates bytes; the caller holds them.</summary>
    /// <param name="byteCount">How many.</param>
    /// <param name="isZeroed">True for zeros, false for whatever is there.</param>
    /// <exception cref="EdgeException">The memory is not to be had.</exception>
    public NativeBlock(long byteCount, bool isZeroed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(byteCount);
        ByteCount = byteCount;
        // Linux grants more than there is and ends the process when it is touched.
        if (Available > 0 && byteCount > Available)
            throw new EdgeException(ErrorCode.CannotPlan, $"{byteCount:N0} bytes of memory are needed; this machine has {Available:N0}.", "Use smaller inputs or a smaller model.");
        try
        {
            // Room to align the start; and kernels may read up to one vector past the last element.
            nuint padded = checked((nuint)byteCount + 2 * AlignedBuffer.Alignment);
            memory = isZeroed ? NativeMemory.AllocZeroed(padded) : NativeMemory.Alloc(padded);
        }
        catch (Exception e) when (e is OutOfMemoryException or OverflowException)
        {
            throw new EdgeException(ErrorCode.CannotPlan, $"{byteCount:N0} bytes of memory could not be allocated.", "Use smaller inputs or a smaller model.", e);
        }
        Data = (void*)(((nint)memory + AlignedBuffer.Alignment - 1) & -AlignedBuffer.Alignment);
    }

    ~NativeBlock() => Free();

    /// <summary>Size in bytes, without the spare line at the end.</summary>
    public long ByteCount { get; }

    /// <summary>The first byte; valid until the last holder lets go.</summary>
    public void* Data { get; }

    /// <summary>Holds it once more.</summary>
    public void Retain() => Interlocked.Increment(ref holders);

    /// <summary>Lets go.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref holders) > 0) return;
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        NativeMemory.Free(memory);
        memory = null;
    }
}
