using System.Collections.Frozen;
using EdgeRuntime.Tests.Conformance;

namespace EdgeRuntime.Tests.Backends;

/// <summary>
/// What has no shader yet, and why: operators by their names, and cases by the beginning of their names and a word further on. An entry without which
/// no case would fail must leave the list.
/// </summary>
internal static class VulkanGaps
{
    public static readonly FrozenDictionary<string, string> All = new Dictionary<string, string>
    {
        ["Attention"] = "devices are given its parts",
        ["ChannelShuffle"] = "plans for devices have what it is made of",
        ["GridSample"] = "samples at computed places are the CPU's",
        ["RecurrentLayer"] = "recurrent layers are the CPU's",
        ["TopK"] = "sorting is the CPU's",
        ["cast F16"] = "shaders convert between floats, 32-bit integers, bytes and truth values",
        ["cast F64"] = "shaders convert between floats, 32-bit integers, bytes and truth values",
        ["cast I16"] = "shaders convert between floats, 32-bit integers, bytes and truth values",
        ["cast I64"] = "shaders convert between floats, 32-bit integers, bytes and truth values",
        ["cast I8"] = "shaders convert between floats, 32-bit integers, bytes and truth values",
        ["cast U16"] = "shaders convert between floats, 32-bit integers, bytes and truth values",
        ["cast U32"] = "shaders convert between floats, 32-bit integers, bytes and truth values",
        ["cast U64"] = "shaders convert between floats, 32-bit integers, bytes and truth values",
        ["cast U8"] = "shaders convert between floats, 32-bit integers, bytes and truth values",
        ["cast large"] = "shaders convert between floats, 32-bit integers, bytes and truth values",
        ["cast short"] = "shaders convert between floats, 32-bit integers, bytes and truth values",
        ["elements gather F16"] = "shaders move 32-bit words",
        ["elements gather I64"] = "shaders move 32-bit words",
        ["elements gather U8"] = "shaders move 32-bit words",
        ["place I32"] = "shaders look for extremes among floats",
        ["place I64"] = "shaders look for extremes among floats",
        ["place I8"] = "shaders look for extremes among floats",
        ["place U8"] = "shaders look for extremes among floats",
        ["place half"] = "shaders look for extremes among floats",
        ["Div I64"] = "shaders have no 64-bit numbers",
        ["FMod I64"] = "shaders have no 64-bit numbers",
        ["Mod I64"] = "shaders have no 64-bit numbers",
        ["move tile axes beyond"] = "so many axes are the CPU's",
        ["ReverseSequence"] = "sequences of lengths of their own are the CPU's",
        ["ScatterElements"] = "the order of updates is the CPU's",
        ["running"] = "shaders sum floats along a known axis",
        ["choice Bool"] = "bytes have no shader",
        ["choice F16"] = "halves stand in memory of their own type on the CPU only",
        ["choice I64"] = "shaders have no 64-bit numbers",
        ["pair I64"] = "shaders have no 64-bit numbers",
        ["ConvInteger"] = "quantized arithmetic is the CPU's",
        ["dequantize"] = "scales that are computed are the CPU's",
        ["DynamicQuantize"] = "ranges of computed tensors are the CPU's",
        ["If"] = "operators with bodies are the CPU's",
        ["Loop"] = "operators with bodies are the CPU's",
        ["Scan"] = "operators with bodies are the CPU's",
        ["MatMulBlocks"] = "weights in blocks are the CPU's",
        ["MatMulInteger"] = "quantized arithmetic is the CPU's",
        ["quantize"] = "scales that are computed are the CPU's",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Why a case may be rejected; null when it may not.</summary>
    public static string? Reason(OperatorCase @case) => Key(@case) is { } key ? All[key] : null;

    /// <summary>The entry for a case; null when there is none.</summary>
    public static string? Key(OperatorCase @case) => GapNames.Key(All, @case);
}
