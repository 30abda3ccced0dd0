using System.Text;
using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Backends.Vulkan;
using Silk.NET.Vulkan;
using Xunit;
using Buffer = Silk.NET.Vulkan.Buffer;
using TexelFormat = Silk.NET.Vulkan.Format;

namespace EdgeRuntime.Tests.Backends;

/// <summary>Runs a kernel with a software driver of Vulkan.</summary>
internal sealed unsafe class VulkanKernelRunner : KernelRunner
{
    private readonly Vk vk;
    private readonly Instance instance;
    private readonly PhysicalDevice physical;
    private readonly Device device;
    private readonly Queue queue;
    private readonly CommandPool pool;
    private readonly Fence fence;
    private readonly CommandBuffer commands;
    private readonly List<(Buffer Buffer, DeviceMemory Memory, int Length, BufferView View)> buffers = [];
    private ShaderModule module;
    private DescriptorSetLayout setLayout;
    private PipelineLayout layout;
    private DescriptorPool sets;
    private Pipeline pipeline;

    public VulkanKernelRunner(string driver)
    {
        Assert.SkipWhen(VulkanLoader.Missing() is not null, VulkanLoader.Missing() ?? "");
        vk = Vk.GetApi();
        var application = new ApplicationInfo { SType = StructureType.ApplicationInfo, ApiVersion = Vk.Version13 };
        var createInstance = new InstanceCreateInfo { SType = StructureType.InstanceCreateInfo, PApplicationInfo = &application };
        Instance made;
        Check(vk.CreateInstance(&createInstance, null, &made));
        instance = made;
        if (!Find(driver == "lavapipe" ? VulkanDrivers.Lavapipe : VulkanDrivers.SwiftShader, out physical))
        {
            vk.DestroyInstance(instance, null);
            Assert.Skip(driver == "lavapipe" ? "lavapipe is not installed: apt-get install mesa-vulkan-drivers." : "SwiftShader is not installed: apt-get install chromium-common.");
        }

        float priority = 1;
        var dot = new PhysicalDeviceShaderIntegerDotProductFeatures { SType = StructureType.PhysicalDeviceShaderIntegerDotProductFeatures };
        var features = new PhysicalDeviceFeatures2 { SType = StructureType.PhysicalDeviceFeatures2, PNext = &dot };
        vk.GetPhysicalDeviceFeatures2(physical, &features);
        HasPackedDot = dot.ShaderIntegerDotProduct;
        var createQueue = new DeviceQueueCreateInfo { SType = StructureType.DeviceQueueCreateInfo, QueueCount = 1, PQueuePriorities = &priority };
        var createDevice = new DeviceCreateInfo { SType = StructureType.DeviceCreateInfo, PNext = &dot, QueueCreateInfoCount = 1, PQueueCreateInfos = &createQueue };
        Device opened;
        Check(vk.CreateDevice(physical, &createDevice, null, &opened));
        device = opened;
        Queue first;
        vk.GetDeviceQueue(device, 0, 0, &first);
        queue = first;
        var createPool = new CommandPoolCreateInfo { SType = StructureType.CommandPoolCreateInfo, Flags = CommandPoolCreateFlags.ResetCommandBufferBit };
        CommandPool newPool;
        Check(vk.CreateCommandPool(device, &createPool, null, &newPool));
        pool = newPool;
        var allocate = new CommandBufferAllocateInfo { SType = StructureType.CommandBufferAllocateInfo, CommandPool = pool, Level = CommandBufferLevel.Primary, CommandBufferCount = 1 };
        CommandBuffer newCommands;
        Check(vk.AllocateCommandBuffers(device, &allocate, &newCommands));
        commands = newCommands;
        var createFence = new FenceCreateInfo { SType = StructureType.FenceCreateInfo };
        Fence newFence;
        Check(vk.CreateFence(device, &createFence, null, &newFence));
        fence = newFence;
    }

    /// <summary>Whether kernels may use products of packed bytes.</summary>
    public bool HasPackedDot { get; }

    /// <summary>Reads the shader of a variant; the embedded one unless told otherwise.</summary>
    public Func<string, string, byte[]> Shader { get; init; } = KernelManifest.SpirV;

