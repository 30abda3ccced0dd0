using EdgeRuntime.Backends.Gpu;
using Silk.NET.Vulkan;
using Buffer = Silk.NET.Vulkan.Buffer;
using TexelFormat = Silk.NET.Vulkan.Format;

namespace EdgeRuntime.Backends.Vulkan;

/// <summary>The descriptors of all dispatches of a program, made once: a set for each, and the views that texels are read through.</summary>
internal sealed unsafe class VulkanOperands : IDisposable
{
    private readonly VulkanCalls calls;
    private readonly GpuPrecision precision;
    private readonly Dictionary<(ulong Buffer, TexelFormat Format, long Offset, long Bytes), BufferView> views = [];
    private readonly DescriptorSet[] sets;
    private DescriptorPool pool;

    /// <summary>Binds the operands of dispatches.</summary>
    /// <param name="context">The device.</param>
    /// <param name="dispatches">The dispatches.</param>
    /// <param name="pipelines">Their pipelines.</param>
    /// <param name="buffers">The buffers, by <see cref="GpuSpace"/>.</param>
    public VulkanOperands(VulkanContext context, IReadOnlyList<GpuDispatch> dispatches, VulkanPipeline[] pipelines, Buffer[] buffers)
    {
        calls = context.Calls;
        precision = context.Traits.Precision;
        sets = new DescriptorSet[dispatches.Count];
        if (sets.Length == 0) return;
        try
        {
            pool = Pool(dispatches);
            for (int i = 0; i < sets.Length; i++) sets[i] = Bind(dispatches[i], pipelines[i], buffers);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The set of a dispatch.</summary>
    public DescriptorSet this[int dispatch] => sets[dispatch];

    /// <inheritdoc/>
    public void Dispose()
    {
        calls.Destroy(pool);
        pool = default;
        foreach (BufferView view in views.Values) calls.Destroy(view);
        views.Clear();
    }

    private DescriptorPool Pool(IReadOnlyList<GpuDispatch> dispatches)
    {
        DescriptorPoolSize* sizes = stackalloc DescriptorPoolSize[2];
        uint count = 0;
        foreach (DescriptorType type in (DescriptorType[])[DescriptorType.StorageBuffer, DescriptorType.UniformTexelBuffer])
        {
            int needed = dispatches.Sum(d => d.Operands.Count(o => VulkanPipelines.Kind(o.Buffer, d.Variant) == type));
            if (needed > 0) sizes[count++] = new DescriptorPoolSize { Type = type, DescriptorCount = (uint)needed };
        }
        var create = new DescriptorPoolCreateInfo { SType = StructureType.DescriptorPoolCreateInfo, MaxSets = (uint)dispatches.Count, PoolSizeCount = count, PPoolSizes = sizes };
        return calls.CreateDescriptorPool(&create);
    }

    private DescriptorSet Bind(GpuDispatch dispatch, VulkanPipeline pipeline, Buffer[] buffers)
    {
        DescriptorSet set = calls.AllocateDescriptorSet(pool, pipeline.Operands);
        int count = dispatch.Operands.Length;
        WriteDescriptorSet* writes = stackalloc WriteDescriptorSet[count];
        DescriptorBufferInfo* storage = stackalloc DescriptorBufferInfo[count];
        BufferView* texels = stackalloc BufferView[count];
        for (int i = 0; i < count; i++)
        {
            GpuOperand operand = dispatch.Operands[i];
            Buffer buffer = buffers[(int)operand.Range.Space];
            DescriptorType kind = VulkanPipelines.Kind(operand.Buffer, dispatch.Variant);
            writes[i] = new WriteDescriptorSet { SType = StructureType.WriteDescriptorSet, DstSet = set, DstBinding = (uint)i, DescriptorCount = 1, DescriptorType = kind };
            if (kind == DescriptorType.StorageBuffer)
            {
                storage[i] = new DescriptorBufferInfo { Buffer = buffer, Offset = (ulong)operand.Range.Offset, Range = (ulong)operand.Range.Bytes };
                writes[i].PBufferInfo = storage + i;
            }
            else
            {
                texels[i] = View(buffer, operand);
                writes[i].PTexelBufferView = texels + i;
            }
        }
        calls.Api.UpdateDescriptorSets(calls.Device, (uint)count, writes, 0, null);
        return set;
    }

    private BufferView View(Buffer buffer, GpuOperand operand)
    {
        var key = (buffer.Handle, FormatOf(operand.Buffer.Element, precision), operand.Range.Offset, operand.Range.Bytes);
        if (views.TryGetValue(key, out BufferView known)) return known;
        var create = new BufferViewCreateInfo
        {
            SType = StructureType.BufferViewCreateInfo,
            Buffer = buffer,
            Format = key.Item2,
            Offset = (ulong)operand.Range.Offset,
            Range = (ulong)operand.Range.Bytes,
        };
        return views[key] = calls.CreateBufferView(&create);
    }

    /// <summary>The format in which elements are stored; every device reads texels of these.</summary>
    internal static TexelFormat FormatOf(KernelElement element, GpuPrecision precision) => (element, precision) switch
    {
        (KernelElement.Float32, _) or (KernelElement.Float, GpuPrecision.Float32) => TexelFormat.R32Sfloat,
        (KernelElement.Float4, GpuPrecision.Float32) => TexelFormat.R32G32B32A32Sfloat,
        (KernelElement.Float, _) => TexelFormat.R16Sfloat,
        (KernelElement.Float4, _) => TexelFormat.R16G16B16A16Sfloat,
        (KernelElement.Int, _) => TexelFormat.R32Sint,
        (KernelElement.UInt, _) => TexelFormat.R32Uint,
        _ => TexelFormat.R32G32B32A32Uint,
    };
}
