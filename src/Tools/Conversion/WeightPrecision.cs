using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Conversion;

/// <summary>How weights are kept in the file.</summary>
internal enum WeightPrecision
{
    /// <summary>As they are: f32.</summary>
    None,

    /// <summary>Half the size: f16, widened when the model is loaded. Computation stays f32.</summary>
    Fp16,
}

/// <summary>Stores weights as f16 with a cast to f32 behind them, which the planner folds away.</summary>
internal static class HalfWeights
{
    /// <summary>Smaller constants (biases, thresholds) are not worth a rounding error.</summary>
    private const int FewestElements = 256;

    /// <summary>Narrows large f32 constants, those of bodies, too; returns their number.</summary>
    /// <param name="graph">The graph; it is changed.</param>
    /// <param name="exact">True to narrow only what loses nothing, such as weights that importing widened; false for all that f16 has the range for.</param>
    public static int Apply(Graph graph, bool exact = false) => Apply(graph, exact, []);

    private static int Apply(Graph graph, bool exact, Dictionary<Tensor, Tensor> halves)
    {
        int below = 0;
        foreach (Node node in graph.Nodes)
            foreach (Body body in node.Operator.Bodies) below += Apply(((GraphBody)body).Graph, exact, halves);
        Value[] weights = [.. graph.Constants.Where(c => IsWorthIt(c, exact))];
        foreach (Value weight in weights)
        {
            var patch = new GraphPatch();
            // A weight that several bodies have stays one.
            if (!halves.TryGetValue(weight.Constant!, out Tensor? narrow)) halves[weight.Constant!] = narrow = Narrow(weight.Constant!);
            Value half = patch.Constant(weight.Name, narrow);
            Value wide = patch.Add1($"{weight.Name}/f32", new Cast { To = DataType.F32 }, half);
            graph.Apply(patch.Replace(weight, wide));
        }
        GraphVerifier.Verify(graph);
        return weights.Length + below;
    }

    /// <summary>Outside of f16's range weights would become infinite.</summary>
    private static bool IsWorthIt(Value value, bool exact)
    {
        if (value.Type.DataType != DataType.F32 || value.Type.Shape.Count < FewestElements) return false;
        foreach (float x in value.Constant!.Span<float>())
            if (!(Math.Abs(x) <= (float)Half.MaxValue) || (exact && (float)(Half)x != x)) return false;
        return true;
    }

    private static Tensor Narrow(Tensor weight)
    {
        var half = new Tensor(weight.Type with { DataType = DataType.F16 });
        Span<float> from = weight.Span<float>();
        Span<Half> to = half.Span<Half>();
        for (int i = 0; i < from.Length; i++) to[i] = (Half)from[i];
        return half;
    }
}