    public override void Prepare(Dispatch dispatch, KernelVariant variant, params uint[][] operands)
    {
        Release();
        KernelInfo info = KernelManifest.All[dispatch.Kernel];
        var bindings = new DescriptorSetLayoutBinding[operands.Length];
        for (int i = 0; i < operands.Length; i++)
        {
            uint[] words = [.. operands[i]];
            if (info.Buffers[i].Written) words.AsSpan().Fill(Untouched);
            bool texels = variant.Texels && !info.Buffers[i].Written;
            buffers.Add(Allocate(words, texels ? Texel(info.Buffers[i].Element) : TexelFormat.Undefined));
            bindings[i] = new() { Binding = (uint)i, DescriptorType = texels ? DescriptorType.UniformTexelBuffer : DescriptorType.StorageBuffer, DescriptorCount = 1, StageFlags = ShaderStageFlags.ComputeBit };
        }
        CreatePipeline(dispatch, Shader(dispatch.Kernel, variant.ToString()), bindings);
        Record(dispatch, Bind(bindings));
    }

    public override void Execute()
    {
        CommandBuffer recorded = commands;
        var submit = new SubmitInfo { SType = StructureType.SubmitInfo, CommandBufferCount = 1, PCommandBuffers = &recorded };
        Check(vk.QueueSubmit(queue, 1, &submit, fence));
        Fence done = fence;
        Check(vk.WaitForFences(device, 1, &done, true, 300_000_000_000));
        Check(vk.ResetFences(device, 1, &done));
    }

    public override uint[] Read(int operand)
    {
        void* mapped;
        Check(vk.MapMemory(device, buffers[operand].Memory, 0, (ulong)buffers[operand].Length * 4, 0, &mapped));
        uint[] words = new ReadOnlySpan<uint>(mapped, buffers[operand].Length).ToArray();
        vk.UnmapMemory(device, buffers[operand].Memory);
        return words;
    }

    public override void Dispose()
    {
        Release();
        vk.DestroyFence(device, fence, null);
        vk.DestroyCommandPool(device, pool, null);
        vk.DestroyDevice(device, null);
        vk.DestroyInstance(instance, null);
        vk.Dispose();
    }

    private void Release()
    {
        foreach ((Buffer buffer, DeviceMemory memory, _, BufferView view) in buffers)
        {
            if (view.Handle != 0) vk.DestroyBufferView(device, view, null);
            vk.DestroyBuffer(device, buffer, null);
            vk.FreeMemory(device, memory, null);
        }
        buffers.Clear();
        if (pipeline.Handle == 0) return;
        vk.DestroyPipeline(device, pipeline, null);
        vk.DestroyPipelineLayout(device, layout, null);
        vk.DestroyDescriptorPool(device, sets, null);
        vk.DestroyDescriptorSetLayout(device, setLayout, null);
        vk.DestroyShaderModule(device, module, null);
        pipeline = default;
    }

    private (Buffer, DeviceMemory, int, BufferView) Allocate(uint[] words, TexelFormat texel)
    {
        ulong bytes = (ulong)words.Length * 4;
        var create = new BufferCreateInfo { SType = StructureType.BufferCreateInfo, Size = bytes, Usage = BufferUsageFlags.StorageBufferBit | BufferUsageFlags.UniformTexelBufferBit };
        Buffer buffer;
        Check(vk.CreateBuffer(device, &create, null, &buffer));
        MemoryRequirements needs;
        vk.GetBufferMemoryRequirements(device, buffer, &needs);
        var allocate = new MemoryAllocateInfo { SType = StructureType.MemoryAllocateInfo, AllocationSize = needs.Size, MemoryTypeIndex = Visible(needs.MemoryTypeBits) };
        DeviceMemory memory;
        Check(vk.AllocateMemory(device, &allocate, null, &memory));
        Check(vk.BindBufferMemory(device, buffer, memory, 0));
        void* mapped;
        Check(vk.MapMemory(device, memory, 0, bytes, 0, &mapped));
        words.CopyTo(new Span<uint>(mapped, words.Length));
        vk.UnmapMemory(device, memory);
        BufferView view = default;
        if (texel != TexelFormat.Undefined)
        {
            var createView = new BufferViewCreateInfo { SType = StructureType.BufferViewCreateInfo, Buffer = buffer, Format = texel, Range = bytes };
            Check(vk.CreateBufferView(device, &createView, null, &view));
        }
        return (buffer, memory, words.Length, view);
    }

