namespace EdgeRuntime.Tools.Benchmark;

/// <summary>
/// What <c>bench</c> measured; its JSON is a contract. Load is from the file to a session ready to run, conversion included when the model
/// is no .edge file; first is the first run, code still being compiled; peak memory is the whole process's, peers included; allocated is managed
/// memory of the calling thread in all counted runs; match and ratio (our median divided by the peer's) are null without a peer.
/// </summary>
internal sealed record BenchReport(string Model, string Backend, string Device, int Threads, string Precision, int Runs, double MedianMs, double MinMs, double P90Ms, double P95Ms,
    double P99Ms, double LoadMs, double FirstMs, long PeakMemoryBytes, long AllocatedBytes, bool? OutputsMatch, PeerReport[] Peers, double? Ratio, LayerTime[] Layers);

/// <summary>Another runtime in the same run: same input, same number of threads, in turn with ours.</summary>
internal sealed record PeerReport(string Name, string Version, double MedianMs, double MinMs);

/// <summary>One step: median time in microseconds and share of the sum of all.</summary>
internal sealed record LayerTime(string Name, string Operator, string Backend, string Kernel, double Us, double Share, double Gflops, double Gbps);
