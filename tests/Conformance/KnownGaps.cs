using System.Collections.Frozen;

namespace EdgeRuntime.Tests.Conformance;

/// <summary>The conformance cases that do not pass yet, and why. A case that passes must leave this list.</summary>
internal static class KnownGaps
{
    public static readonly FrozenDictionary<string, string> All = new (string Reason, string[] Cases)[]
    {
        ("strings", ["node/test_strnormalizer_nostopwords_nochangecase"]),
    }.SelectMany(gap => gap.Cases.Select(name => (name, gap.Reason))).ToFrozenDictionary(gap => gap.name, gap => gap.Reason);
}
