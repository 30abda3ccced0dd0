namespace EdgeRuntime.Tools.Benchmark;

/// <summary>
/// One step of a model, executed alone in every way that this machine can execute it; its JSON is a contract, described in docs/benchmarks.md. Operations count a multiply-add as two, bytes are those of
/// all operands, each once.
/// </summary>
internal sealed record KernelReport(string Model, string Layer, string Operator, string[] Inputs, string[] Outputs, int Threads, long Operations, long Bytes, string Arithmetic, PeakFigures Peaks, KernelTime[] Kernels);

/// <summary>
/// One way. Us and min_us are the median and the least time of an execution when the operands of the last one are still in the caches, cold_us the median when they are not, or null. Difference is the largest from
/// the operator's definition, relative for floats as <c>verify</c> has it and absolute for integers.
/// </summary>
internal sealed record KernelTime(string Kernel, string Choice, int Lanes, bool IsAutomatic, double Us, double MinUs, double? ColdUs, double Gflops, double PeakShare, double Difference, bool Matches)
{
    /// <summary>The name of the operator's definition.</summary>
    internal const string Definition = "evaluate";
}
