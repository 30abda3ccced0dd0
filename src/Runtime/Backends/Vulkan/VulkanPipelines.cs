using System.Globalization;
using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Diagnostics;
using Silk.NET.Vulkan;

namespace EdgeRuntime.Backends.Vulkan;

/// <summary>A pipeline and what its operands are bound through.</summary>
/// <param name="Handle">The pipeline.</param>
/// <param name="Layout">Its layout.</param>
/// <param name="Operands">The layout of its one set of descriptors.</param>
internal sealed record VulkanPipeline(Pipeline Handle, PipelineLayout Layout, DescriptorSetLayout Operands);

/// <summary>The pipelines of a device, shared by all its plans: one for each kernel, variant, size of workgroup and list of constants.</summary>
/// <param name="calls">The device's functions.</param>
/// <param name="cache">Where the driver looks for compiled kernels, and puts them.</param>
/// <param name="quarantine">Takes the kernels that the driver refuses.</param>
internal sealed unsafe class VulkanPipelines(VulkanCalls calls, PipelineCache cache, GpuQuarantine quarantine) : IDisposable
{
    private readonly Dictionary<string, VulkanPipeline> pipelines = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Kernel, KernelVariant Variant), ShaderModule> modules = [];
    private readonly Dictionary<(string Kernel, bool Texels), (DescriptorSetLayout Operands, PipelineLayout Layout)> layouts = [];
    private readonly Lock making = new();

    /// <summary>Number of pipelines made.</summary>
    public int Count
    {
        get
        {
            lock (making) return pipelines.Count;
        }
    }

    /// <summary>The pipeline of a dispatch, made when it is asked for first.</summary>
    public VulkanPipeline Get(GpuDispatch dispatch)
    {
        string key = Key(dispatch);
        lock (making)
        {
            if (pipelines.TryGetValue(key, out VulkanPipeline? known)) return known;
            try
            {
                (DescriptorSetLayout operands, PipelineLayout layout) = Layout(dispatch);
                return pipelines[key] = new VulkanPipeline(Make(dispatch, Module(dispatch), layout), layout, operands);
            }
            catch (EdgeException e) when (e.Code == ErrorCode.PipelineRefused)
            {
                quarantine.Add(dispatch.Kernel.Name, e.Problem);
                throw new EdgeException(e.Code, $"{dispatch.Kernel.Name}.{dispatch.Variant}: {e.Problem}", e.Remedy, e);
            }
        }
    }

    /// <summary>How an operand is bound.</summary>
    public static DescriptorType Kind(KernelBuffer buffer, KernelVariant variant) =>
        variant.Texels && !buffer.Written ? DescriptorType.UniformTexelBuffer : DescriptorType.StorageBuffer;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (VulkanPipeline pipeline in pipelines.Values) calls.Destroy(pipeline.Handle);
        foreach (ShaderModule module in modules.Values) calls.Destroy(module);
        foreach ((DescriptorSetLayout operands, PipelineLayout layout) in layouts.Values)
        {
            calls.Destroy(layout);
            calls.Destroy(operands);
        }
        pipelines.Clear();
        modules.Clear();
        layouts.Clear();
    }

    private static string Key(GpuDispatch dispatch)
    {
        Grid size = dispatch.Dispatch.GroupSize;
        return string.Create(CultureInfo.InvariantCulture, $"{dispatch.Kernel.Name}.{dispatch.Variant} {size.X},{size.Y},{size.Z} ")
            + string.Join(' ', dispatch.Dispatch.Constants.Select(c => string.Create(CultureInfo.InvariantCulture, $"{c.Name}={c.Value}")));
    }

    private Pipeline Make(GpuDispatch dispatch, ShaderModule module, PipelineLayout layout)
    {
        KernelConstant[] constants = dispatch.Dispatch.Constants;
        Grid size = dispatch.Dispatch.GroupSize;
        int count = KernelInfo.FirstConstant + constants.Length;
        int* values = stackalloc int[count];
        SpecializationMapEntry* entries = stackalloc SpecializationMapEntry[count];
        (values[0], values[1], values[2]) = (size.X, size.Y, size.Z);
        for (int i = 0; i < count; i++)
        {
            KernelConstant? constant = i < KernelInfo.FirstConstant ? null : constants[i - KernelInfo.FirstConstant];
            if (constant is { } given) values[i] = given.Value;
            entries[i] = new SpecializationMapEntry
            {
                ConstantID = (uint)(constant is { } named ? dispatch.Kernel.ConstantId(named.Name) : i),
                Offset = (uint)(i * sizeof(int)),
                Size = sizeof(int),
            };
        }
        var specialization = new SpecializationInfo { MapEntryCount = (uint)count, PMapEntries = entries, DataSize = (nuint)(count * sizeof(int)), PData = values };
        fixed (byte* main = "main\0"u8)
        {
            var create = new ComputePipelineCreateInfo
            {
                SType = StructureType.ComputePipelineCreateInfo,
                Stage = new PipelineShaderStageCreateInfo
                {
                    SType = StructureType.PipelineShaderStageCreateInfo,
                    Stage = ShaderStageFlags.ComputeBit,
                    Module = module,
                    PName = main,
                    PSpecializationInfo = &specialization,
                },
                Layout = layout,
            };
            return calls.CreatePipeline(cache, &create);
        }
    }

    private ShaderModule Module(GpuDispatch dispatch)
    {
        if (modules.TryGetValue((dispatch.Kernel.Name, dispatch.Variant), out ShaderModule known)) return known;
        byte[] code = KernelManifest.SpirV(dispatch.Kernel.Name, dispatch.Variant.ToString());
        fixed (byte* first = code)
        {
            var create = new ShaderModuleCreateInfo { SType = StructureType.ShaderModuleCreateInfo, CodeSize = (nuint)code.Length, PCode = (uint*)first };
            return modules[(dispatch.Kernel.Name, dispatch.Variant)] = calls.CreateShaderModule(&create);
        }
    }

    private (DescriptorSetLayout Operands, PipelineLayout Layout) Layout(GpuDispatch dispatch)
    {
        var key = (dispatch.Kernel.Name, dispatch.Variant.Texels);
        if (layouts.TryGetValue(key, out (DescriptorSetLayout, PipelineLayout) known)) return known;
        IReadOnlyList<KernelBuffer> buffers = dispatch.Kernel.Buffers;
        DescriptorSetLayoutBinding* bindings = stackalloc DescriptorSetLayoutBinding[buffers.Count];
        for (int i = 0; i < buffers.Count; i++)
            bindings[i] = new DescriptorSetLayoutBinding { Binding = (uint)i, DescriptorType = Kind(buffers[i], dispatch.Variant), DescriptorCount = 1, StageFlags = ShaderStageFlags.ComputeBit };
        var createSet = new DescriptorSetLayoutCreateInfo { SType = StructureType.DescriptorSetLayoutCreateInfo, BindingCount = (uint)buffers.Count, PBindings = bindings };
        DescriptorSetLayout operands = calls.CreateDescriptorSetLayout(&createSet);
        try
        {
            var pushed = new PushConstantRange { StageFlags = ShaderStageFlags.ComputeBit, Size = (uint)dispatch.Kernel.Parameters.Count * sizeof(int) };
            var create = new PipelineLayoutCreateInfo
            {
                SType = StructureType.PipelineLayoutCreateInfo,
                SetLayoutCount = 1,
                PSetLayouts = &operands,
                PushConstantRangeCount = pushed.Size > 0 ? 1u : 0,
                PPushConstantRanges = &pushed,
            };
            return layouts[key] = (operands, calls.CreatePipelineLayout(&create));
        }
        catch
        {
            calls.Destroy(operands);
            throw;
        }
    }
}
