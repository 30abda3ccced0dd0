using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Graphs;

/// <summary>Every invariant of a graph in one place; runs after building, reading and each pass.</summary>
internal static class GraphVerifier
{
    private const int MostProblems = 20;

    /// <summary>Throws with all violations listed.</summary>
    /// <exception cref="EdgeException"><see cref="ErrorCode.InvalidGraph"/>.</exception>
    public static void Verify(Graph graph)
    {
        List<string> problems = [];
        HashSet<Value> known = CheckInputs(graph, problems);

        var reads = new Dictionary<(Value Value, Node Reader), int>();
        foreach (Node node in graph.Nodes)
        {
            if (problems.Count > MostProblems) break;
            foreach (Value? input in node.InputArray)
            {
                if (input is null) continue;
                CollectionsMarshal.GetValueRefOrAddDefault(reads, (input, node), out _)++;
                if (input.Constant is null && !known.Contains(input))
                    problems.Add($"node '{node.Name}' reads '{input.Name}' before anything writes it");
            }
            foreach (Value output in node.Outputs)
            {
                if (output.Producer != node || !known.Add(output)) problems.Add($"'{output.Name}' is written by more than one node");
            }
            CheckTypes(node, problems);
        }
        if (problems.Count == 0) CheckReaders(reads, known, problems);
        foreach (GraphOutput output in graph.Outputs)
            if (output.Value.Constant is null && !known.Contains(output.Value)) problems.Add($"nothing computes the output '{output.Name}'");

        Throw(graph, problems);
    }

    /// <summary>Verifies what can be wrong with a graph whose nodes were created in order, each with its types inferred.</summary>
    /// <exception cref="EdgeException"><see cref="ErrorCode.InvalidGraph"/>.</exception>
    public static void VerifyInputs(Graph graph)
    {
        List<string> problems = [];
        CheckInputs(graph, problems);
        Throw(graph, problems);
    }

    private static HashSet<Value> CheckInputs(Graph graph, List<string> problems)
    {
        var known = new HashSet<Value>(graph.Inputs);
        if (known.Count != graph.Inputs.Count) problems.Add("an input is listed twice");
        var names = new HashSet<string>(StringComparer.Ordinal);
        if (graph.Inputs.FirstOrDefault(v => !names.Add(v.Name)) is { } twice) problems.Add($"two inputs are named '{twice.Name}'");
        return known;
    }

    private static void Throw(Graph graph, List<string> problems)
    {
        if (problems.Count > 0)
            throw new EdgeException(ErrorCode.InvalidGraph, $"The graph '{graph.Name}' is not valid: {string.Join("; ", problems.Take(MostProblems))}.");
    }

    /// <summary>Values list each of their readers as often as it reads them, and nobody else.</summary>
    private static void CheckReaders(Dictionary<(Value Value, Node Reader), int> reads, HashSet<Value> values, List<string> problems)
    {
        foreach (Value value in values.Concat(reads.Keys.Select(r => r.Value).Where(v => v.Constant is not null).Distinct()))
        {
            foreach (Node reader in value.Consumers)
            {
                ref int count = ref CollectionsMarshal.GetValueRefOrNullRef(reads, (value, reader));
                if (!Unsafe.IsNullRef(ref count)) count--;
                else if (value.Constant is null) problems.Add($"'{value.Name}' lists the reader '{reader.Name}', which does not read it");
            }
        }
        foreach (((Value value, Node reader), int count) in reads)
            if (count != 0) problems.Add($"'{value.Name}' does not know its reader '{reader.Name}'");
    }

    private static void CheckTypes(Node node, List<string> problems)
    {
        TensorType[] inferred;
        try
        {
            inferred = node.Operator.Infer(Node.Operands(node.InputArray));
        }
        catch (EdgeException e)
        {
            problems.Add($"node '{node.Name}': {e.Problem}");
            return;
        }
        if (inferred.Length != node.Outputs.Count)
        {
            problems.Add($"node '{node.Name}' has {node.Outputs.Count} outputs, its operator gives {inferred.Length}");
            return;
        }
        for (int i = 0; i < inferred.Length; i++)
        {
            TensorType declared = node.Outputs[i].Type;
            if (declared.DataType != inferred[i].DataType || !inferred[i].Shape.Accepts(declared.Shape))
                problems.Add($"'{node.Outputs[i].Name}' is declared {declared}, but '{node.Name}' ({node.Operator.Name}) gives {inferred[i]}");
        }
    }
}