    private void CreatePipeline(Dispatch dispatch, byte[] shader, DescriptorSetLayoutBinding[] bindings)
    {
        ShaderModule newModule;
        fixed (byte* code = shader)
        {
            var create = new ShaderModuleCreateInfo { SType = StructureType.ShaderModuleCreateInfo, CodeSize = (nuint)shader.Length, PCode = (uint*)code };
            Check(vk.CreateShaderModule(device, &create, null, &newModule));
        }
        module = newModule;
        DescriptorSetLayout newSets;
        fixed (DescriptorSetLayoutBinding* first = bindings)
        {
            var create = new DescriptorSetLayoutCreateInfo { SType = StructureType.DescriptorSetLayoutCreateInfo, BindingCount = (uint)bindings.Length, PBindings = first };
            Check(vk.CreateDescriptorSetLayout(device, &create, null, &newSets));
        }
        setLayout = newSets;
        var range = new PushConstantRange { StageFlags = ShaderStageFlags.ComputeBit, Size = (uint)dispatch.Parameters.Length * 4 };
        var createLayout = new PipelineLayoutCreateInfo
        {
            SType = StructureType.PipelineLayoutCreateInfo, SetLayoutCount = 1, PSetLayouts = &newSets, PushConstantRangeCount = range.Size > 0 ? 1u : 0u, PPushConstantRanges = &range,
        };
        PipelineLayout newLayout;
        Check(vk.CreatePipelineLayout(device, &createLayout, null, &newLayout));
        layout = newLayout;

        KernelInfo info = KernelManifest.All[dispatch.Kernel];
        int[] values = [dispatch.GroupSize.X, dispatch.GroupSize.Y, dispatch.GroupSize.Z, .. dispatch.Constants.Select(c => c.Value)];
        uint[] numbers = [0, 1, 2, .. dispatch.Constants.Select(c => (uint)info.ConstantId(c.Name))];
        var entries = new SpecializationMapEntry[values.Length];
        for (int i = 0; i < entries.Length; i++) entries[i] = new() { ConstantID = numbers[i], Offset = (uint)i * 4, Size = 4 };
        Pipeline newPipeline;
        fixed (byte* main = "main\0"u8)
        fixed (int* value = values)
        fixed (SpecializationMapEntry* entry = entries)
        {
            var constants = new SpecializationInfo { MapEntryCount = (uint)entries.Length, PMapEntries = entry, DataSize = (nuint)values.Length * 4, PData = value };
            var stage = new PipelineShaderStageCreateInfo { SType = StructureType.PipelineShaderStageCreateInfo, Stage = ShaderStageFlags.ComputeBit, Module = module, PName = main, PSpecializationInfo = &constants };
            var create = new ComputePipelineCreateInfo { SType = StructureType.ComputePipelineCreateInfo, Stage = stage, Layout = layout };
            Check(vk.CreateComputePipelines(device, default, 1, &create, null, &newPipeline));
        }
        pipeline = newPipeline;
    }

