using System.Diagnostics;
using EdgeRuntime.Backends;
using EdgeRuntime.Graphs;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Quantizing;

/// <summary>How long graphs take on this machine's CPU.</summary>
internal static class LatencyProbe
{
    private const int WarmUp = 2, FewestRuns = 5, MostRuns = 30;

    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(2);

    /// <summary>The shortest run of each graph in milliseconds. They take turns, so that what else the machine does meets all of them.</summary>
    /// <param name="graphs">The graphs, which take the same inputs.</param>
    /// <param name="inputs">What they are run on.</param>
    /// <param name="stop">Ends it.</param>
    public static double[] Minima(IReadOnlyList<Graph> graphs, Tensor[] inputs, CancellationToken stop)
    {
        var options = new SessionOptions { Backend = BackendKind.Cpu };
        var sessions = new List<InferenceSession>();
        try
        {
            foreach (Graph graph in graphs) sessions.Add(new InferenceSession(graph, options));
            TensorView[] views = Array.ConvertAll(inputs, t => t.View);
            double[] minima = new double[graphs.Count];
            Array.Fill(minima, double.PositiveInfinity);
            long start = Stopwatch.GetTimestamp();
            for (int run = -WarmUp; run < MostRuns && (run < FewestRuns || Stopwatch.GetElapsedTime(start) < Enough); run++)
            {
                stop.ThrowIfCancellationRequested();
                for (int i = 0; i < minima.Length; i++)
                {
                    long begun = Stopwatch.GetTimestamp();
                    sessions[i].Run(views);
                    double time = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
                    if (run >= 0) minima[i] = Math.Min(minima[i], time);
                }
            }
            return minima;
        }
        finally
        {
            foreach (InferenceSession session in sessions) session.Dispose();
        }
    }
}
