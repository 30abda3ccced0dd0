using System.Runtime.CompilerServices;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu;

/// <summary>
/// Weights in the order in which kernels read them, made once for all plans of a backend: a session that plans again for other shapes packs nothing again. They live as long as
/// the memory that they were made from.
/// </summary>
internal sealed unsafe class PackedWeights
{
    private readonly ConditionalWeakTable<object, Dictionary<(nint Data, string Layout), AlignedBuffer>> byOwner = [];

    /// <summary>How many there are, for tests.</summary>
    public int Made { get; private set; }

    /// <summary>The memory for a layout of some elements.</summary>
    /// <param name="constant">The elements, which never change.</param>
    /// <param name="layout">What is made of them.</param>
    /// <param name="bytes">Its size.</param>
    /// <param name="isNew">True when the caller is the first to ask and is to fill it.</param>
    public AlignedBuffer Find(in TensorView constant, string layout, long bytes, out bool isNew)
    {
        Dictionary<(nint, string), AlignedBuffer> known = byOwner.GetOrCreateValue(constant.Owner!);
        lock (known)
        {
            (nint, string) key = ((nint)constant.Data, layout);
            isNew = !known.TryGetValue(key, out AlignedBuffer? buffer) || buffer.ByteCount != bytes;
            if (!isNew) return buffer!;
            Made++;
            return known[key] = new AlignedBuffer(bytes);
        }
    }
}
