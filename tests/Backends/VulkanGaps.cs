using System.Collections.Frozen;
using EdgeRuntime.Tests.Conformance;

namespace EdgeRuntime.Tests.Backends;

/// <summary>
/// What has no shader yet: operators by their names, and beginnings of cases' names, and why. An entry without which no case would
/// fail must leave the list.
/// </summary>
internal static class VulkanGaps
{
    public static readonly FrozenDictionary<string, string> All = new Dictionary<string, string>
    {
        ["pad bytes"] = "tables name 32-bit words at least",
        ["q"] = "quantized arithmetic is the CPU's",
        ["ConvInteger"] = "quantized arithmetic is the CPU's",
        ["Dequantize"] = "quantized arithmetic is the CPU's",
        ["DynamicQuantize"] = "quantized arithmetic is the CPU's",
        ["If"] = "operators with bodies are the CPU's",
        ["Loop"] = "operators with bodies are the CPU's",
        ["Scan"] = "operators with bodies are the CPU's",
        ["MatMulBlocks"] = "weights in blocks are the CPU's",
        ["MatMulInteger"] = "quantized arithmetic is the CPU's",
        ["Quantize"] = "quantized arithmetic is the CPU's",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Why a case may be rejected; null when it may not.</summary>
    public static string? Reason(OperatorCase @case) => Key(@case) is { } key ? All[key] : null;

    /// <summary>The entry for a case, the longest beginning of its name first; null when there is none.</summary>
    public static string? Key(OperatorCase @case) =>
        All.Keys.Where(key => key == @case.Operator.Name || @case.Name.StartsWith(key, StringComparison.Ordinal)).MaxBy(key => key.Length);
}
