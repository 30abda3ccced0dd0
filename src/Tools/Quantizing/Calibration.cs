using EdgeRuntime.Diagnostics;
using EdgeRuntime.Graphs;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Evaluation;

namespace EdgeRuntime.Tools.Quantizing;

/// <summary>Runs the float model on samples and looks at the values that are to be quantized.</summary>
internal static class Calibration
{
    /// <summary>Values that are returned together must not take more than this; more of them take more runs.</summary>
    private const long MostBytes = 192 << 20;

    /// <summary>What was seen of each value.</summary>
    /// <param name="graph">The prepared graph.</param>
    /// <param name="values">Its values to look at.</param>
    /// <param name="samples">What it is run on.</param>
    /// <param name="step">Told after each sample how many of how many runs are done.</param>
    /// <exception cref="EdgeException">There are no samples, one does not fit, or one holds what is no number.</exception>
    public static IReadOnlyDictionary<Value, ValueStatistics> Run(Graph graph, IReadOnlyList<Value> values, SampleSet samples, Action<int, int>? step = null)
    {
        var statistics = values.ToDictionary(v => v, _ => new ValueStatistics());
        Visit(graph, values, samples, step, (value, tensor) => statistics[value].Add(tensor.Span<float>(), tensor.Shape.Rank == 0 ? 1 : tensor.Shape[-1]));
        return statistics;
    }

    /// <summary>Runs a graph on all samples and shows the values that are asked for, several at a time.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="values">Its values.</param>
    /// <param name="samples">What it is run on.</param>
    /// <param name="step">Told after each sample how many of how many runs are done.</param>
    /// <param name="visit">Sees each value once for each sample; values of one sample at the same time, by several threads.</param>
    public static void Visit(Graph graph, IReadOnlyList<Value> values, SampleSet samples, Action<int, int>? step, Action<Value, TensorView> visit)
    {
        if (samples.Count == 0) throw new EdgeException(ErrorCode.BadUsage, $"There is nothing to calibrate on: {samples.Description}.", "Give a folder with pictures, sound or .npz files that are like what the model will see.");
        Value[][] parts = [.. Parts(values)];
        for (int p = 0; p < parts.Length; p++)
        {
            Value[] part = parts[p];
            Graph cut = GraphCutter.Returning(graph, part);
            cut.RemoveDeadNodes();
            using var session = new InferenceSession(cut, new SessionOptions());
            for (int i = 0; i < samples.Count; i++)
            {
                Tensor[] inputs = samples.Inputs(i);
                RequireNumbers(samples, i, graph, inputs);
                session.Run(Array.ConvertAll(inputs, t => t.View));
                Parallel.For(0, part.Length, v => visit(part[v], session.Output(v)));
                foreach (Tensor input in inputs) input.Dispose();
                step?.Invoke(p * samples.Count + i + 1, parts.Length * samples.Count);
            }
        }
    }

    /// <summary>The values in parts that are not too large, each at least one value.</summary>
    private static IEnumerable<Value[]> Parts(IReadOnlyList<Value> values)
    {
        var part = new List<Value>();
        long bytes = 0;
        foreach (Value value in values)
        {
            long size = value.Type.Shape.IsStatic ? value.Type.Shape.Count * sizeof(float) : 0;
            if (part.Count > 0 && bytes + size > MostBytes)
            {
                yield return [.. part];
                part.Clear();
                bytes = 0;
            }
            part.Add(value);
            bytes += size;
        }
        if (part.Count > 0) yield return [.. part];
    }

    private static void RequireNumbers(SampleSet samples, int index, Graph graph, Tensor[] inputs)
    {
        for (int i = 0; i < inputs.Length; i++)
        {
            if (inputs[i].Type.DataType != DataType.F32) continue;
            ReadOnlySpan<float> elements = inputs[i].Span<float>();
            for (int at = 0; at < elements.Length; at++)
                if (!float.IsFinite(elements[at]))
                    throw new EdgeException(ErrorCode.BadUsage, $"'{samples.NameOf(index)}' has {elements[at]} at {at} of its input '{graph.Inputs[i].Name}', which is no finite number.", "Remove the sample, or repair it.");
        }
    }
}
