using EdgeRuntime.Diagnostics;
using EdgeRuntime.Graphs;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Evaluation;

namespace EdgeRuntime.Tools.Quantizing;

/// <summary>Runs the float model on samples and looks at the values that are to be quantized.</summary>
internal static class Calibration
{
    /// <summary>What was seen of each value.</summary>
    /// <param name="graph">The prepared graph.</param>
    /// <param name="values">Its values to look at.</param>
    /// <param name="samples">What it is run on, twice: for the extremes, and for what lies between.</param>
    /// <param name="step">Told after each sample how many of how many runs are done.</param>
    /// <exception cref="EdgeException">There are no samples, one does not fit, or a value is not finite on any of them.</exception>
    public static IReadOnlyDictionary<Value, ValueStatistics> Run(Graph graph, IReadOnlyList<Value> values, SampleSet samples, Action<int, int>? step = null)
    {
        if (samples.Count == 0) throw new EdgeException(ErrorCode.BadUsage, $"There is nothing to calibrate on: {samples.Description}.", "Give a folder with pictures, sound or .npz files that are like what the model will see.");
        var statistics = values.ToDictionary(v => v, _ => new ValueStatistics());
        using var session = new InferenceSession(GraphCutter.Returning(graph, values), new SessionOptions());
        for (int pass = 0; pass < 2; pass++)
        {
            for (int i = 0; i < samples.Count; i++)
            {
                Tensor[] inputs = samples.Inputs(i);
                session.Run(Array.ConvertAll(inputs, t => t.View));
                for (int v = 0; v < values.Count; v++)
                {
                    ReadOnlySpan<float> elements = session.Output(v).Span<float>();
                    if (pass == 0) statistics[values[v]].Widen(elements);
                    else statistics[values[v]].Bin(elements);
                }
                foreach (Tensor input in inputs) input.Dispose();
                step?.Invoke(pass * samples.Count + i + 1, 2 * samples.Count);
            }
        }
        return statistics;
    }
}
