using System.Runtime.CompilerServices;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu;

/// <summary>
/// Weights in the order in which kernels read them, made once for all plans of a backend: a session that plans again for other shapes packs nothing again. They live as long as
/// the memory that they were made from, or until the backend and all plans that use them are gone.
/// </summary>
internal sealed class PackedWeights : IDisposable
{
    private readonly ConditionalWeakTable<object, Dictionary<(nint Data, string Layout), NativeBlock>> byOwner = [];

    /// <summary>How many there are, for tests.</summary>
    public int Made { get; private set; }

    /// <summary>The memory for a layout of some elements, which the caller holds from now on.</summary>
    /// <param name="constant">The elements, which never change.</param>
    /// <param name="layout">What is made of them.</param>
    /// <param name="bytes">Its size.</param>
    /// <param name="isNew">True when the caller is the first to ask and is to fill it.</param>
    /// <param name="isZeroed">True when it is to be zeros before that.</param>
    public unsafe NativeBlock Find(in TensorView constant, string layout, long bytes, out bool isNew, bool isZeroed = true)
    {
        Dictionary<(nint, string), NativeBlock> known = byOwner.GetOrCreateValue(constant.Owner!);
        lock (known)
        {
            (nint, string) key = ((nint)constant.Data, layout);
            isNew = !known.TryGetValue(key, out NativeBlock? block) || block.ByteCount != bytes;
            if (isNew)
            {
                Made++;
                block?.Release();
                known[key] = block = new NativeBlock(bytes, isZeroed);
            }
            block!.Retain();
            return block;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach ((_, Dictionary<(nint, string), NativeBlock> known) in byOwner)
            lock (known)
            {
                foreach (NativeBlock block in known.Values) block.Release();
                known.Clear();
            }
    }
}
