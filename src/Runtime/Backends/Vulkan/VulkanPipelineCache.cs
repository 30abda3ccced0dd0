using Silk.NET.Vulkan;

namespace EdgeRuntime.Backends.Vulkan;

/// <summary>The driver's cache of compiled kernels, kept in a file from one start to the next where a folder is given.</summary>
internal sealed unsafe class VulkanPipelineCache : IDisposable
{
    private readonly VulkanCalls calls;
    private readonly VulkanCacheFile? file;
    private readonly Lock saving = new();
    private int saved;

    public VulkanPipelineCache(VulkanContext context, string? folder)
    {
        calls = context.Calls;
        if (folder is not null)
        {
            PhysicalDeviceProperties properties;
            calls.Api.GetPhysicalDeviceProperties(context.PhysicalDevice, &properties);
            file = new VulkanCacheFile(folder, properties.VendorID, properties.DeviceID, properties.DriverVersion, new ReadOnlySpan<byte>(properties.PipelineCacheUuid, 16).ToArray());
        }
        byte[] data = file?.Read() ?? [];
        Handle = calls.CreatePipelineCache(data);
        Loaded = data.Length > 0;
    }

    /// <summary>The cache.</summary>
    public PipelineCache Handle { get; private set; }

    /// <summary>Whether something was taken from the file.</summary>
    public bool Loaded { get; }

    /// <summary>Why the file is of no use; null where it is, or none was asked for.</summary>
    public string? Problem => file?.Problem;

    /// <summary>Writes the file, when pipelines were made since the last time.</summary>
    public void Save(int pipelines)
    {
        if (file is null) return;
        lock (saving)
        {
            if (pipelines == saved) return;
            file.Write(calls.Data(Handle, VulkanCacheFile.MostBytes));
            saved = pipelines;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        calls.Destroy(Handle);
        Handle = default;
    }
}
