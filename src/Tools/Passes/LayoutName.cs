using EdgeRuntime.Graphs;

namespace EdgeRuntime.Tools.Passes;

/// <summary>
/// Names of values whose axes were moved: <c>conv1~0231</c> is the source model's <c>conv1</c> with its axes in the order 0 2 3 1.
/// Verification finds such values again by these names.
/// </summary>
internal static class LayoutName
{
    private const char Mark = '~';

    /// <summary>The name of a value after its axes are permuted (output axis i is input axis permutation[i]).</summary>
    public static string Permuted(string name, ReadOnlySpan<int> permutation)
    {
        (string source, int[]? earlier) = Split(name);
        int[] total = earlier is not null && earlier.Length == permutation.Length ? Compose(earlier, permutation) : permutation.ToArray();
        if (earlier is not null && earlier.Length != permutation.Length) source = name;
        return IsIdentity(total) ? source : $"{source}{Mark}{string.Concat(total)}";
    }

    /// <summary>The source model's name, and the permutation of its axes; null when they were not moved.</summary>
    public static (string Name, int[]? Permutation) Split(string name)
    {
        int at = name.LastIndexOf(Mark);
        if (at < 0) return (name, null);
        int[] digits = [.. name[(at + 1)..].Select(c => c - '0')];
        bool valid = digits.Length > 0 && digits.Order().SequenceEqual(Enumerable.Range(0, digits.Length));
        return valid ? (name[..at], digits) : (name, null);
    }

    /// <summary>The permutation that has the effect of <paramref name="first"/> and then <paramref name="second"/>.</summary>
    public static int[] Compose(ReadOnlySpan<int> first, ReadOnlySpan<int> second)
    {
        int[] result = new int[second.Length];
        for (int i = 0; i < result.Length; i++) result[i] = first[second[i]];
        return result;
    }

    /// <summary>The permutation that undoes another.</summary>
    public static int[] Inverse(ReadOnlySpan<int> permutation)
    {
        int[] result = new int[permutation.Length];
        for (int i = 0; i < result.Length; i++) result[permutation[i]] = i;
        return result;
    }

    /// <summary>True when nothing moves.</summary>
    public static bool IsIdentity(ReadOnlySpan<int> permutation)
    {
        for (int i = 0; i < permutation.Length; i++)
            if (permutation[i] != i) return false;
        return true;
    }

    /// <summary>Names the values around transposes by each other, where the importer had to invent names.</summary>
    public static void NameAround(Graph graph, Func<string, bool> isSourceName)
    {
        foreach (Node node in graph.Nodes)
        {
            if (node.Operator is not Operators.Transpose transpose || node.Inputs[0] is not { } input || input.Type.Shape.IsUnranked) continue;
            int[] permutation = transpose.For(input.Type.Shape.Rank);
            Value output = node.Outputs[0];
            if (!isSourceName(output.Name) && isSourceName(input.Name)) output.Name = Permuted(input.Name, permutation);
            else if (!isSourceName(input.Name) && input.Producer is not null && isSourceName(output.Name)) input.Name = Permuted(output.Name, Inverse(permutation));
        }
    }
}
