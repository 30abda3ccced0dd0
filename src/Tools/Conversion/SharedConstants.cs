using EdgeRuntime.Graphs;

namespace EdgeRuntime.Tools.Conversion;

/// <summary>Keeps equal constants once: folding makes the same tables of indices for each layer that needs them.</summary>
internal static class SharedConstants
{
    /// <summary>Makes nodes read the first of all equal constants; returns how many others are gone. What the graph returns keeps its name.</summary>
    public static int Apply(Graph graph)
    {
        var patch = new GraphPatch();
        var known = new Dictionary<int, List<Value>>();
        foreach (Value constant in graph.Constants.Where(c => !graph.IsOutput(c)))
        {
            var hash = new HashCode();
            hash.AddBytes(constant.Constant!.View.Bytes);
            int key = hash.ToHashCode();
            if (!known.TryGetValue(key, out List<Value>? alike)) known.Add(key, alike = []);
            if (alike.Find(other => AreEqual(other, constant)) is { } first) patch.Replace(constant, first);
            else alike.Add(constant);
        }
        if (patch.Replacements.Count > 0) graph.Apply(patch);
        GraphVerifier.Verify(graph);
        return patch.Replacements.Count;
    }

    private static bool AreEqual(Value a, Value b) =>
        a.Type == b.Type && a.Constant!.View.Bytes.SequenceEqual(b.Constant!.View.Bytes);
}
