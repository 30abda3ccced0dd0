using EdgeRuntime.Graphs;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu;

/// <summary>What the kernels of a plan own: scratch memory and tables, of which small ones lie together, shared weights, and plans of bodies.</summary>
/// <param name="weights">Weights that plans share.</param>
/// <param name="around">That of the plan around a body; null for a plan that is none of a body.</param>
internal sealed unsafe class KernelMemory(PackedWeights weights, KernelMemory? around = null) : IDisposable
{
    private const int BlockBytes = 64 * 1024, LargestInBlock = 8 * 1024;

    private readonly List<NativeBlock> blocks = [];
    private readonly List<IDisposable> owned = [];
    private NativeBlock? block, scratch;
    private int used;

    /// <summary>What folding may take in all bodies together: weights were folded before, this is for arithmetic on shapes.</summary>
    public FoldingBudget Folding { get; } = around?.Folding ?? new FoldingBudget(0);

    /// <summary>Zeroed memory, aligned to a cache line, alive as long as the plan.</summary>
    public void* Allocate(long bytes)
    {
        if (bytes > LargestInBlock) return Add(new NativeBlock(bytes, isZeroed: true)).Data;
        // Kernels may read one vector past the end of what they have.
        int padded = ((int)bytes + AlignedBuffer.Alignment - 1) / AlignedBuffer.Alignment * AlignedBuffer.Alignment + AlignedBuffer.Alignment;
        if (block is null || used + padded > BlockBytes)
        {
            block = Add(new NativeBlock(BlockBytes, isZeroed: true));
            used = 0;
        }
        void* data = (byte*)block.Data + used;
        used += padded;
        return data;
    }

    /// <summary>
    /// Memory for a kernel's use while it runs: the kernels of a plan run one after the other, so those that ask share it, and find in it what others left. It stays in the cache, where memory of each
    /// kernel's own would not.
    /// </summary>
    public void* Scratch(long bytes)
    {
        if (scratch is null || scratch.ByteCount < bytes) scratch = Add(new NativeBlock(bytes, isZeroed: false));
        return scratch.Data;
    }

    /// <summary>A tensor of its own, which its view keeps alive.</summary>
    public TensorView Tensor(in TensorType type) => new Tensor(type).View;

    /// <summary>Memory for what is made of constant elements alone, shared by all plans that make the same of them.</summary>
    /// <param name="constant">The elements.</param>
    /// <param name="layout">What is made of them: kernels that name the same layout make the same bytes.</param>
    /// <param name="bytes">Its size.</param>
    /// <param name="isNew">True when it is still to be filled.</param>
    /// <param name="isZeroed">True when it is to be zeros before that.</param>
    public void* Shared(in TensorView constant, string layout, long bytes, out bool isNew, bool isZeroed = true) => Add(weights.Find(constant, layout, bytes, out isNew, isZeroed)).Data;

    /// <summary>Disposes something with the plan.</summary>
    public T Own<T>(T resource) where T : IDisposable
    {
        owned.Add(resource);
        return resource;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IDisposable resource in owned) resource.Dispose();
        // What other plans share stays until they have let go of it, too.
        foreach (NativeBlock held in blocks) held.Release();
        blocks.Clear();
    }

    private NativeBlock Add(NativeBlock held)
    {
        blocks.Add(held);
        return held;
    }
}
