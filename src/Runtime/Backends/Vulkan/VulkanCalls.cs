using Silk.NET.Vulkan;
using Buffer = Silk.NET.Vulkan.Buffer;

namespace EdgeRuntime.Backends.Vulkan;

/// <summary>
/// The functions of a device that make and destroy handles, or can fail: checked, counted and, in tests, made to fail, in this one place.
/// Destroying a null handle does nothing.
/// </summary>
internal sealed unsafe class VulkanCalls(Vk vk, Device device, VulkanLedger ledger, string name) : IDisposable
{
    private readonly Lock deferring = new();
    private readonly List<Action> deferred = [];
    private readonly List<Fence> awaited = [];
    private bool disposed;
    private volatile bool abandoned;

    /// <summary>All functions, for those that only record.</summary>
    public Vk Api => vk;

    /// <summary>The device.</summary>
    public Device Device => device;

    public Buffer CreateBuffer(BufferCreateInfo* info)
    {
        Buffer made = default;
        Made(Fault("vkCreateBuffer") ?? vk.CreateBuffer(device, info, null, &made), "vkCreateBuffer");
        return made;
    }

    public MemoryRequirements Requirements(Buffer buffer)
    {
        MemoryRequirements needs;
        vk.GetBufferMemoryRequirements(device, buffer, &needs);
        return needs;
    }

    public DeviceMemory AllocateMemory(MemoryAllocateInfo* info)
    {
        DeviceMemory made = default;
        Made(Fault("vkAllocateMemory") ?? vk.AllocateMemory(device, info, null, &made), "vkAllocateMemory");
        return made;
    }

    public void Bind(Buffer buffer, DeviceMemory memory) => Check(Fault("vkBindBufferMemory") ?? vk.BindBufferMemory(device, buffer, memory, 0), "vkBindBufferMemory");

    public void* Map(DeviceMemory memory, ulong bytes)
    {
        void* mapped = null;
        Check(Fault("vkMapMemory") ?? vk.MapMemory(device, memory, 0, bytes, 0, &mapped), "vkMapMemory");
        return mapped;
    }

    public BufferView CreateBufferView(BufferViewCreateInfo* info)
    {
        BufferView made = default;
        Made(Fault("vkCreateBufferView") ?? vk.CreateBufferView(device, info, null, &made), "vkCreateBufferView");
        return made;
    }

    public DescriptorSetLayout CreateDescriptorSetLayout(DescriptorSetLayoutCreateInfo* info)
    {
        DescriptorSetLayout made = default;
        Made(Fault("vkCreateDescriptorSetLayout") ?? vk.CreateDescriptorSetLayout(device, info, null, &made), "vkCreateDescriptorSetLayout");
        return made;
    }

    public PipelineLayout CreatePipelineLayout(PipelineLayoutCreateInfo* info)
    {
        PipelineLayout made = default;
        Made(Fault("vkCreatePipelineLayout") ?? vk.CreatePipelineLayout(device, info, null, &made), "vkCreatePipelineLayout");
        return made;
    }

    public ShaderModule CreateShaderModule(ShaderModuleCreateInfo* info)
    {
        ShaderModule made = default;
        Made(Fault("vkCreateShaderModule") ?? vk.CreateShaderModule(device, info, null, &made), "vkCreateShaderModule");
        return made;
    }

    public Pipeline CreatePipeline(PipelineCache cache, ComputePipelineCreateInfo* info)
    {
        Pipeline made = default;
        Made(Fault("vkCreateComputePipelines") ?? vk.CreateComputePipelines(device, cache, 1, info, null, &made), "vkCreateComputePipelines");
        return made;
    }

    public DescriptorPool CreateDescriptorPool(DescriptorPoolCreateInfo* info)
    {
        DescriptorPool made = default;
        Made(Fault("vkCreateDescriptorPool") ?? vk.CreateDescriptorPool(device, info, null, &made), "vkCreateDescriptorPool");
        return made;
    }

    /// <summary>A set; it goes with its pool.</summary>
    public DescriptorSet AllocateDescriptorSet(DescriptorPool pool, DescriptorSetLayout layout)
    {
        var info = new DescriptorSetAllocateInfo { SType = StructureType.DescriptorSetAllocateInfo, DescriptorPool = pool, DescriptorSetCount = 1, PSetLayouts = &layout };
        DescriptorSet made = default;
        Check(Fault("vkAllocateDescriptorSets") ?? vk.AllocateDescriptorSets(device, &info, &made), "vkAllocateDescriptorSets");
        return made;
    }

