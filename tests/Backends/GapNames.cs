using EdgeRuntime.Tests.Conformance;

namespace EdgeRuntime.Tests.Backends;

/// <summary>How lists of gaps name cases: by the operator, or by the beginning of the case's name and a word further on.</summary>
internal static class GapNames
{
    /// <summary>The entry for a case, the longest first; null when there is none.</summary>
    public static string? Key(IReadOnlyDictionary<string, string> gaps, OperatorCase @case) => gaps.Keys.Where(key => key == @case.Operator.Name || Names(key, @case.Name)).MaxBy(key => key.Length);

    private static bool Names(string key, string name)
    {
        string[] words = key.Split(' ', 2);
        return name.StartsWith(words[0], StringComparison.Ordinal) && (words.Length == 1 || $" {name} ".Contains($" {words[1]} ", StringComparison.Ordinal));
    }
}
