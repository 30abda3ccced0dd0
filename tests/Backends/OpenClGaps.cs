using System.Collections.Frozen;
using EdgeRuntime.Tests.Conformance;

namespace EdgeRuntime.Tests.Backends;

/// <summary>
/// What OpenCL devices do not take though Vulkan's do, and why: both have the same shaders, so the list of what has none is <see cref="VulkanGaps"/>. An entry
/// without which no case would fail must leave the list.
/// </summary>
internal static class OpenClGaps
{
    public static readonly FrozenDictionary<string, string> All = new Dictionary<string, string>().ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Why a case may be rejected; null when it may not.</summary>
    public static string? Reason(OperatorCase @case) => GapNames.Key(All, @case) is { } key ? All[key] : VulkanGaps.Reason(@case);
}