    public CommandPool CreateCommandPool(uint queueFamily)
    {
        var info = new CommandPoolCreateInfo { SType = StructureType.CommandPoolCreateInfo, QueueFamilyIndex = queueFamily };
        CommandPool made = default;
        Made(Fault("vkCreateCommandPool") ?? vk.CreateCommandPool(device, &info, null, &made), "vkCreateCommandPool");
        return made;
    }

    /// <summary>A command buffer, ready to be recorded; it goes with its pool.</summary>
    public CommandBuffer BeginCommands(CommandPool pool)
    {
        var allocate = new CommandBufferAllocateInfo { SType = StructureType.CommandBufferAllocateInfo, CommandPool = pool, Level = CommandBufferLevel.Primary, CommandBufferCount = 1 };
        CommandBuffer made = default;
        Check(Fault("vkAllocateCommandBuffers") ?? vk.AllocateCommandBuffers(device, &allocate, &made), "vkAllocateCommandBuffers");
        var begin = new CommandBufferBeginInfo { SType = StructureType.CommandBufferBeginInfo };
        Check(Fault("vkBeginCommandBuffer") ?? vk.BeginCommandBuffer(made, &begin), "vkBeginCommandBuffer");
        return made;
    }

    public void End(CommandBuffer commands) => Check(Fault("vkEndCommandBuffer") ?? vk.EndCommandBuffer(commands), "vkEndCommandBuffer");

    public Fence CreateFence()
    {
        var info = new FenceCreateInfo { SType = StructureType.FenceCreateInfo };
        Fence made = default;
        Made(Fault("vkCreateFence") ?? vk.CreateFence(device, &info, null, &made), "vkCreateFence");
        return made;
    }

    /// <summary>Takes back all commands of a pool, for others to be recorded.</summary>
    public void Reset(CommandPool pool) => Check(Fault("vkResetCommandPool") ?? vk.ResetCommandPool(device, pool, 0), "vkResetCommandPool");

    public QueryPool CreateTimestamps(int count)
    {
        var info = new QueryPoolCreateInfo { SType = StructureType.QueryPoolCreateInfo, QueryType = QueryType.Timestamp, QueryCount = (uint)count };
        QueryPool made = default;
        Made(Fault("vkCreateQueryPool") ?? vk.CreateQueryPool(device, &info, null, &made), "vkCreateQueryPool");
        return made;
    }

    /// <summary>Reads time stamps, which must have been taken.</summary>
    public void Read(QueryPool pool, Span<ulong> ticks)
    {
        fixed (ulong* first = ticks)
            Check(Fault("vkGetQueryPoolResults") ?? vk.GetQueryPoolResults(device, pool, 0, (uint)ticks.Length, (nuint)ticks.Length * sizeof(ulong), first, sizeof(ulong), QueryResultFlags.Result64Bit), "vkGetQueryPoolResults");
    }

    public PipelineCache CreatePipelineCache(ReadOnlySpan<byte> data)
    {
        PipelineCache made = default;
        fixed (byte* first = data)
        {
            var info = new PipelineCacheCreateInfo { SType = StructureType.PipelineCacheCreateInfo, InitialDataSize = (nuint)data.Length, PInitialData = first };
            Made(Fault("vkCreatePipelineCache") ?? vk.CreatePipelineCache(device, &info, null, &made), "vkCreatePipelineCache");
        }
        return made;
    }

    /// <summary>What a cache holds; nothing when that is more than <paramref name="most"/> bytes.</summary>
    public byte[] Data(PipelineCache cache, int most)
    {
        nuint bytes = 0;
        Check(Fault("vkGetPipelineCacheData") ?? vk.GetPipelineCacheData(device, cache, &bytes, null), "vkGetPipelineCacheData");
        if (bytes == 0 || bytes > (nuint)most) return [];
        byte[] data = new byte[bytes];
        fixed (byte* first = data)
            if (vk.GetPipelineCacheData(device, cache, &bytes, first) != Result.Success) return [];
        return data[..(int)bytes];
    }

    public void Submit(Queue queue, SubmitInfo* submit, Fence fence) => Check(Fault("vkQueueSubmit") ?? vk.QueueSubmit(queue, 1, submit, fence), "vkQueueSubmit");

    /// <summary>Waits for a fence and makes it ready for the next submission.</summary>
    public void Wait(Fence fence, ulong nanoseconds)
    {
        Check(Fault("vkWaitForFences") ?? vk.WaitForFences(device, 1, &fence, true, nanoseconds), "vkWaitForFences");
        Check(Fault("vkResetFences") ?? vk.ResetFences(device, 1, &fence), "vkResetFences");
    }

    /// <summary>Whether a fence is reached within a time; true also where the device is lost, which does nothing any more.</summary>
    public bool Settles(Fence fence, ulong nanoseconds) => vk.WaitForFences(device, 1, &fence, true, nanoseconds) != Result.Timeout;