    private DescriptorSet Bind(DescriptorSetLayoutBinding[] bindings)
    {
        DescriptorPoolSize* sizes = stackalloc DescriptorPoolSize[2];
        sizes[0] = new() { Type = DescriptorType.StorageBuffer, DescriptorCount = (uint)bindings.Length };
        sizes[1] = new() { Type = DescriptorType.UniformTexelBuffer, DescriptorCount = (uint)bindings.Length };
        var createPool = new DescriptorPoolCreateInfo { SType = StructureType.DescriptorPoolCreateInfo, MaxSets = 1, PoolSizeCount = 2, PPoolSizes = sizes };
        DescriptorPool newPool;
        Check(vk.CreateDescriptorPool(device, &createPool, null, &newPool));
        sets = newPool;
        DescriptorSetLayout of = setLayout;
        var allocate = new DescriptorSetAllocateInfo { SType = StructureType.DescriptorSetAllocateInfo, DescriptorPool = sets, DescriptorSetCount = 1, PSetLayouts = &of };
        DescriptorSet set;
        Check(vk.AllocateDescriptorSets(device, &allocate, &set));
        for (int i = 0; i < bindings.Length; i++)
        {
            var whole = new DescriptorBufferInfo { Buffer = buffers[i].Buffer, Range = (ulong)buffers[i].Length * 4 };
            BufferView view = buffers[i].View;
            var write = new WriteDescriptorSet
            {
                SType = StructureType.WriteDescriptorSet, DstSet = set, DstBinding = (uint)i, DescriptorCount = 1, DescriptorType = bindings[i].DescriptorType, PBufferInfo = &whole, PTexelBufferView = &view,
            };
            vk.UpdateDescriptorSets(device, 1, &write, 0, null);
        }
        return set;
    }

    private void Record(Dispatch dispatch, DescriptorSet set)
    {
        var begin = new CommandBufferBeginInfo { SType = StructureType.CommandBufferBeginInfo };
        Check(vk.BeginCommandBuffer(commands, &begin));
        vk.CmdBindPipeline(commands, PipelineBindPoint.Compute, pipeline);
        vk.CmdBindDescriptorSets(commands, PipelineBindPoint.Compute, layout, 0, 1, &set, 0, null);
        if (dispatch.Parameters.Length > 0)
            fixed (int* first = dispatch.Parameters) vk.CmdPushConstants(commands, layout, ShaderStageFlags.ComputeBit, 0, (uint)dispatch.Parameters.Length * 4, first);
        vk.CmdDispatch(commands, (uint)dispatch.Groups.X, (uint)dispatch.Groups.Y, (uint)dispatch.Groups.Z);
        var seen = new MemoryBarrier { SType = StructureType.MemoryBarrier, SrcAccessMask = AccessFlags.ShaderWriteBit, DstAccessMask = AccessFlags.HostReadBit };
        vk.CmdPipelineBarrier(commands, PipelineStageFlags.ComputeShaderBit, PipelineStageFlags.HostBit, 0, 1, &seen, 0, null, 0, null);
        Check(vk.EndCommandBuffer(commands));
    }

    private bool Find(string name, out PhysicalDevice found)
    {
        uint count = 16;
        PhysicalDevice* devices = stackalloc PhysicalDevice[16];
        found = default;
        if (vk.EnumeratePhysicalDevices(instance, &count, devices) is not (Result.Success or Result.Incomplete)) return false;
        for (int i = 0; i < count; i++)
        {
            PhysicalDeviceProperties properties;
            vk.GetPhysicalDeviceProperties(devices[i], &properties);
            if (!Encoding.UTF8.GetString(properties.DeviceName, 256).StartsWith(name, StringComparison.Ordinal)) continue;
            found = devices[i];
            return true;
        }
        return false;
    }

    private uint Visible(uint allowed)
    {
        const MemoryPropertyFlags wanted = MemoryPropertyFlags.HostVisibleBit | MemoryPropertyFlags.HostCoherentBit;
        PhysicalDeviceMemoryProperties memory;
        vk.GetPhysicalDeviceMemoryProperties(physical, &memory);
        for (int i = 0; i < memory.MemoryTypeCount; i++)
            if ((allowed >> i & 1) != 0 && (memory.MemoryTypes[i].PropertyFlags & wanted) == wanted) return (uint)i;
        throw new InvalidOperationException("no memory that the host can write");
    }

    private static TexelFormat Texel(KernelElement element) => element switch
    {
        KernelElement.Float or KernelElement.Float32 => TexelFormat.R32Sfloat,
        KernelElement.Float4 => TexelFormat.R32G32B32A32Sfloat,
        KernelElement.Int => TexelFormat.R32Sint,
        KernelElement.UInt => TexelFormat.R32Uint,
        _ => TexelFormat.R32G32B32A32Uint,
    };

    private static void Check(Result result) => Assert.Equal(Result.Success, result);
}
