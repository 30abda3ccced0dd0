using EdgeRuntime.Backends.Gpu;
using Silk.NET.Vulkan;

namespace EdgeRuntime.Backends.Vulkan;

/// <summary>Counts the handles of Vulkan that are alive, and lets tests say which call fails.</summary>
internal sealed class VulkanLedger : GpuLedger<Result>;
