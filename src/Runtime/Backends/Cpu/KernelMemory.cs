using EdgeRuntime.Graphs;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu;

/// <summary>What the kernels of a plan own: scratch memory and tables, of which small ones lie together, shared weights, and plans of bodies.</summary>
/// <param name="weights">Weights that plans share.</param>
/// <param name="around">That of the plan around a body; null for a plan that is none of a body.</param>
internal sealed unsafe class KernelMemory(PackedWeights weights, KernelMemory? around = null) : IDisposable
{
    private const int BlockBytes = 64 * 1024, LargestInBlock = 8 * 1024;

    private readonly List<AlignedBuffer> buffers = [];
    private readonly List<AlignedBuffer> shared = [];
    private readonly List<IDisposable> owned = [];
    private AlignedBuffer? block;
    private int used;

    /// <summary>What folding may take in all bodies together: weights were folded before, this is for arithmetic on shapes.</summary>
    public FoldingBudget Folding { get; } = around?.Folding ?? new FoldingBudget(0);

    /// <summary>Zeroed memory, aligned to a cache line, alive as long as the plan.</summary>
    public void* Allocate(long bytes) => View(bytes, out _);

    /// <summary>A tensor of its own, alive as long as the plan.</summary>
    public TensorView Tensor(in TensorType type)
    {
        void* data = View(type.ByteCount, out object owner);
        return new TensorView(data, type, owner);
    }

    /// <summary>Memory for what is made of constant elements alone, shared by all plans that make the same of them.</summary>
    /// <param name="constant">The elements.</param>
    /// <param name="layout">What is made of them: kernels that name the same layout make the same bytes.</param>
    /// <param name="bytes">Its size.</param>
    /// <param name="isNew">True when it is still to be filled.</param>
    public void* Shared(in TensorView constant, string layout, long bytes, out bool isNew)
    {
        AlignedBuffer buffer = weights.Find(constant, layout, bytes, out isNew);
        shared.Add(buffer);
        return buffer.Data;
    }

    /// <summary>Disposes something with the plan.</summary>
    public T Own<T>(T resource) where T : IDisposable
    {
        owned.Add(resource);
        return resource;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (AlignedBuffer buffer in buffers) buffer.Dispose();
        foreach (IDisposable resource in owned) resource.Dispose();
        // Shared weights are let go of, not disposed: other plans read them.
        shared.Clear();
    }

    private void* View(long bytes, out object owner)
    {
        AlignedBuffer buffer;
        long offset = 0;
        if (bytes > LargestInBlock)
        {
            buffers.Add(buffer = new AlignedBuffer(bytes));
        }
        else
        {
            // Kernels may read one vector past the end of what they have.
            int padded = ((int)bytes + AlignedBuffer.Alignment - 1) / AlignedBuffer.Alignment * AlignedBuffer.Alignment + AlignedBuffer.Alignment;
            if (block is null || used + padded > BlockBytes)
            {
                buffers.Add(block = new AlignedBuffer(BlockBytes));
                used = 0;
            }
            (buffer, offset) = (block, used);
            used += padded;
        }
        owner = buffer.Owner;
        return (byte*)buffer.Data + offset;
    }
}
