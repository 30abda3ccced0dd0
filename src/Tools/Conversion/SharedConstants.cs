using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;

namespace EdgeRuntime.Tools.Conversion;

/// <summary>Keeps equal constants once: folding makes the same tables of indices for each layer that needs them.</summary>
internal static class SharedConstants
{
    /// <summary>Makes nodes read the first of all equal constants, in bodies, too; returns how many others are gone. What the graph returns keeps its name.</summary>
    public static int Apply(Graph graph) => Apply(graph, new Dictionary<int, List<Value>>());

    private static int Apply(Graph graph, Dictionary<int, List<Value>> known)
    {
        var patch = new GraphPatch();
        var own = new HashSet<Value>();
        foreach (Value constant in graph.Constants.Where(c => !graph.IsOutput(c)).ToArray())
        {
            var hash = new HashCode();
            hash.AddBytes(constant.Constant!.View.Bytes);
            int key = hash.ToHashCode();
            if (!known.TryGetValue(key, out List<Value>? alike)) known.Add(key, alike = []);
            // A value belongs to one graph; the tensor behind it may be that of several.
            if (alike.Find(other => own.Contains(other) && AreEqual(other, constant)) is { } first) patch.Replace(constant, first);
            else
            {
                Value kept = constant;
                if (alike.Find(other => AreEqual(other, constant)) is { } elsewhere && elsewhere.Constant != constant.Constant)
                    patch.Replace(constant, kept = patch.Constant(constant.Name, elsewhere.Constant!));
                alike.Add(kept);
                own.Add(kept);
            }
        }
        int replaced = patch.Replacements.Count;
        if (replaced > 0) graph.Apply(patch);
        foreach (Node node in graph.Nodes)
            foreach (Body body in node.Operator.Bodies) replaced += Apply(((GraphBody)body).Graph, known);
        GraphVerifier.Verify(graph);
        return replaced;
    }

    private static bool AreEqual(Value a, Value b) =>
        a.Type == b.Type && a.Constant!.View.Bytes.SequenceEqual(b.Constant!.View.Bytes);
}
