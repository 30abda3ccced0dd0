using EdgeRuntime.Diagnostics;

namespace EdgeRuntime.Tools.Evaluation.Sources;

/// <summary>What is wrong with a set of samples, collected so that one error names it all.</summary>
internal sealed class SourceProblems(string source)
{
    private const int Named = 12;

    private readonly List<string> named = [];

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>Takes in a problem.</summary>
    public void Add(string problem)
    {
        if (Count++ < Named) named.Add(problem);
    }

    /// <summary>Throws when there are problems.</summary>
    /// <param name="remedy">What to do.</param>
    /// <exception cref="EdgeException">There are some.</exception>
    public void ThrowIfAny(string remedy)
    {
        if (Count == 0) return;
        string rest = Count > named.Count ? $"; and {Count - named.Count:N0} more" : "";
        throw new EdgeException(ErrorCode.CannotRead, $"{source} cannot be used: {string.Join("; ", named)}{rest}.", remedy);
    }
}
