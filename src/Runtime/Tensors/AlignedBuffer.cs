using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using EdgeRuntime.Diagnostics;

namespace EdgeRuntime.Tensors;

/// <summary>
/// A zeroed block of memory that never moves, aligned to a cache line. It is a pinned array, so that every view and every span
/// of it keeps it alive: nothing can be read after it is gone.
/// </summary>
public sealed unsafe class AlignedBuffer : IDisposable
{
    /// <summary>Alignment of every buffer, arena slot and weight block, in bytes: one cache line, and the widest vector.</summary>
    public const int Alignment = 64;

    private ulong[]? words;

    /// <summary>Allocates <paramref name="byteCount"/> zeroed bytes.</summary>
    /// <exception cref="EdgeException">The memory is not to be had.</exception>
    public AlignedBuffer(long byteCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(byteCount);
        ByteCount = byteCount;
        // Linux grants more than there is and ends the process when it is touched.
        if (GC.GetGCMemoryInfo().TotalAvailableMemoryBytes is var available && available > 0 && byteCount > available)
            throw new EdgeException(ErrorCode.CannotPlan, $"{byteCount:N0} bytes of memory are needed; this machine has {available:N0}.", "Use smaller inputs or a smaller model.");
        // Room to align the start; and kernels may read up to one vector past the last element, so one spare line at the end.
        long padded = (byteCount + 2 * Alignment + sizeof(ulong) - 1) / sizeof(ulong);
        try
        {
            words = GC.AllocateArray<ulong>(checked((int)padded), pinned: true);
        }
        catch (Exception e) when (e is OutOfMemoryException or OverflowException)
        {
            throw new EdgeException(ErrorCode.CannotPlan, $"{byteCount:N0} bytes of memory could not be allocated.", "Use smaller inputs or a smaller model.", e);
        }
        Data = (void*)(((nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(words)) + Alignment - 1) & -Alignment);
    }

    /// <summary>Size in bytes, without the spare line at the end.</summary>
    public long ByteCount { get; }

    /// <summary>The first byte; valid while this buffer, a view or a span of it is alive.</summary>
    public void* Data { get; }

    /// <summary>The array, for views to keep alive.</summary>
    internal object Owner => words ?? throw new ObjectDisposedException(nameof(AlignedBuffer));

    /// <summary>Lets go of the memory; views made before keep theirs.</summary>
    public void Dispose() => words = null;

    /// <summary>Elements at a pointer. Those in a buffer's array are tracked by the garbage collector, others live as long as their owner.</summary>
    internal static Span<T> Span<T>(object? owner, void* data, int count) where T : unmanaged
    {
        if (owner is not ulong[] array) return new Span<T>(data, count);
        ref byte start = ref Unsafe.As<ulong, byte>(ref MemoryMarshal.GetArrayDataReference(array));
        nint offset = (nint)data - (nint)Unsafe.AsPointer(ref start);
        return MemoryMarshal.CreateSpan(ref Unsafe.As<byte, T>(ref Unsafe.AddByteOffset(ref start, offset)), count);
    }
}
