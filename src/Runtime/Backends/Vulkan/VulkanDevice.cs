namespace EdgeRuntime.Backends.Vulkan;

/// <summary>A Vulkan device and what it can do.</summary>
/// <param name="Name">What its driver calls it.</param>
/// <param name="Type">discrete_gpu, integrated_gpu, virtual_gpu, cpu or other.</param>
/// <param name="Driver">Name of the driver; null where it does not say.</param>
/// <param name="DriverVersion">What the driver says of itself, or its version as a number.</param>
/// <param name="ApiVersion">Version of Vulkan.</param>
/// <param name="MemoryHeaps">Its heaps of memory.</param>
/// <param name="UnifiedMemory">Whether some memory of the device can be written by the host directly.</param>
/// <param name="SubgroupSize">Invocations that run together.</param>
/// <param name="MaxWorkgroupInvocations">Invocations in a workgroup at most.</param>
/// <param name="MaxSharedMemoryBytes">Memory that a workgroup shares.</param>
/// <param name="Int8Storage">8-bit integers in buffers.</param>
/// <param name="Int8Arithmetic">8-bit integers in shaders.</param>
/// <param name="Fp16Storage">Half precision in buffers.</param>
/// <param name="Fp16Arithmetic">Half precision in shaders.</param>
/// <param name="IntegerDotProduct">Products of packed integers.</param>
/// <param name="IntegerDotProductAccelerated">Whether those of four unsigned 8-bit integers with four signed ones are an instruction of the device.</param>
/// <param name="CooperativeMatrix">Whether it offers VK_KHR_cooperative_matrix or VK_NV_cooperative_matrix.</param>
/// <param name="TimelineSemaphores">Semaphores that count.</param>
/// <param name="TimestampNanoseconds">Length of a tick of its clock; null where compute queues have none.</param>
public sealed record VulkanDevice(
    string Name, string Type, string? Driver, string DriverVersion, string ApiVersion, IReadOnlyList<VulkanHeap> MemoryHeaps, bool UnifiedMemory,
    int SubgroupSize, int MaxWorkgroupInvocations, int MaxSharedMemoryBytes, bool Int8Storage, bool Int8Arithmetic, bool Fp16Storage, bool Fp16Arithmetic,
    bool IntegerDotProduct, bool IntegerDotProductAccelerated, bool CooperativeMatrix, bool TimelineSemaphores, float? TimestampNanoseconds);

/// <summary>A heap of memory.</summary>
/// <param name="Bytes">Its size.</param>
/// <param name="DeviceLocal">Whether it is the device's own.</param>
public sealed record VulkanHeap(long Bytes, bool DeviceLocal);
