using System.Text;
using EdgeRuntime.Diagnostics;

namespace EdgeRuntime.Tools.Conversion;

/// <summary>Everything that stands in the way of an import, collected, so that one error names it all.</summary>
/// <param name="code">The code of the error.</param>
/// <param name="remedy">What to do about operators without importer.</param>
internal sealed class ImportProblems(ErrorCode code, string remedy)
{
    private const int MostListed = 30;

    /// <summary>Names are the model's, and may be of any length.</summary>
    private const int LongestProblem = 500;

    private readonly List<string> problems = [];
    private readonly Dictionary<string, (int Count, string FirstNode)> unsupported = new(StringComparer.Ordinal);

    /// <summary>Adds a problem of the model.</summary>
    public void Add(string problem) => problems.Add(problem);

    /// <summary>Adds a problem of a node.</summary>
    public void Add(string node, string opType, string problem) => problems.Add($"node '{node}' ({opType}): {problem.TrimEnd('.')}");

    /// <summary>Adds a node whose operator nobody can import.</summary>
    public void AddUnsupported(string name, string node)
    {
        (int count, string first) = unsupported.GetValueOrDefault(name, (0, node));
        unsupported[name] = (count + 1, first);
    }

    /// <summary>How many problems there are, for <see cref="ForgetSince"/>.</summary>
    public int Count => problems.Count;

    /// <summary>Forgets the problems after the first so many: what they were about is tried in another way.</summary>
    public void ForgetSince(int count) => problems.RemoveRange(count, problems.Count - count);

    /// <summary>Throws when there was a problem.</summary>
    /// <exception cref="EdgeException">All problems, listed.</exception>
    public void Throw(string model)
    {
        if (problems.Count == 0 && unsupported.Count == 0) return;
        var text = new StringBuilder($"The model '{model}' cannot be imported.");
        if (unsupported.Count > 0)
        {
            string names = string.Join(", ", unsupported.OrderByDescending(u => u.Value.Count).Take(MostListed).Select(u => $"{Cut(u.Key)} ({u.Value.Count}×)"));
            text.Append($"\n  {unsupported.Count} operator{(unsupported.Count == 1 ? " has" : "s have")} no importer: {names}. First at node '{Cut(unsupported.First().Value.FirstNode)}'.");
        }
        foreach (string problem in problems.Take(MostListed)) text.Append($"\n  {Cut(problem)}.");
        if (problems.Count > MostListed) text.Append($"\n  … and {problems.Count - MostListed} more problems.");
        throw new EdgeException(code, text.ToString(), unsupported.Count > 0 ? remedy : null);
    }

    private static string Cut(string text) => text.Length <= LongestProblem ? text : $"{text[..(LongestProblem / 2)]} … {text[^(LongestProblem / 2)..]}";
}