    /// <summary>Destroys nothing from now on, until the device has finished: one that hangs may still use what would be destroyed.</summary>
    /// <param name="fence">What it does not reach.</param>
    public void Abandon(Fence fence)
    {
        lock (deferring)
        {
            awaited.Add(fence);
            abandoned = true;
        }
    }

    /// <summary>Whether the device was given up and did not finish since.</summary>
    public bool Abandoned => abandoned;

    /// <summary>Waits until a device that was given up has finished, and destroys then what was to be destroyed meanwhile; false when it takes longer.</summary>
    public bool Finish(ulong nanoseconds)
    {
        Action[] left;
        lock (deferring)
        {
            if (!abandoned) return true;
            if (!awaited.TrueForAll(f => Settles(f, nanoseconds))) return false;
            awaited.Clear();
            left = [.. deferred];
            deferred.Clear();
            abandoned = false;
        }
        foreach (Action destroy in left) destroy();
        return true;
    }

    public void Destroy(QueryPool queries)
    {
        if (queries.Handle == 0 || IsDeferred(() => Destroy(queries))) return;
        vk.DestroyQueryPool(device, queries, null);
        ledger.Gone("vkCreateQueryPool");
    }

    public void Destroy(PipelineCache cache)
    {
        if (cache.Handle == 0 || IsDeferred(() => Destroy(cache))) return;
        vk.DestroyPipelineCache(device, cache, null);
        ledger.Gone("vkCreatePipelineCache");
    }

    public void Destroy(Buffer buffer)
    {
        if (buffer.Handle == 0 || IsDeferred(() => Destroy(buffer))) return;
        vk.DestroyBuffer(device, buffer, null);
        ledger.Gone("vkCreateBuffer");
    }

    public void Destroy(DeviceMemory memory)
    {
        if (memory.Handle == 0 || IsDeferred(() => Destroy(memory))) return;
        vk.FreeMemory(device, memory, null);
        ledger.Gone("vkAllocateMemory");
    }

    public void Destroy(BufferView view)
    {
        if (view.Handle == 0 || IsDeferred(() => Destroy(view))) return;
        vk.DestroyBufferView(device, view, null);
        ledger.Gone("vkCreateBufferView");
    }

    public void Destroy(DescriptorSetLayout layout)
    {
        if (layout.Handle == 0 || IsDeferred(() => Destroy(layout))) return;
        vk.DestroyDescriptorSetLayout(device, layout, null);
        ledger.Gone("vkCreateDescriptorSetLayout");
    }

    public void Destroy(PipelineLayout layout)
    {
        if (layout.Handle == 0 || IsDeferred(() => Destroy(layout))) return;
        vk.DestroyPipelineLayout(device, layout, null);
        ledger.Gone("vkCreatePipelineLayout");
    }

    public void Destroy(ShaderModule module)
    {
        if (module.Handle == 0 || IsDeferred(() => Destroy(module))) return;
        vk.DestroyShaderModule(device, module, null);
        ledger.Gone("vkCreateShaderModule");
    }

    public void Destroy(Pipeline pipeline)
    {
        if (pipeline.Handle == 0 || IsDeferred(() => Destroy(pipeline))) return;
        vk.DestroyPipeline(device, pipeline, null);
        ledger.Gone("vkCreateComputePipelines");
    }

    public void Destroy(DescriptorPool pool)
    {
        if (pool.Handle == 0 || IsDeferred(() => Destroy(pool))) return;
        vk.DestroyDescriptorPool(device, pool, null);
        ledger.Gone("vkCreateDescriptorPool");
    }

    public void Destroy(CommandPool pool)
    {
        if (pool.Handle == 0 || IsDeferred(() => Destroy(pool))) return;
        vk.DestroyCommandPool(device, pool, null);
        ledger.Gone("vkCreateCommandPool");
    }

    public void Destroy(Fence fence)
    {
        if (fence.Handle == 0 || IsDeferred(() => Destroy(fence))) return;
        vk.DestroyFence(device, fence, null);
        ledger.Gone("vkCreateFence");
    }

    /// <summary>Destroys the device.</summary>
    public void Dispose()
    {
        if (disposed || abandoned) return;
        disposed = true;
        vk.DestroyDevice(device, null);
        ledger.Gone("VkDevice");
    }

    private bool IsDeferred(Action destroy)
    {
        if (!abandoned) return false;
        lock (deferring)
        {
            if (!abandoned) return false;
            deferred.Add(destroy);
            return true;
        }
    }

    private Result? Fault(string call) => ledger.Fault?.Invoke(call);

    private void Made(Result result, string call)
    {
        Check(result, call);
        ledger.Made(call);
    }

    private void Check(Result result, string call) => VulkanErrors.Check(result, call, name);
}
