using System.Text;
using EdgeRuntime.Diagnostics;

namespace EdgeRuntime.Tools.Onnx;

/// <summary>Everything that stands in the way of an import, collected, so that one error names it all.</summary>
internal sealed class OnnxProblems
{
    private const int MostListed = 30;

    private readonly List<string> problems = [];
    private readonly Dictionary<string, (int Count, string FirstNode)> unsupported = new(StringComparer.Ordinal);

    /// <summary>Adds a problem of the model.</summary>
    public void Add(string problem) => problems.Add(problem);

    /// <summary>Adds a problem of a node.</summary>
    public void Add(string node, string opType, string problem) => problems.Add($"node '{node}' ({opType}): {problem.TrimEnd('.')}");

    /// <summary>Adds a node whose operator nobody can import.</summary>
    public void AddUnsupported(string domain, string opType, string node)
    {
        string name = domain is "" or "ai.onnx" ? opType : $"{domain}.{opType}";
        (int count, string first) = unsupported.GetValueOrDefault(name, (0, node));
        unsupported[name] = (count + 1, first);
    }

    /// <summary>Throws when there was a problem.</summary>
    /// <exception cref="EdgeException"><see cref="ErrorCode.UnsupportedOnnx"/>, with all problems listed.</exception>
    public void Throw(string model)
    {
        if (problems.Count == 0 && unsupported.Count == 0) return;
        var text = new StringBuilder($"The model '{model}' cannot be imported.");
        string? remedy = null;
        if (unsupported.Count > 0)
        {
            string names = string.Join(", ", unsupported.OrderByDescending(u => u.Value.Count).Select(u => $"{u.Key} ({u.Value.Count}×)"));
            text.Append($"\n  {unsupported.Count} operator{(unsupported.Count == 1 ? " has" : "s have")} no importer: {names}. First at node '{unsupported.First().Value.FirstNode}'.");
            remedy = "Export the model without these operators, for example with fixed shapes and after a simplifier has folded what is constant.";
        }
        foreach (string problem in problems.Take(MostListed)) text.Append($"\n  {problem}.");
        if (problems.Count > MostListed) text.Append($"\n  … and {problems.Count - MostListed} more problems.");
        throw new EdgeException(ErrorCode.UnsupportedOnnx, text.ToString(), remedy);
    }
}
