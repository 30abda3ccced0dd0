namespace EdgeRuntime.Tools.Zoo;

/// <summary>
/// How a model is tried: what it has to be fed with so that its results mean something. Names of inputs may hold one *, for any text. What is not said
/// here is guessed, so a model outside of the zoo is tried too.
/// </summary>
internal sealed record TrialFacts
{
    /// <summary>The inputs to try; two where shapes are open.</summary>
    public TrialCase[] Cases { get; set; } = [];

    /// <summary>For an input that carries state, the output that is fed back to it; a * stands for the same text on both sides.</summary>
    public Dictionary<string, string> State { get; set; } = [];

    /// <summary>The text that a name has in place of the pattern's *, "" where they are equal, or null where the name does not fit.</summary>
    public static string? Match(string pattern, string name)
    {
        int star = pattern.IndexOf('*');
        if (star < 0) return pattern == name ? "" : null;
        string before = pattern[..star], after = pattern[(star + 1)..];
        return name.Length >= before.Length + after.Length && name.StartsWith(before, StringComparison.Ordinal) && name.EndsWith(after, StringComparison.Ordinal)
            ? name[before.Length..^after.Length] : null;
    }

    /// <summary>What is said of a name, by the first pattern that fits.</summary>
    public static T? Find<T>(Dictionary<string, T> patterns, string name) where T : class =>
        patterns.FirstOrDefault(p => Match(p.Key, name) is not null).Value;
}

/// <summary>One kind of inputs.</summary>
internal sealed record TrialCase
{
    /// <summary>Shapes of inputs whose own are open, at the first step.</summary>
    public Dictionary<string, int[]> Shapes { get; set; } = [];

    /// <summary>Elements of an input by step; the last one stays.</summary>
    public Dictionary<string, double[]> Values { get; set; } = [];

    /// <summary>The least and the largest element of an input.</summary>
    public Dictionary<string, double[]> Ranges { get; set; } = [];
}
